// Goal: what is expected of lists of which nothing is known yet follows what the others took, and
// what a list of whole workspaces tells of its repositories is told from what it tells of people.
// Method: the pure parts, case by case.
#include "connector/sync/forecast.hpp"
#include "connector/sync/guards.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>

using namespace evidenced;
using namespace evidenced::connector;
using namespace std::chrono_literals;
using bitbucket::find_stream;

TEST_CASE("a list of which nothing is known takes a page, and an object a request a path",
          "[sync]") {
  const Forecast forecast;
  CHECK(forecast.requests(*find_stream("pull_request"), "{a}") == 1);
  CHECK(forecast.requests(*find_stream("pull_request_activity"), "{a}") == 1);
  CHECK(forecast.requests(*find_stream("repository_grant"), "{a}") == 2);
  CHECK(forecast.requests(*find_stream("main_branch"), "{a}") == 1);
}

TEST_CASE("what happened to pull requests is expected in proportion to them", "[sync]") {
  Forecast forecast;
  forecast.tell("{small}", 4);
  forecast.tell("{large}", 2000);
  const bitbucket::Stream& activity = *find_stream("pull_request_activity");
  CHECK(forecast.requests(activity, "{small}") == 1);
  CHECK(forecast.requests(activity, "{large}") == 241);
  CHECK(forecast.requests(*find_stream("deployment"), "{large}") == 16);
  // Of one of which nothing was told yet, as of the average.
  CHECK(forecast.requests(activity, "{unknown}") == 121);
  CHECK(forecast.requests(*find_stream("branching_model"), "{large}") == 1);
}

TEST_CASE("what the others took counts more and more", "[sync]") {
  Forecast forecast;
  const bitbucket::Stream& activity = *find_stream("pull_request_activity");
  for (int i = 0; i < 10; ++i) {
    const std::string repository = fmt::format("{{{}}}", i);
    forecast.tell(repository, 1000);
    // Said twice, it counts once.
    forecast.learn(activity, repository, 400);
    forecast.learn(activity, repository, 40);
  }
  forecast.tell("{next}", 1000);
  const std::int64_t expected = forecast.requests(activity, "{next}");
  CHECK(expected >= 38);
  CHECK(expected <= 44);
  const bitbucket::Stream& pull_requests = *find_stream("pull_request");
  for (int i = 0; i < 20; ++i) {
    forecast.learn(pull_requests, fmt::format("{{{}}}", i), 20);
  }
  CHECK(forecast.requests(pull_requests, "{next}") == 16);
}

TEST_CASE("how likely a look finds something follows what looks have found", "[sync]") {
  Unrest unrest;
  CHECK(unrest.chance(0s) == 0);
  CHECK(unrest.chance(72h) > 0.6);
  CHECK(unrest.chance(72h) < 0.7);
  Unrest quiet;
  Unrest busy;
  for (int i = 0; i < 5000; ++i) {
    quiet.look(1h, i % 240 == 0);
    busy.look(1h, i % 3 == 0);
  }
  CHECK(quiet.chance(24h) < 0.15);
  CHECK(busy.chance(3h) > 0.5);
}

TEST_CASE("a change of access counts where it happened, and not where a person came or left",
          "[sync]") {
  const Timestamp then{std::chrono::milliseconds(1795521600000)};
  std::vector<GuardChange> changes;
  for (int i = 0; i < 60; ++i) {
    changes.push_back({fmt::format("{{{}}}", i), "/{newcomer}", "syn_1", then});
  }
  changes.push_back({"{7}", "/{colleague}", "syn_1", then + 1h});
  changes.push_back({"{7}", "/{newcomer}", "syn_2", then + 24h});
  const auto latest = changes_of_repositories(changes, 100);
  REQUIRE(latest.size() == 1);
  CHECK(latest.at("{7}") == then + 24h);
  // Where there are few repositories, all of them may have changed.
  changes.resize(20);
  CHECK(changes_of_repositories(changes, 20).size() == 20);
}
