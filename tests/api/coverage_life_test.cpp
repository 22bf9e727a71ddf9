// Goal: coverage follows the token and the time: what a new token may read is read by the next
// sync, what fails or is refused keeps what was collected and says how old that is (S9, S10, C5).
// Method: the real connector over a simulated Bitbucket whose tokens and answers change.
#include "tests/api/live_world.hpp"
#include "tests/catch.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <string>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

simulator::WorldOptions small() {
  simulator::WorldOptions options;
  options.people = 12;
  options.repositories = 3;
  options.pull_requests = 15;
  return options;
}

/// A source that is registered with a token, and what is asked of it.
class Source {
 public:
  explicit Source(LiveWorld& live, const simulator::Token& token, const std::string& more = "")
      : live_(live) {
    const Answer created = live.world.post("/v1/sources", live.registration_of(token, more));
    INFO(created.body);
    REQUIRE(created.status == 201);
    place = "/v1/sources/" + created.text("/id");
    sync = first_sync(created);
  }

  Answer rotate(const simulator::Token& token) {
    const std::string email = live_.bitbucket.world().people[token.person].email;
    const std::string body = fmt::format(R"({{"email":"{}","token":"{}"}})", email, token.token);
    return live_.world.ask(
        {.method = Method::put, .target = place + "/credential", .key = "operator", .body = body});
  }

  Answer sync_again() {
    const Answer queued = live_.world.post(place + "/syncs", R"({"mode":"full"})");
    REQUIRE(queued.status == 202);
    return live_.watch(queued.header("Location"));
  }

  json::value coverage(std::string_view kind) {
    const auto document = live_.world.get(place + "/coverage").json();
    for (const json::value& row : document.at("kinds").as_array()) {
      if (row.at("kind").as_string() == json::string_view(kind.data(), kind.size())) return row;
    }
    FAIL("no coverage of " << kind);
    return {};
  }

  std::string place;
  std::string sync;

 private:
  LiveWorld& live_;
};

std::size_t rows(World& world, const std::string& kind) {
  return world.get("/v1/artifacts?limit=500&kind=" + kind).json().at("items").as_array().size();
}

json::value only_gap(World& world, const std::string& kind) {
  const auto list = world.get("/v1/artifacts?kind=" + kind).json();
  REQUIRE(list.at("gaps").as_array().size() == 1);
  return list.at("gaps").at(0);
}

simulator::TokenOptions reading() {
  simulator::TokenOptions options;
  options.scopes = simulator::read_scopes();
  return options;
}

}  // namespace

TEST_CASE("a token with more scopes is put to use by the sync that its rotation starts") {
  LiveWorld live(small());
  Source source(live, live.bitbucket.add_token(reading()));
  live.watch(source.sync);
  CHECK(source.coverage("branch_restriction").at("status") == "missing_scope");
  CHECK(rows(live.world, "branch_restriction") == 0);
  live.world.clock.advance(10min);
  const Answer rotated = source.rotate(live.bitbucket.add_token());
  INFO(rotated.body);
  REQUIRE(rotated.status == 200);
  const Answer sync = live.watch(first_sync(rotated));
  CHECK(sync.text("/trigger") == "credential");
  CHECK(sync.text("/result") == "succeeded");
  for (const std::string kind : {"branch_restriction", "pipeline_config", "deploy_key"}) {
    CAPTURE(kind);
    CHECK(source.coverage(kind).at("status") == "available");
    CHECK(rows(live.world, kind) > 0);
    CHECK(live.world.get("/v1/artifacts?kind=" + kind).json().at("gaps").as_array().empty());
  }
  const auto changes = live.world.get("/v1/changes?after=0&limit=500&type=coverage.changed").json();
  CHECK(changes.at("items").as_array().size() >= 3);
}

TEST_CASE("a token with fewer scopes takes no other's place, and what is missing is named") {
  LiveWorld live(small());
  const simulator::Token& whole = live.bitbucket.add_token();
  Source source(live, whole);
  live.watch(source.sync);
  const Answer before = live.world.get(source.place + "/credential");
  const Answer refused = source.rotate(live.bitbucket.add_token(reading()));
  CHECK(refused.status == 422);
  CHECK(refused.code() == "credential.reach_reduced");
  CHECK(refused.text("/detail").find("admin:repository:bitbucket") != std::string::npos);
  CHECK(refused.text("/detail").find("admin:project:bitbucket") != std::string::npos);
  CHECK(live.world.get(source.place + "/credential").body == before.body);
  live.bitbucket.clear_log();
  CHECK(source.sync_again().text("/result") == "succeeded");
  for (const simulator::LogEntry& entry : live.bitbucket.log()) {
    CHECK(entry.request.header("authorization") == whole.authorization);
  }
  CHECK(source.coverage("branch_restriction").at("status") == "available");
}

TEST_CASE("a scope that is lost spoils one sync, then is a gap over what was collected") {
  LiveWorld live(small());
  simulator::Token& token = live.bitbucket.add_token();
  Source source(live, token);
  live.watch(source.sync);
  const std::size_t known = rows(live.world, "webhook");
  REQUIRE(known > 0);
  const json::value whole = source.coverage("webhook").at("complete_as_of");
  live.world.clock.advance(2h);
  const std::string lost = format_rfc3339(live.world.clock.now());
  std::erase(token.scopes, "read:webhook:bitbucket");
  CHECK(source.sync_again().text("/result") == "partial");
  CHECK(live.world.get(source.place).text("/health/status") == "action_required");
  live.world.clock.advance(2h);
  CHECK(source.sync_again().text("/result") == "succeeded");
  CHECK(rows(live.world, "webhook") == known);
  // One for the webhooks of repositories, one for those of workspaces.
  const auto gaps = live.world.get("/v1/artifacts?kind=webhook").json().at("gaps").as_array();
  REQUIRE(gaps.size() == 2);
  for (const json::value& gap : gaps) {
    CHECK(gap.at("status") == "missing_scope");
    CHECK(gap.at("missing_scopes").at(0) == "read:webhook:bitbucket");
    CHECK(gap.at("complete_as_of").as_string() >= whole.as_string());
    CHECK(gap.at("complete_as_of").as_string() < lost);
  }
  CHECK(source.coverage("webhook").at("complete_as_of") == whole);
}

TEST_CASE("while a walk cannot be completed the last complete one is served, with its age") {
  LiveWorld live(small());
  Source source(live, live.bitbucket.add_token());
  live.watch(source.sync);
  const std::size_t known = rows(live.world, "project");
  const json::value whole = source.coverage("project").at("complete_as_of");
  REQUIRE_FALSE(whole.is_null());
  live.world.clock.advance(3h);
  simulator::Fault down;
  down.path = "/2.0/workspaces/";
  down.contains = "/projects?";
  down.count = 0;
  live.bitbucket.add_fault(down);
  CHECK(source.sync_again().text("/result") == "partial");
  CHECK(rows(live.world, "project") == known);
  const json::value gap = only_gap(live.world, "project");
  CHECK(gap.at("status") == "failed");
  CHECK(gap.at("complete_as_of") == whole);
  CHECK(source.coverage("project").at("complete_as_of") == whole);
  CHECK(source.coverage("project").at("partitions").at("readable") == 0);
  live.bitbucket.clear_faults();
  CHECK(source.sync_again().text("/result") == "succeeded");
  CHECK(live.world.get("/v1/artifacts?kind=project").json().at("gaps").as_array().empty());
  CHECK(source.coverage("project").at("complete_as_of").as_string() > whole.as_string());
}

TEST_CASE("rows that suddenly vanish are kept, and the age is that of the walk before") {
  LiveWorld live(small());
  Source source(live, live.bitbucket.add_token());
  live.watch(source.sync);
  const std::size_t known = rows(live.world, "workspace_member");
  REQUIRE(known >= 5);
  const json::value whole = source.coverage("workspace_member").at("complete_as_of");
  live.world.clock.advance(3h);
  simulator::Fault empty;
  empty.kind = simulator::FaultKind::empty_list;
  empty.path = "/2.0/workspaces/";
  empty.contains = "/permissions?";
  empty.count = 0;
  live.bitbucket.add_fault(empty);
  CHECK(source.sync_again().text("/result") == "partial");
  CHECK(rows(live.world, "workspace_member") == known);
  CHECK(only_gap(live.world, "workspace_member").at("complete_as_of") == whole);
  CHECK(source.coverage("workspace_member").at("complete_as_of") == whole);
  SECTION("until an operator confirms") {
    const Answer confirmed =
        live.world.post(source.place + "/streams/workspace_member/confirm", "", "operator");
    CHECK(confirmed.status == 200);
    CHECK(rows(live.world, "workspace_member") == 0);
    const auto list = live.world.get("/v1/artifacts?kind=workspace_member").json();
    CHECK(list.at("gaps").as_array().empty());
    CHECK(source.coverage("workspace_member").at("status") == "available");
  }
  SECTION("or complete walks of a day agree") {
    for (int i = 0; i < 3 && rows(live.world, "workspace_member") > 0; ++i) {
      live.world.clock.advance(13h);
      source.sync_again();
    }
    CHECK(rows(live.world, "workspace_member") == 0);
  }
}

TEST_CASE("syncs of chosen streams say nothing of the others") {
  LiveWorld live(small());
  Source source(live, live.bitbucket.add_token());
  live.watch(source.sync);
  for (int i = 0; i < 60; ++i) {
    live.world.clock.advance(1min);
    const Answer queued = live.world.post(source.place + "/syncs", R"({"streams":["account"]})");
    REQUIRE(queued.status == 202);
    live.watch(queued.header("Location"));
  }
  CHECK(live.world.get("/v1/artifacts?kind=project").json().at("gaps").as_array().empty());
  CHECK(source.coverage("project").at("status") == "available");
}

TEST_CASE("a rotation does not miss a workspace that was lost from sight before") {
  simulator::WorldOptions options = small();
  options.workspaces = 2;
  LiveWorld live(options);
  simulator::Token& token = live.bitbucket.add_token();
  Source source(live, token);
  live.watch(source.sync);
  const std::string kept = live.bitbucket.world().workspaces[0]->slug;
  const std::string lost = live.bitbucket.world().workspaces[1]->slug;
  simulator::Token& less = live.bitbucket.add_token();
  less.roles[lost] = simulator::Role::none;
  CHECK(source.rotate(less).code() == "credential.reach_reduced");

  token.roles[lost] = simulator::Role::none;
  CHECK(source.sync_again().text("/result") == "partial");
  token.revoked = true;
  SECTION("the new token reaches what the old one reached last") {
    const Answer rotated = source.rotate(less);
    INFO(rotated.body);
    CHECK(rotated.status == 200);
  }
  SECTION("a source is narrowed without asking Bitbucket with a token that is dead") {
    const Answer narrowed =
        live.world.ask({.method = Method::patch,
                        .target = source.place,
                        .key = "operator",
                        .body = fmt::format(R"({{"workspaces":["{}"]}})", kept)});
    INFO(narrowed.body);
    CHECK(narrowed.status == 200);
    CHECK(source.rotate(less).status == 200);
  }
}

TEST_CASE("an account of more workspaces than a probe lists can be given a new token") {
  simulator::WorldOptions options = small();
  options.workspaces = 205;
  options.repositories = 1;
  options.projects = 1;
  options.pull_requests = 1;
  LiveWorld live(options);
  const simulator::Token& token = live.bitbucket.add_token();
  Source source(live, token);
  REQUIRE(live.world.post(source.sync + "/cancel", "").status < 300);
  live.watch(source.sync);
  const Answer queued = live.world.post(source.place + "/syncs", R"({"streams":["workspace"]})");
  REQUIRE(live.watch(queued.header("Location")).text("/result") == "succeeded");
  REQUIRE(rows(live.world, "workspace") == 205);
  const Answer rotated = source.rotate(live.bitbucket.add_token());
  INFO(rotated.body);
  CHECK(rotated.status == 200);
}

TEST_CASE("a credential that lives again is put to use at once") {
  LiveWorld live(small());
  simulator::Token& token = live.bitbucket.add_token();
  Source source(live, token);
  live.watch(source.sync);
  token.revoked = true;
  live.world.clock.advance(10min);
  CHECK(source.sync_again().text("/result") == "failed");
  CHECK(live.world.get(source.place).text("/health/status") == "action_required");
  token.revoked = false;
  live.world.clock.advance(10min);
  CHECK(live.world.post(source.place + "/validations", "").status == 200);
  const Answer newest = live.world.get("/v1/syncs?limit=1");
  CHECK(newest.text("/items/0/trigger") == "recovery");
  CHECK(live.world.get(source.place).text("/health/status") != "action_required");
  const Answer sync = live.watch("/v1/syncs/" + newest.text("/items/0/id"));
  CHECK(sync.text("/result") == "succeeded");
}

TEST_CASE("a repository that is gone makes nothing look old") {
  LiveWorld live(small());
  simulator::Token& token = live.bitbucket.add_token();
  Source source(live, token);
  live.watch(source.sync);
  simulator::Workspace& workspace = *live.bitbucket.world().workspaces.front();
  live.bitbucket.world().delete_repository(workspace, workspace.repositories.back()->uuid);
  for (int i = 0; i < 2; ++i) {
    live.world.clock.advance(25h);
    source.sync_again();
  }
  CHECK(rows(live.world, "repository") == 2);
  const Answer sync = source.sync_again();
  CHECK(sync.text("/result") == "succeeded");
  for (const std::string kind : {"pull_request", "branch_restriction"}) {
    CAPTURE(kind);
    const json::value row = source.coverage(kind);
    CHECK(row.at("partitions").at("total") == 2);
    CHECK(row.at("partitions").at("readable") == 2);
    CHECK(row.at("complete_as_of").as_string() > sync.text("/started_at"));
  }
}

TEST_CASE("what a narrowed source no longer covers is told by its coverage, too") {
  simulator::WorldOptions two = small();
  two.workspaces = 2;
  LiveWorld live(two);
  Source source(live, live.bitbucket.add_token());
  live.watch(source.sync);
  const std::string slug = live.bitbucket.world().workspaces[0]->slug;
  Ask narrow{.method = Method::patch,
             .target = source.place,
             .key = "operator",
             .body = fmt::format(R"({{"workspaces":["{}"]}})", slug)};
  narrow.headers["content-type"] = "application/merge-patch+json";
  REQUIRE(live.world.ask(narrow).status == 200);
  CHECK(source.sync_again().text("/result") == "succeeded");
  CHECK(source.coverage("project").at("status") == "out_of_scope");
}

TEST_CASE("a rotation while a sync runs: the sync goes on, with the new token") {
  LiveWorld live(small());
  simulator::Token& old = live.bitbucket.add_token();
  const simulator::Token& fresh = live.bitbucket.add_token();
  Source source(live, old);
  for (int polls = 0; polls < 1000; ++polls) {
    const auto progress = live.world.get(source.sync).json().at("progress");
    if (progress.at("requests_done").as_int64() >= 10) break;
    live.world.ask({.target = source.sync + "?wait=1", .key = "admin"});
  }
  REQUIRE(live.world.get(source.sync).text("/state") == "running");
  const Answer rotated = source.rotate(fresh);
  REQUIRE(rotated.status == 200);
  old.revoked = true;
  live.bitbucket.clear_log();
  const Answer sync = live.watch(source.sync);
  INFO(sync.body);
  CHECK(sync.text("/result") == "succeeded");
  CHECK(live.watch(first_sync(rotated)).text("/result") == "succeeded");
  CHECK(live.world.get(source.place).text("/state") == "active");
  std::size_t refused = 0;
  for (const simulator::LogEntry& entry : live.bitbucket.log()) {
    refused += entry.status == 401 ? 1 : 0;
    const bool known =
        entry.status == 401 || entry.request.header("authorization") == fresh.authorization;
    CHECK(known);
  }
  // Those that were on their way, no more than there are at once.
  CHECK(refused <= 2);
}

TEST_CASE("a token that dies leaves what was collected, as old as it is") {
  LiveWorld live(small());
  simulator::Token& token = live.bitbucket.add_token();
  Source source(live, token);
  live.watch(source.sync);
  const std::size_t known = rows(live.world, "pull_request");
  const json::value whole = source.coverage("pull_request").at("complete_as_of");
  live.world.clock.advance(10min);
  token.revoked = true;
  const Answer failed = source.sync_again();
  CHECK(failed.text("/result") == "failed");
  CHECK(failed.text("/error/code") == "credential.expired_or_revoked");
  CHECK(live.world.get(source.place).text("/state") == "needs_credential");
  CHECK(live.world.get(source.place).text("/health/status") == "action_required");
  CHECK(rows(live.world, "pull_request") == known);
  const json::value gap = only_gap(live.world, "pull_request");
  CHECK(gap.at("status") == "failed");
  CHECK(gap.at("complete_as_of") == whole);
  const auto events =
      live.world.get("/v1/changes?after=0&limit=500&type=source.needs_credential").json();
  CHECK(events.at("items").as_array().size() == 1);
}
