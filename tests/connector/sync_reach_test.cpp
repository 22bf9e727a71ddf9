// Goal: the workspaces that a source covers are collected, no others; one that is out of sight is
// told, never an empty list, and nothing in it is removed (promise P3; T-15). Method: tokens of the
// simulated Bitbucket lose workspaces, sources select others.
#include "tests/catch.hpp"
#include "tests/connector/sync_access.hpp"

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using storage::SyncMode;
using storage::SyncResult;

TEST_CASE("a named workspace that cannot be seen is an error, never an empty list", "[sync]") {
  SyncLab lab(six_repositories());
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
  simulator::WorldOptions two = six_repositories();
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
  simulator::WorldOptions two = six_repositories();
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
  simulator::WorldOptions two = six_repositories();
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
  SyncLab lab(six_repositories());
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

TEST_CASE("a list of workspaces with too many values is asked for in smaller pages", "[sync]") {
  SyncLab lab(six_repositories());
  const std::string source = lab.add_source();
  std::string values = "{\"values\":[0";
  for (int i = 0; i < 250'000; ++i) values += ",0";
  simulator::Fault crowded;
  crowded.path = "/2.0/user/workspaces";
  crowded.contains = "pagelen=100";
  crowded.status = 200;
  crowded.text = values + "]}";
  crowded.count = 0;
  lab.bitbucket().add_fault(crowded);
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}
