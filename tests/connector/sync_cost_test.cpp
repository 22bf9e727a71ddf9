// Goal: the request costs that design/collection.md promises hold with every stream that there is.
// Method: the reference repository, whole and then a quiet day later, on virtual time.
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"

#include <iostream>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using storage::SyncResult;

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

  lab.run_for(24h);
  lab.bitbucket().clear_log();
  const storage::Sync quiet = lab.run_sync(source);
  INFO(describe(quiet));
  REQUIRE(quiet.result == SyncResult::succeeded);
  std::cout << "a quiet day later: " << quiet.requests_done << " requests, "
            << lab.requests("repositories") << " of them of the group of repositories\n";
  CHECK(lab.requests("repositories") <= 30);
}
