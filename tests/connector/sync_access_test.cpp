// Goal: what the account may not read is a visible gap, and what it could read yesterday is a loss
// (promise P3; C7; T-15). Method: tokens of the simulated Bitbucket lose scopes, roles and
// repositories, or meet an endpoint that refuses them.
#include "tests/connector/sync_access.hpp"

#include "tests/catch.hpp"

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using storage::SourceState;
using storage::StreamState;
using storage::SyncMode;
using storage::SyncResult;

TEST_CASE("a scope that was never there is a gap, costs one request, and spoils nothing",
          "[sync]") {
  SyncLab lab(six_repositories());
  lab.token().scopes = simulator::read_scopes();
  lab.settings().connector.account_concurrency = 1;
  const std::string source = lab.add_source();
  lab.start();
  for (int i = 0; i < 2; ++i) {
    const storage::Sync sync = lab.run_sync(source, SyncMode::full);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::succeeded);
    const storage::SyncStream row = stream(sync, "branch_restriction");
    CHECK(row.state == StreamState::unavailable);
    CHECK_FALSE(row.complete);
    REQUIRE(row.error);
    CHECK(row.error->code == "credential.scope_missing");
    CHECK(row.error->scopes == std::vector<std::string>{"admin:repository:bitbucket"});
    CHECK(row.requests == 1);
    CHECK(stream(sync, "pull_request").complete);
    CHECK(lab.differences(source) == nothing);
  }
  lab.run_for(1h);
  const storage::Sync hourly = lab.run_sync(source);
  CHECK(stream(hourly, "branch_restriction").state == StreamState::unavailable);
  CHECK(hourly.result == SyncResult::succeeded);

  lab.token().scopes = simulator::read_and_control_scopes();
  const storage::Sync granted = lab.run_sync(source, SyncMode::full);
  INFO(describe(granted));
  CHECK(stream(granted, "branch_restriction").complete);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a scope that is taken away is a loss once, then a gap, and nothing is removed",
          "[sync]") {
  SyncLab lab(six_repositories());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  const std::size_t live = lab.stored(source).size();
  lab.token().scopes = simulator::read_scopes();
  const storage::Sync lost = lab.run_sync(source, SyncMode::full);
  INFO(describe(lost));
  CHECK(lost.result == SyncResult::partial);
  CHECK(stream(lost, "branch_restriction").state == StreamState::unavailable);
  const storage::Sync known = lab.run_sync(source, SyncMode::full);
  INFO(describe(known));
  CHECK(known.result == SyncResult::succeeded);
  CHECK(stream(known, "branch_restriction").state == StreamState::unavailable);
  CHECK(lab.stored(source).size() == live);
  CHECK(lab.removed(source) == 0);
}

TEST_CASE("a repository that answers 403 below the list is marked, the others complete", "[sync]") {
  SyncLab lab(six_repositories());
  const std::string uuid = lab.world().workspaces[0]->repositories[0]->uuid;
  const std::string source = lab.add_source();
  lab.start();

  SECTION("from the first sync on: a gap") {
    lab.token().forbidden_repositories.insert(uuid);
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::succeeded);
    for (const char* name : {"pull_request", "branch_restriction", "repository_grant"}) {
      CHECK(stream(sync, name).state == StreamState::incomplete);
      CHECK(stream(sync, name).error->code == "stream.forbidden");
      CHECK(stream(sync, name).error->partitions_failed == 1);
    }
    CHECK(lab.differences(source) == nothing);
  }
  SECTION("readable yesterday: a loss, then a gap, then back") {
    REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
    const std::size_t live = lab.stored(source).size();
    lab.token().forbidden_repositories.insert(uuid);
    const storage::Sync lost = lab.run_sync(source, SyncMode::full);
    INFO(describe(lost));
    CHECK(lost.result == SyncResult::partial);
    CHECK(stream(lost, "pull_request").state == StreamState::incomplete);
    const storage::Sync known = lab.run_sync(source, SyncMode::full);
    INFO(describe(known));
    CHECK(known.result == SyncResult::succeeded);
    CHECK(stream(known, "pull_request").state == StreamState::incomplete);
    CHECK(lab.stored(source).size() == live);
    lab.token().forbidden_repositories.clear();
    const storage::Sync back = lab.run_sync(source, SyncMode::full);
    CHECK(back.result == SyncResult::succeeded);
    CHECK(stream(back, "pull_request").complete);
  }
  SECTION("hidden while the sync runs: it is not listed, but walked") {
    simulator::Fault hide;
    hide.kind = simulator::FaultKind::action;
    hide.contains = "/pullrequests";
    hide.action = [&] { lab.token().forbidden_repositories.insert(uuid); };
    lab.bitbucket().add_fault(hide);
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(stream(sync, "repository_grant").state == StreamState::incomplete);
    CHECK(stream(sync, "repository_grant").partitions_done == 6);
  }
}

TEST_CASE("roles that are missing are gaps of the streams that need them", "[sync]") {
  SyncLab lab(six_repositories());
  lab.token().role = simulator::Role::member;
  const std::string source = lab.add_source();
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  CHECK(stream(sync, "repository_grant").state == StreamState::unavailable);
  CHECK(stream(sync, "repository_grant").error->code == "stream.forbidden");
  CHECK(stream(sync, "repository_grant").error->partitions_failed == 6);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("who administrates some repositories reads the access to those, one by one", "[sync]") {
  SyncLab lab(six_repositories());
  const auto& repositories = lab.world().workspaces[0]->repositories;
  lab.token().role = simulator::Role::member;
  lab.token().administrated_repositories = {repositories[0]->uuid, repositories[1]->uuid};
  const std::string source = lab.add_source();
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  CHECK(stream(sync, "repository_access").state == StreamState::unavailable);
  const storage::SyncStream one_by_one = stream(sync, "one_repository_access");
  CHECK(one_by_one.state == StreamState::incomplete);
  CHECK(one_by_one.partitions_done == 6);
  REQUIRE(one_by_one.error);
  CHECK(one_by_one.error->partitions_failed == 4);
  CHECK(lab.differences(source) == nothing);

  // Who administrates the workspace has all in one list, and nothing is lost on the way.
  lab.token().role = simulator::Role::admin;
  for (int i = 0; i < 2; ++i) {
    lab.run_for(1h);
    lab.bitbucket().clear_log();
    const storage::Sync whole = lab.run_sync(source, SyncMode::full);
    INFO(describe(whole));
    CHECK(stream(whole, "repository_access").complete);
    CHECK(stream(whole, "one_repository_access").requests == 0);
    CHECK(lab.differences(source) == nothing);
  }
  CHECK(lab.removed(source) == 0);
}

TEST_CASE("an endpoint that refuses a credential that lives is a gap, and costs one minute at most",
          "[sync]") {
  SyncLab lab(six_repositories());
  const std::string source = lab.add_source();
  lab.settings().connector.account_concurrency = 1;
  lab.start();
  const bool before = GENERATE(false, true);
  if (before) REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  const std::size_t live = lab.stored(source).size();
  simulator::Fault refusal;
  refusal.kind = simulator::FaultKind::unauthorized;
  refusal.path = "/2.0/repositories/";
  refusal.contains = "/branch-restrictions";
  refusal.count = 0;
  lab.bitbucket().add_fault(refusal);
  lab.bitbucket().clear_log();
  const storage::Sync sync = lab.run_sync(source, SyncMode::full);
  INFO(describe(sync));
  CHECK(sync.result == (before ? SyncResult::partial : SyncResult::succeeded));
  CHECK(*sync.finished_at - *sync.started_at < 90s);
  CHECK(lab.source(source).state == SourceState::active);
  const storage::SyncStream row = stream(sync, "branch_restriction");
  CHECK(row.state == StreamState::unavailable);
  CHECK(row.partitions_done == 6);
  REQUIRE(row.error);
  CHECK(row.error->code == "stream.forbidden");
  CHECK(row.error->detail == "401, though /2.0/user accepts the credential");
  CHECK(row.requests == 6 + 1);
  CHECK(stream(sync, "repository_grant").complete);
  CHECK(lab.stored(source).size() >= live);
  CHECK(lab.removed(source) == 0);
}
