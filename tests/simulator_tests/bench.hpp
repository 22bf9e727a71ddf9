#pragma once

#include "config/clock.hpp"
#include "tests/simulator/simulator.hpp"

#include <boost/json/parse.hpp>

#include <set>
#include <string>
#include <vector>

namespace evidenced::simulator {

/// A clock that stands still until it is moved.
class HandClock final : public Clock {
 public:
  Timestamp now() const override {
    return WorldOptions{}.now + std::chrono::floor<std::chrono::milliseconds>(elapsed);
  }
  SteadyTime steady() const override { return SteadyTime(elapsed); }
  Task<void> sleep_until(SteadyTime) override { co_return; }

  std::chrono::nanoseconds elapsed{0};
};

/// A simulator, a credential that may read everything, and verbs to ask with it.
class Bench {
 public:
  explicit Bench(WorldOptions options = {})
      : simulator(World(options), clock), token(simulator.add_token(options_of_token())) {}

  /// What is expected of a collection leaves out the address of the account that asks: no commit
  /// has this one.
  static TokenOptions options_of_token() {
    TokenOptions made;
    made.email = "token@example.com";
    return made;
  }

  SimResponse get(std::string target, std::string authorization) {
    SimRequest request;
    request.target = std::move(target);
    request.headers = {{"host", "api.bitbucket.org"}};
    if (!authorization.empty()) request.headers.emplace_back("authorization", authorization);
    return simulator.answer(request);
  }
  SimResponse get(std::string target) { return get(std::move(target), token.authorization); }

  json::value body(std::string target) { return json::parse(get(std::move(target)).body); }

  /// Follows `next` to the end (at most 1,000 pages).
  std::vector<json::value> walk(std::string target) {
    std::vector<json::value> rows;
    for (int page = 0; !target.empty() && page < 1000; ++page) {
      const json::value answer = body(target);
      for (const json::value& row : answer.at("values").as_array()) rows.push_back(row);
      const json::value* next = answer.as_object().if_contains("next");
      target = next == nullptr ? "" : std::string(next->as_string());
      if (!target.empty()) target = target.substr(std::string("https://api.bitbucket.org").size());
    }
    return rows;
  }

  Workspace& workspace() { return *simulator.world().workspaces.front(); }
  /// The repository with most pull requests.
  Repository& busiest() {
    Repository* best = workspace().repositories.front().get();
    for (auto& candidate : workspace().repositories) {
      if (candidate->pull_requests.size() > best->pull_requests.size()) best = candidate.get();
    }
    return *best;
  }
  std::string path() { return "/2.0/repositories/" + workspace().slug + "/" + busiest().slug; }

  HandClock clock;
  Simulator simulator;
  Token& token;
};

inline std::string message_of(const SimResponse& response) {
  return std::string(json::parse(response.body).at("error").at("message").as_string());
}

}  // namespace evidenced::simulator
