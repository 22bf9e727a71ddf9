// Goal: what the account may not read is a visible gap, what it could read yesterday is a loss, and
// a token that dies costs one notice, not evidence (promise P3; S10, C7; T-15, T-16). Method:
// tokens of the simulated Bitbucket lose scopes, roles, repositories, or die.
#include "connector/bitbucket/streams.hpp"
#include "storage/source_store.hpp"
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"

#include <stdexcept>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using storage::SourceState;
using storage::StreamState;
using storage::SyncMode;
using storage::SyncResult;

namespace {

simulator::WorldOptions small() {
  simulator::WorldOptions options;
  options.people = 8;
  options.repositories = 6;
  options.pull_requests = 40;
  return options;
}

}  // namespace

TEST_CASE("a scope that was never there is a gap, costs one request, and spoils nothing",
          "[sync]") {
  SyncLab lab(small());
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
  SyncLab lab(small());
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
  SyncLab lab(small());
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
  SyncLab lab(small());
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

TEST_CASE("a token that dies in a sync is confirmed after a minute, then asked no more", "[sync]") {
  SyncLab lab(small());
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
    for (int i = 0; i < 5; ++i) CHECK(lab.run_sync(source).result == SyncResult::failed);
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
  SECTION("it lives again: who asks makes the source active") {
    lab.token().dies_after = 0;
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
  SyncLab lab(small());
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

TEST_CASE("an endpoint that refuses a credential that lives is a gap, and costs one minute at most",
          "[sync]") {
  SyncLab lab(small());
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

TEST_CASE("a running sync goes on with the token that replaced its own", "[sync]") {
  SyncLab lab(small());
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

TEST_CASE("a named workspace that cannot be seen is an error, never an empty list", "[sync]") {
  SyncLab lab(small());
  SourceOptions named;
  named.workspaces.all = false;
  named.workspaces.slugs = {lab.world().workspaces[0]->slug, "nowhere"};
  const std::string source = lab.add_source(named);
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::partial);
  const storage::SyncStream row = stream(sync, "workspace");
  CHECK(row.error->code == "workspace.not_visible");
  CHECK(row.error->detail.find("nowhere") != std::string::npos);
  CHECK_FALSE(row.complete);
  CHECK(stream(sync, "pull_request").partitions_done == 6);
  CHECK_FALSE(stream(sync, "pull_request").complete);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("only the workspaces that were named are collected", "[sync]") {
  simulator::WorldOptions two = small();
  two.workspaces = 2;
  SyncLab lab(two);
  SourceOptions named;
  named.workspaces.all = false;
  named.workspaces.slugs = {lab.world().workspaces[1]->slug};
  const std::string source = lab.add_source(named);
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  const std::string other = lab.world().workspaces[0]->uuid;
  for (const auto& [name, content] : lab.stored(source)) {
    CHECK(name.find(other) == std::string::npos);
    CHECK(content.find("\"" + lab.world().workspaces[0]->slug + "/") == std::string::npos);
  }
}

TEST_CASE("a workspace that is out of sight is told in every sync, and nothing in it is removed",
          "[sync]") {
  simulator::WorldOptions two = small();
  two.workspaces = 2;
  SyncLab lab(two);
  const std::string slug = lab.world().workspaces[1]->slug;
  SourceOptions selection;
  selection.workspaces.all = GENERATE(true, false);
  if (!selection.workspaces.all) {
    for (const auto& workspace : lab.world().workspaces) {
      selection.workspaces.slugs.push_back(workspace->slug);
    }
  }
  const std::string source = lab.add_source(selection);
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  const auto before = lab.stored(source);

  SECTION("refused") {
    lab.token().roles[slug] = simulator::Role::none;
    for (int i = 0; i < 4; ++i) {
      lab.run_for(25h);
      const storage::Sync sync = lab.run_sync(source, SyncMode::full);
      INFO(describe(sync));
      CHECK(sync.result == SyncResult::partial);
      const storage::SyncStream row = stream(sync, "workspace");
      CHECK_FALSE(row.complete);
      REQUIRE(row.error);
      CHECK(row.error->code == "workspace.not_visible");
      CHECK(row.error->detail == "not visible to the account: " + slug);
      CHECK_FALSE(stream(sync, "pull_request").complete);
      CHECK(lab.stored(source) == before);
    }
    lab.token().roles.clear();
    CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  }
  SECTION("only not listed: it is read all the same") {
    simulator::Fault short_list;
    short_list.kind = simulator::FaultKind::action;
    short_list.path = "/2.0/user/workspaces";
    short_list.action = [&] { lab.token().roles[slug] = simulator::Role::none; };
    simulator::Fault after;
    after.kind = simulator::FaultKind::action;
    after.path = "/2.0/workspaces/";
    after.count = 0;
    after.action = [&] { lab.token().roles.clear(); };
    lab.bitbucket().add_fault(short_list);
    lab.bitbucket().add_fault(after);
    const storage::Sync sync = lab.run_sync(source, SyncMode::full);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::succeeded);
    CHECK(stream(sync, "pull_request").complete);
    CHECK(lab.stored(source).size() == before.size());
  }
  CHECK(lab.removed(source) == 0);
}

TEST_CASE("what a narrowed source no longer covers is kept as it was and asked for no more",
          "[sync]") {
  simulator::WorldOptions two = small();
  two.workspaces = 2;
  SyncLab lab(two);
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  const auto before = lab.stored(source);
  const std::string left_out = lab.world().workspaces[1]->uuid.substr(1, 36);
  lab.change_source(source, [&](storage::Source& changed) {
    changed.workspaces.all = false;
    changed.workspaces.slugs = {lab.world().workspaces[0]->slug};
  });
  lab.bitbucket().clear_log();
  for (int i = 0; i < 3; ++i) {
    lab.run_for(25h);
    const storage::Sync sync = lab.run_sync(source, SyncMode::full);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::succeeded);
    CHECK(lab.stored(source) == before);
    CHECK(lab.removed(source) == 0);
  }
  for (const simulator::LogEntry& entry : lab.bitbucket().log()) {
    CHECK(entry.request.target.find(left_out) == std::string::npos);
  }
  lab.change_source(source, [](storage::Source& changed) { changed.workspaces = {}; });
  CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("an account that suddenly sees nothing removes nothing", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  const auto before = lab.stored(source);

  SECTION("no workspace") {
    lab.token().role = simulator::Role::none;
    for (int i = 0; i < 3; ++i) {
      const storage::Sync sync = lab.run_sync(source, SyncMode::full);
      INFO(describe(sync));
      CHECK(sync.result != SyncResult::succeeded);
      CHECK(stream(sync, "workspace").error->code == "credential.reach_empty");
    }
  }
  SECTION("empty lists with status 200") {
    simulator::Fault empty;
    empty.kind = simulator::FaultKind::empty_list;
    empty.path = "/2.0/repositories/";
    empty.count = 0;
    lab.bitbucket().add_fault(empty);
    for (int i = 0; i < 3; ++i) {
      const storage::Sync sync = lab.run_sync(source, SyncMode::full);
      INFO(describe(sync));
      CHECK(sync.result == SyncResult::partial);
      CHECK(stream(sync, "repository").error->code == "stream.suspicious_drop");
    }
  }
  CHECK(lab.stored(source) == before);
  CHECK(lab.removed(source) == 0);
}

TEST_CASE("a sync ends at the next page when it is cancelled, or its source paused or deleted",
          "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  simulator::Fault moment;
  moment.kind = simulator::FaultKind::action;
  moment.path = "/2.0/repositories/";
  moment.first = 5;
  bool now = false;
  moment.action = [&] { now = true; };
  lab.bitbucket().add_fault(moment);
  lab.start();
  const std::string id = lab.queue(source);
  REQUIRE(lab.run_until([&] { return now; }, 1h));
  std::string code;
  SECTION("cancelled") {
    lab.cancel(id);
  }
  SECTION("paused") {
    lab.change_source(source, [](storage::Source& s) { s.state = SourceState::paused; });
    code = "source.paused";
  }
  SECTION("deleted") {
    lab.change_source(source, [](storage::Source& s) { s.state = SourceState::deleted; });
    code = "source.deleted";
  }
  const std::size_t before = lab.requests();
  const storage::Sync sync = lab.run_to_end(id);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::cancelled);
  CHECK((sync.error ? sync.error->code : "") == code);
  CHECK(lab.requests() - before <= 2);
  CHECK(lab.removed(source) == 0);
}

TEST_CASE("a question about a credential can be cut off, and what throws ends its sync", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  lab.change_source(source, [](storage::Source& s) { s.state = SourceState::needs_credential; });
  lab.start();

  SECTION("a stop does not wait for the answer longer than the grace") {
    lab.settings().connector.request_timeout = 600s;
    simulator::Fault silence;
    silence.kind = simulator::FaultKind::never;
    silence.path = "/2.0/user";
    silence.count = 0;
    lab.bitbucket().add_fault(silence);
    const std::string id = lab.queue(source);
    REQUIRE(lab.run_until([&] { return lab.network().in_flight == 1; }, 1min));
    const SteadyTime start = lab.clock().steady();
    lab.stop();
    CHECK(lab.clock().steady() - start < lab.settings().server.shutdown_grace);
    CHECK(lab.sync(id).state == storage::SyncState::running);
  }
  SECTION("an exception is a failed sync, and the next one is served") {
    lab.network().breaks = [](const std::string&) -> std::optional<Error> {
      throw std::runtime_error("out of order");
    };
    const storage::Sync sync = lab.run_sync(source);
    CHECK(sync.state == storage::SyncState::done);
    CHECK(sync.result == SyncResult::failed);
    REQUIRE(sync.error);
    CHECK(sync.error->code == "internal.error");
    lab.network().breaks = nullptr;
    lab.run_for(2h);
    CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  }
}

TEST_CASE("whichever write of a sync throws, the sync comes to an end and the next is served",
          "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  const std::int64_t before = lab.database().writes();
  REQUIRE(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  const std::int64_t writes = lab.database().writes() - before;
  // The first writes queue and claim the sync; the last ones store its end.
  for (std::int64_t n : {std::int64_t{5}, writes / 2, writes - 3, writes - 2, writes - 1, writes}) {
    lab.run_for(1h);
    const std::string id = lab.queue(source, SyncMode::full);
    lab.database().throw_at_write(n);
    const SteadyTime start = lab.clock().steady();
    const storage::Sync sync = lab.run_to_end(id);
    INFO("write " << n << " of " << writes << "\n" << describe(sync));
    CHECK(sync.state == storage::SyncState::done);
    CHECK(lab.clock().steady() - start < 5min);
    CHECK(lab.removed(source) == 0);
    lab.database().throw_at_write(1'000'000'000);
    CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  }
  CHECK(lab.differences(source) == nothing);
}
