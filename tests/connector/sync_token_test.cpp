// Goal: a token that dies costs one notice, not evidence, and a new one goes on (S9, S10; T-16).
// Method: tokens of the simulated Bitbucket die, live again, or are replaced.
#include "tests/catch.hpp"
#include "tests/connector/sync_access.hpp"

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using storage::SourceState;
using storage::SyncMode;
using storage::SyncResult;

TEST_CASE("a token that dies in a sync is confirmed after a minute, then asked no more", "[sync]") {
  SyncLab lab(six_repositories());
  SourceOptions scheduled;
  scheduled.scheduled = true;
  const std::string source = lab.add_source(scheduled);
  lab.start();
  lab.run_for(1min);
  REQUIRE(lab.syncs(source).size() == 1);
  REQUIRE(lab.syncs(source)[0].result == SyncResult::succeeded);
  const auto before_death = lab.stored(source);
  lab.bitbucket().clear_log();
  lab.token().dies_after = lab.token().requests + 9;

  const Timestamp start = lab.clock().now();
  const storage::Sync sync = lab.run_sync(source, SyncMode::full);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::failed);
  REQUIRE(sync.error);
  CHECK(sync.error->code == "credential.expired_or_revoked");
  CHECK(lab.clock().now() - start >= 60s);
  const storage::Source dead = lab.source(source);
  CHECK(dead.state == SourceState::needs_credential);
  CHECK(dead.state_reason == "credential.expired_or_revoked");
  CHECK(lab.stored(source) == before_death);
  // One or two walks met the 401, and one question confirmed it.
  CHECK(lab.requests() <= 9 + 2 + 1);

  SECTION("it is asked about once an hour, whoever else asks and however often it restarts") {
    lab.bitbucket().clear_log();
    const std::size_t syncs = lab.syncs(source).size();
    for (int hour = 0; hour < 24; ++hour) {
      lab.run_for(20min);
      lab.restart();
      lab.run_for(40min);
    }
    CHECK(lab.requests() >= 22);
    CHECK(lab.requests() <= 24);
    for (const auto& entry : lab.bitbucket().log()) CHECK(entry.request.target == "/2.0/user");
    CHECK(lab.syncs(source).size() == syncs);
    lab.run_for(30min);
    const std::size_t before = lab.requests();
    for (int i = 0; i < 5; ++i) {
      CHECK(lab.run_sync(source).result == SyncResult::failed);
      lab.restart();
    }
    CHECK(lab.requests() - before <= 1);
    CHECK(lab.stored(source) == before_death);
  }
  SECTION("it lives again: within an hour the source is active and synced, though nobody asks") {
    lab.token().dies_after = 0;
    const std::size_t syncs = lab.syncs(source).size();
    lab.run_for(70min);
    CHECK(lab.source(source).state == SourceState::active);
    CHECK(lab.source(source).state_reason.empty());
    REQUIRE(lab.syncs(source).size() > syncs);
    CHECK(lab.syncs(source)[0].result == SyncResult::succeeded);
    CHECK(lab.differences(source) == nothing);
  }
  SECTION("it lives again: who asks makes the source active, when it was not asked for an hour") {
    lab.change_source(source, [](storage::Source& s) { s.next_run_at.reset(); });
    lab.token().dies_after = 0;
    CHECK(lab.run_sync(source).result == SyncResult::failed);
    lab.run_for(1h);
    lab.change_source(source,
                      [&](storage::Source& s) { s.next_run_at = lab.clock().now() + s.interval; });
    const storage::Sync again = lab.run_sync(source, SyncMode::full);
    INFO(describe(again));
    CHECK(again.result == SyncResult::succeeded);
    CHECK(lab.source(source).state == SourceState::active);
    CHECK(lab.source(source).state_reason.empty());
    const std::size_t syncs = lab.syncs(source).size();
    lab.run_for(3h);
    CHECK(lab.syncs(source).size() > syncs);
  }
  SECTION("a new token goes on") {
    const simulator::Token& fresh = lab.bitbucket().add_token();
    lab.rotate(source, fresh);
    lab.change_source(source, [](storage::Source& s) { s.state = SourceState::active; });
    CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  }
}

TEST_CASE("a 401 that passes is no reason to stop", "[sync]") {
  SyncLab lab(six_repositories());
  const std::string source = lab.add_source();
  simulator::Fault hiccup;
  hiccup.kind = simulator::FaultKind::unauthorized;
  hiccup.path = "/2.0/repositories/";
  hiccup.first = 4;
  lab.bitbucket().add_fault(hiccup);
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  CHECK(lab.source(source).state == SourceState::active);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a running sync goes on with the token that replaced its own", "[sync]") {
  SyncLab lab(six_repositories());
  const std::string source = lab.add_source();
  simulator::Token& fresh = lab.bitbucket().add_token();
  simulator::Fault rotation;
  rotation.kind = simulator::FaultKind::action;
  rotation.path = "/2.0/repositories/";
  rotation.first = 3;
  bool rotate = false;
  rotation.action = [&] { rotate = true; };
  lab.bitbucket().add_fault(rotation);
  lab.start();
  const std::string id = lab.queue(source);
  REQUIRE(lab.run_until([&] { return rotate; }, 1h));
  lab.rotate(source, fresh);
  lab.token().revoked = true;
  const storage::Sync sync = lab.run_to_end(id);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  CHECK(*sync.finished_at - *sync.started_at < 60s);
}
