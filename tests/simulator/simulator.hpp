#pragma once

#include "config/clock.hpp"
#include "tests/simulator/bodies.hpp"
#include "tests/simulator/bodies_delivery.hpp"
#include "tests/simulator/bodies_setup.hpp"
#include "tests/simulator/faults.hpp"
#include "tests/simulator/secrets.hpp"
#include "tests/simulator/switches.hpp"
#include "tests/simulator/tokens.hpp"
#include "tests/simulator/world.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::simulator {

/// A request as Bitbucket would get it.
struct SimRequest {
  std::string method = "GET";
  std::string target;                                        ///< "/2.0/user?pagelen=1"
  std::vector<std::pair<std::string, std::string>> headers;  ///< lower-case names

  std::string_view header(std::string_view name) const;
};

/// What the network does to an answer on its way.
enum class Damage {
  none,
  reset_before,
  reset_mid_body,
  truncate,
  slow,
  never,
  gzip_truncate,
  gzip_corrupt,
  gzip_bomb
};

struct SimResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< not encoded; whoever carries it may gzip it
  Damage damage = Damage::none;
  std::chrono::milliseconds delay{0};  ///< with Damage::slow
  std::uint64_t inflated = 0;          ///< with Damage::gzip_bomb: bytes after decoding

  std::string_view header(std::string_view name) const;
};

/// One request and its answer, as kept in the log: what went over the wire.
struct LogEntry {
  SimRequest request;
  int status = 0;
  SteadyTime at{};
  std::string group;    ///< of the rate limit: "repositories", "other", "webhooks", "mergeability"
  std::string account;  ///< whose budget it used; "" when none
};

/// One object as a complete walk with a credential must end with.
struct ExpectedObject {
  std::string kind;              ///< "pull_request"
  std::vector<std::string> key;  ///< uuids and ids that name it within its kind
  boost::json::value json;       ///< as the list (or the item, for single things) shows it

  std::string name() const;  ///< "pull_request {…}/17"
};

/// account, workspace, workspace_member, project, repository, repository_grant, branch_restriction,
/// pull_request.
const std::set<std::string>& first_kinds();
/// These and all others of the collection.
const std::set<std::string>& all_kinds();

/// Bitbucket Cloud's read API over a World: pure but for the world and the clock it is given. Not
/// thread-safe. `clock` outlives it.
class Simulator {
 public:
  Simulator(World world, const Clock& clock);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  World& world() { return world_; }
  Switches switches;

  /// Issues a credential; references stay valid.
  Token& add_token(TokenOptions options = {});

  void add_fault(Fault fault) { faults_.push_back(std::move(fault)); }
  void clear_faults() { faults_.clear(); }

  /// Never throws for what a client sends.
  SimResponse answer(const SimRequest& request);

  const std::vector<LogEntry>& log() const { return log_; }
  void clear_log() { log_.clear(); }

  /// The most requests of an account and group in the log within any 60 minutes.
  std::size_t busiest_hour(const std::string& account, const std::string& group) const;

  /// Everything that a complete walk with `token` ends with, of these kinds, sorted by kind and
  /// key. What scopes, roles and plans withhold is not there. `fields` overrides the request form
  /// of a kind: {"pull_request", "+values.participants"}. Nothing is scrubbed. Of "merge_check"
  /// there is the answer for each open pull request, of "build_status" what is built elsewhere.
  std::vector<ExpectedObject> expected(const Token& token,
                                       const std::map<std::string, std::string>& fields = {},
                                       const std::set<std::string>& kinds = first_kinds());

  /// World changes at the simulator's own time.
  std::vector<std::string> mutate(std::size_t steps, unsigned kinds = mutate_all) {
    return world_.mutate(steps, clock_.now(), kinds);
  }
  /// Lives up to the simulator's own time.
  std::vector<std::string> live() { return world_.live(clock_.now()); }
  /// Lives so much longer at once, ahead of the simulator's own time.
  std::vector<std::string> live(std::chrono::milliseconds more) {
    return world_.live(world_.lived_until() + more);
  }

 private:
  friend class Exchange;
  friend struct Routes;

  bool take_from_budget(const std::string& account, const std::string& group, std::int64_t limit);

  World world_;
  const Clock& clock_;
  Bodies bodies_;
  SetupBodies setup_bodies_;
  DeliveryBodies delivery_bodies_;
  std::deque<Token> tokens_;
  std::vector<Fault> faults_;
  std::vector<LogEntry> log_;
  std::map<std::string, std::deque<SteadyTime>> budgets_;
  std::uint64_t requests_ = 0;
  Dice dice_{42};
};

}  // namespace evidenced::simulator
