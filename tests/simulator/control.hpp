#pragma once

#include "tests/simulator/replay.hpp"
#include "tests/simulator/simulator.hpp"

#include <string>

namespace evidenced::simulator {

/// The controls of `bitbucket-sim`, below /_sim/ on the same port:
///
///   GET    /_sim/status            {"requests", "by_status", "by_group", "repositories", …}
///   POST   /_sim/mutate?n=200      changes the world; `kinds` is a sum of MutationKind bits;
///                                  answers {"changes": ["approve pull request …"]}
///   POST   /_sim/live              lives up to now; ?minutes=N: N minutes more, at once; answers
///                                  {"changes": […]}
///   GET    /_sim/expected          NDJSON {"kind", "key", "json"}: what a complete walk of the
///   first
///                                  eight kinds ends with; ?all=1: of all kinds; ?kind=commit
///                                  (repeated): of these; ?token=N for another credential than the
///                                  first; ?counts=1 for {"pull_request": 3000, …} alone
///   POST   /_sim/switches          a JSON object of scenario.hpp
///   POST   /_sim/faults            one fault; DELETE clears all
///   POST   /_sim/tokens            issues a credential: {"index", "email", "token"}
///   POST   /_sim/tokens/N          {"revoked": true, "hidden": […], "forbidden": […], "role":
///                                  "member", "administrated_projects": [key],
///                                  "administrated_repositories": [uuid], "scopes": […]}
///   GET    /_sim/requests          NDJSON of the log; DELETE empties it
///   GET    /_sim/repositories      [{"workspace", "slug", "uuid", "pull_requests"}]
///
/// While recordings are replayed there are only
///
///   GET    /_sim/served            NDJSON {"kind", "source", "identity", "parent", "body"}: what
///   the
///                                  lists show in this round; ?all=1: in all rounds
///   POST   /_sim/round?n=1         starts another round; answers {"round", "rounds"}
///   GET    /_sim/status            {"requests", "round", "rounds"}
///
/// 400 with a sentence for what it does not understand.
class Control {
 public:
  explicit Control(Simulator& simulator) : simulator_(simulator) {}

  static bool owns(const SimRequest& request) { return request.target.starts_with("/_sim/"); }
  SimResponse answer(const SimRequest& request, const std::string& body);

  void add_token(Token& token) { tokens_.push_back(&token); }

 private:
  SimResponse status();
  SimResponse expected(const std::string& target);
  SimResponse live(std::size_t minutes);
  SimResponse requests();
  SimResponse repositories();
  SimResponse change_token(std::size_t index, const std::string& body);
  SimResponse issue(const std::string& body);
  Token& token_at(std::size_t index);

  Simulator& simulator_;
  std::vector<Token*> tokens_;
};

/// The controls while recordings are replayed.
SimResponse control_replay(Replay& replay, const SimRequest& request);

}  // namespace evidenced::simulator
