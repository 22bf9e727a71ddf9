// What a whole workspace costs; takes minutes, so it runs only by name:
// build/dev/tests/test_connector "[.workspace]".
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"

#include <iostream>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using storage::SyncResult;

TEST_CASE("what a workspace of 100 people, 500 repositories and 20,000 pull requests costs",
          "[.workspace]") {
  simulator::WorldOptions options;
  options.people = 100;
  options.projects = 20;
  options.repositories = 500;
  options.pull_requests = 20'000;
  options.with_pipelines = 40;
  options.left_open = 7;
  SyncLab lab(options);
  const std::string source = lab.add_source();
  lab.start();
  const storage::Sync first = lab.run_sync(source);
  std::cout << "first: " << lab.requests("repositories")
            << " requests of the group of repositories (promised: 6,500)\n"
            << describe(first);
  REQUIRE(first.result == SyncResult::succeeded);
  lab.bitbucket().switches.lives = true;
  std::size_t sum = 0;
  constexpr int hours = 30;
  for (int hour = 1; hour <= hours; ++hour) {
    lab.bitbucket().clear_log();
    lab.run_for(1h);
    const storage::Sync sync = lab.run_sync(source);
    REQUIRE(sync.result == SyncResult::succeeded);
    const std::size_t requests = lab.requests("repositories");
    if (hour > hours - 24) sum += requests;
    std::cout << "hour " << hour << ": " << requests << '\n';
    if (hour == hours) std::cout << describe(sync);
  }
  std::cout << "on average of the last day: " << sum / 24 << " (promised: 260)\n";
}
