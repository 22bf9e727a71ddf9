// Goal: whatever goes wrong with a whole stream or host, a sync is never called complete, nothing
// is taken for removed, and the next sync heals (promise P3; T-14 to T-16, T-20). Method: answers
// that concern all of it; single pages are page_faults_test's.
#include "tests/connector/sync_faults.hpp"

#include "tests/catch.hpp"
#include "tests/simulator/bodies.hpp"

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using simulator::Fault;
using storage::StreamState;
using storage::SyncMode;
using storage::SyncResult;

TEST_CASE("an API that is gone for one partition is a gap of that one", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  Fault gone = answer(410, "{\"error\":{\"message\":\"CHANGE-2770\"}}", "/2.0/repositories/");
  gone.contains = "/branch-restrictions";
  gone.count = 1;
  lab.bitbucket().add_fault(gone);
  lab.settings().connector.account_concurrency = 1;
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  const storage::SyncStream row = stream(sync, "branch_restriction");
  CHECK(row.state == StreamState::incomplete);
  CHECK(row.error->code == "upstream.removed");
  CHECK(row.error->partitions_failed == 1);
  CHECK(row.requests == 2);
  CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("an API that was removed stops its stream after two answers", "[sync]") {
  simulator::WorldOptions options = small();
  options.repositories = 5;
  SyncLab lab(options);
  const std::string source = lab.add_source();
  Fault gone = answer(410, "{\"error\":{\"message\":\"CHANGE-2770\"}}", "/2.0/repositories/");
  gone.contains = "/branch-restrictions";
  lab.bitbucket().add_fault(gone);
  lab.settings().connector.account_concurrency = 1;
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  const storage::SyncStream row = stream(sync, "branch_restriction");
  CHECK(row.state == StreamState::unavailable);
  CHECK(row.error->code == "upstream.removed");
  CHECK(row.requests == 2);
  CHECK(row.error->partitions_failed == 5);
  CHECK(stream(sync, "repository_grant").complete);
}

TEST_CASE("a stream that gets no answer is left after three walks, a dead host after one",
          "[sync]") {
  simulator::WorldOptions options = small();
  options.repositories = 12;
  SyncLab lab(options);
  const std::string source = lab.add_source();
  lab.settings().connector.account_concurrency = 1;
  lab.start();

  SECTION("one stream") {
    Fault down = answer(503, "", "/2.0/repositories/");
    down.contains = "/branch-restrictions";
    lab.bitbucket().add_fault(down);
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::partial);
    CHECK(stream(sync, "branch_restriction").requests == 3 * 6);
    CHECK(stream(sync, "branch_restriction").error->partitions_failed == 12);
    CHECK(stream(sync, "repository_grant").complete);
  }
  SECTION("everything") {
    lab.bitbucket().add_fault(answer(503, "", "/"));
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::failed);
    REQUIRE(sync.error);
    CHECK(sync.error->code == "upstream.unavailable");
    CHECK(sync.requests_done == 6);
    CHECK(stream(sync, "pull_request").state == StreamState::failed);
  }
  lab.bitbucket().clear_faults();
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a repository that never answers keeps no other waiting", "[sync]") {
  simulator::WorldOptions options = small();
  options.repositories = 6;
  SyncLab lab(options);
  const std::string source = lab.add_source();
  const std::string broken = lab.world().workspaces[0]->repositories[0]->uuid;
  Fault down = answer(500, "", "/2.0/repositories/");
  const bool all_of_it = GENERATE(false, true);
  down.contains = "/" + simulator::encode_uuid(broken) + "/";
  if (!all_of_it) down.contains += "effective-branching-model";
  lab.bitbucket().add_fault(down);
  lab.start();
  for (const auto mode : {SyncMode::full, SyncMode::incremental, SyncMode::full}) {
    const storage::Sync sync = lab.run_sync(source, mode);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::partial);
    CHECK_FALSE(sync.error.has_value());
    for (const storage::SyncStream& row : sync.streams) {
      INFO(row.name);
      CHECK((row.state != StreamState::failed || row.error->partitions_failed == 1));
    }
  }
  lab.bitbucket().clear_faults();
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a workspace that was shut takes nothing from the others", "[sync]") {
  simulator::WorldOptions options = small();
  options.workspaces = 2;
  SyncLab lab(options);
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  const std::string shut = lab.world().workspaces[1]->slug;
  lab.bitbucket().switches.spam.insert(shut);
  for (int n = 0; n < 2; ++n) {
    const storage::Sync sync = lab.run_sync(source, SyncMode::full);
    INFO(describe(sync));
    const storage::SyncStream row = stream(sync, "branch_restriction");
    REQUIRE(row.error);
    CHECK(row.error->code == "stream.not_found");
    CHECK(row.error->partitions_failed == 1);
    CHECK(row.partitions_done == row.partitions_total);
    CHECK(row.partitions_total == 2);
  }
  CHECK(lab.drifts(source).empty());
  lab.bitbucket().switches.spam.clear();
  CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a server that cannot be trusted stops the sync at once", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  lab.network().breaks = [](const std::string& target) -> std::optional<Error> {
    if (target.find("/projects") == std::string::npos) return std::nullopt;
    return fail("upstream.tls_untrusted", "self-signed").error();
  };
  const std::size_t before = lab.requests();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::failed);
  CHECK(sync.error->code == "upstream.tls_untrusted");
  CHECK(lab.requests() - before <= 5);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a walk of 429s waits, visibly, and gives up at last", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  Fault busy = answer(429, "Rate limit for this resource has been exceeded", "/2.0/repositories/");
  lab.bitbucket().add_fault(busy);
  lab.start();
  const std::string id = lab.queue(source);
  REQUIRE(lab.run_until([&] { return lab.sync(id).waiting_until.has_value(); }, 1h));
  CHECK(*lab.sync(id).waiting_until > lab.clock().now() + 30s);
  const storage::Sync sync = lab.run_to_end(id);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::partial);
  CHECK(sync.error->code == "upstream.rate_limited");
  CHECK_FALSE(sync.waiting_until);
  CHECK(stream(sync, "project").complete);
  CHECK(stream(sync, "repository").requests <= 12);
}
