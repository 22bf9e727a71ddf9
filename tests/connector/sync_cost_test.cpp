// Goal: the request costs that design/collection.md promises hold with every stream that there is.
// Method: the reference repository, whole and then a quiet day later, on virtual time.
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <vector>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using storage::SyncResult;

namespace {

/// What a sync said once a tenth of it was done, and what it took.
struct Plan {
  double said = 0;
  double took = 0;

  bool holds() const { return std::abs(said - took) <= std::max(took / 10, 1.0); }
};

Plan watch(SyncLab& lab, const std::string& id) {
  std::vector<storage::Sync> moments{lab.sync(id)};
  while (moments.back().state != storage::SyncState::done) {
    lab.run_for(1s);
    moments.push_back(lab.sync(id));
  }
  INFO(describe(moments.back()));
  CHECK(moments.back().result == SyncResult::succeeded);
  const std::int64_t took = moments.back().requests_done;
  const auto early = std::ranges::find_if(
      moments, [took](const storage::Sync& moment) { return moment.requests_done * 10 >= took; });
  return {static_cast<double>(early->requests_planned), static_cast<double>(took)};
}

struct Fixture {
  const char* name;
  std::size_t repositories;
  std::size_t pull_requests;
  std::size_t with_pipelines;
};

}  // namespace

TEST_CASE("the reference repository costs at most 400 requests, and 30 on a quiet day", "[sync]") {
  SyncLab lab(simulator::WorldOptions::reference_repository());
  const std::string source = lab.add_source();
  lab.start();
  const storage::Sync first = lab.run_sync(source);
  INFO(describe(first));
  REQUIRE(first.result == SyncResult::succeeded);
  std::cout << "reference repository: " << first.requests_done << " requests, "
            << lab.requests("repositories") << " of them of the group of repositories\n";
  CHECK(first.requests_done <= 400);
  CHECK(lab.differences(source) == std::vector<std::string>{});

  lab.run_for(23h);
  lab.world().live_quietly(*lab.world().workspaces.front()->repositories.front(),
                           lab.clock().now());
  lab.run_for(1h);
  lab.bitbucket().clear_log();
  const storage::Sync quiet = lab.run_sync(source);
  INFO(describe(quiet));
  REQUIRE(quiet.result == SyncResult::succeeded);
  std::cout << "a quiet day later: " << quiet.requests_done << " requests, "
            << lab.requests("repositories") << " of them of the group of repositories\n";
  CHECK(lab.requests("repositories") <= 30);
  CHECK(lab.differences(source) == std::vector<std::string>{});
}

TEST_CASE("early in a sync its plan holds within a tenth, in the first one and in those after",
          "[sync]") {
  constexpr Fixture fixtures[] = {{"small ones", 60, 240, 60},
                                  {"some large ones", 20, 2'000, 40},
                                  {"no pipelines", 40, 400, 0},
                                  {"all with pipelines", 30, 900, 100}};
  for (const Fixture& fixture : fixtures) {
    INFO(fixture.name);
    simulator::WorldOptions options;
    options.people = 10;
    options.repositories = fixture.repositories;
    options.pull_requests = fixture.pull_requests;
    options.with_pipelines = fixture.with_pipelines;
    options.restrictions = 1;
    options.life_per_day = fixture.repositories;
    SyncLab lab(options);
    const std::string source = lab.add_source();
    lab.start();
    const Plan first = watch(lab, lab.queue(source));
    std::cout << fixture.name << ": planned " << first.said << " and took " << first.took << '\n';
    CHECK(first.holds());
    lab.bitbucket().switches.lives = true;
    Plan sum;
    for (int hours = 1; hours <= 32; hours *= 2) {
      lab.run_for(std::chrono::hours(hours));
      const Plan later = watch(lab, lab.queue(source));
      std::cout << "  after " << hours << " h more: planned " << later.said << " and took "
                << later.took << '\n';
      sum.said += later.said;
      sum.took += later.took;
    }
    CHECK(sum.holds());
  }
}

TEST_CASE("after a first sync of many hours nothing is read again that was read since it changed",
          "[sync]") {
  simulator::WorldOptions options;
  options.people = 10;
  options.repositories = 20;
  options.pull_requests = 4'000;
  options.with_pipelines = 100;
  SyncLab lab(options);
  lab.settings().connector.requests_per_hour = 200;
  const std::string source = lab.add_source();
  lab.start();
  const Timestamp start = lab.clock().now();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  REQUIRE(lab.clock().now() - start > 3h);
  const bool restarts = GENERATE(false, true);
  if (restarts) lab.restart();
  lab.run_for(1h);
  const storage::Sync later = lab.run_sync(source);
  INFO(describe(later));
  CHECK(stream(later, "commit").requests == 0);
  CHECK(stream(later, "deployment").requests == 0);
  CHECK(stream(later, "pull_request_activity").requests == 0);
  CHECK(lab.differences(source) == std::vector<std::string>{});
}
