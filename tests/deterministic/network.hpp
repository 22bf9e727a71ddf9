#pragma once

#include "connector/http_transport.hpp"
#include "tests/deterministic/trace.hpp"
#include "tests/simulator/simulator.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace evidenced::deterministic {

/// What the way to Bitbucket and Bitbucket itself do wrong, and how often; 0 is never.
struct NetworkFaults {
  std::uint32_t one_in = 0;                 ///< requests that meet one of `kinds`
  std::vector<simulator::FaultKind> kinds;  ///< see `meetable`
  std::chrono::milliseconds slowest{0};     ///< how late a request or an answer may be
  std::uint32_t lost_one_in = 0;            ///< requests that never arrive
  std::chrono::minutes between_storms{0};   ///< of 429 or 503, of one group or of all
  std::chrono::minutes storm{10};
  bool lies = false;                ///< lists that end early, each once
  std::uint32_t change_one_in = 0;  ///< requests before which the world changes
  std::size_t changes = 1;
  unsigned change_kinds = simulator::mutate_without_names;
};

/// Faults that a single answer may meet.
const std::vector<simulator::FaultKind>& meetable();

/// The connector's way out to a simulated Bitbucket, as bad as `faults` says. The world lives up to
/// now before each request.
class Network final : public connector::HttpTransport {
 public:
  struct Parts {
    simulator::Simulator& bitbucket;
    Clock& clock;
    simulator::Dice& dice;
    Trace& trace;
    std::function<bool()> reachable;  ///< false: the machine is off
  };
  explicit Network(Parts parts);

  Task<Result<connector::HttpResponse>> get(connector::GetRequest request) override;
  std::string_view origin() const override { return inner_->origin(); }

  NetworkFaults faults;
  bool calm = false;  ///< no faults, whatever `faults` says
  bool world_stands_still = false;

  int in_flight() const { return in_flight_; }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t lies_told() const { return lied_to_.size(); }
  std::uint64_t world_changes() const { return world_changes_; }

 private:
  struct Count;

  simulator::SimResponse answer(const simulator::SimRequest& request);
  void live();
  void meet(const simulator::SimRequest& request);
  bool storming(const std::string& target);
  bool lie(const std::string& target);
  void arm(const simulator::SimRequest& request, simulator::FaultKind kind);
  std::chrono::milliseconds some_delay();

  Parts parts_;
  std::unique_ptr<connector::HttpTransport> inner_;
  std::set<std::string> lied_to_;
  SteadyTime storm_starts_{};
  SteadyTime storm_ends_{};
  std::size_t storm_kind_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t world_changes_ = 0;
  int in_flight_ = 0;
};

}  // namespace evidenced::deterministic
