// Goal: the report of merged changes has each of them once, the newest first, with what is proven
// and nothing else. Method: the real connector over a simulated Bitbucket, whose own history is the
// measure; filters, pages, gaps and limited keys by hand.
#include "evidence/change_report.hpp"
#include "tests/api/live_world.hpp"
#include "tests/api/walk_part.hpp"
#include "tests/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

/// Every item of a report, page by page.
std::vector<json::value> all_changes(World& world, const std::string& query,
                                     const std::string& key = "admin") {
  std::vector<json::value> items;
  std::string next = "/v1/reports/changes?" + query;
  while (!next.empty()) {
    const json::value page = world.get(next, key).json();
    for (const json::value& item : page.at("items").as_array()) items.push_back(item);
    next = page.at("next").is_string() ? std::string(page.at("next").as_string()) : "";
  }
  return items;
}

std::set<std::string> names_in(const json::value& array) {
  std::set<std::string> names;
  for (const json::value& name : array.as_array()) names.emplace(name.as_string());
  return names;
}

std::set<std::string> titles_of(const std::vector<json::value>& items) {
  std::set<std::string> titles;
  for (const json::value& item : items) titles.emplace(item.at("title").as_string());
  return titles;
}

struct Pull {
  int number = 1;
  std::string author = "{ada}";
  std::string merger = "{bo}";
  std::string approver = "{bo}";  ///< "" for nobody
  std::string branch = "main";
  std::string day = "20";
  std::string repository = "checkout";
  std::string head = "aaaaaaaaaaaa";
};

storage::ArtifactDraft merged(const Pull& pull) {
  const std::string participants =
      pull.approver.empty()
          ? ""
          : fmt::format(
                R"({{"approved":true,"participated_on":"2026-11-{}T09:00:00Z","user":{{"display_name":"Bo","uuid":"{}"}}}})",
                pull.day, pull.approver);
  storage::ArtifactDraft made = draft(
      "pull_request", fmt::format("{{{}}}/{}", pull.repository, pull.number),
      fmt::format(
          R"({{"author":{{"display_name":"Ada","uuid":"{}"}},"closed_by":{{"display_name":"Bo","uuid":"{}"}},"destination":{{"branch":{{"name":"{}"}}}},"id":{},"merge_commit":{{"date":"2026-11-{}T10:00:00+00:00","hash":"cccccccccccc"}},"participants":[{}],"source":{{"branch":{{"name":"topic"}},"commit":{{"hash":"{}"}}}},"state":"MERGED","title":"Change {}"}})",
          pull.author, pull.merger, pull.branch, pull.number, pull.day, participants, pull.head,
          pull.number),
      fmt::format("Change {}", pull.number));
  made.repository = "example-works/" + pull.repository;
  made.state = "MERGED";
  made.dated_at = parse_timestamp(fmt::format("2026-11-{}T10:00:00Z", pull.day));
  return made;
}

storage::ArtifactDraft status(const std::string& key, const std::string& state) {
  storage::ArtifactDraft made = draft("build_status", "{checkout}/" + key,
                                      fmt::format(R"({{"key":"{}","state":"{}"}})", key, state));
  made.commit_hash = "aaaaaaaaaaaa0000111122223333444455556666";
  return made;
}

std::string only_findings(World& world, const std::string& member) {
  const auto items = all_changes(world, "");
  REQUIRE(items.size() == 1);
  return json::serialize(items.front().at(member));
}

}  // namespace

TEST_CASE("the report has every merge of a simulated Bitbucket, as it happened") {
  simulator::WorldOptions options;
  options.people = 12;
  options.repositories = 3;
  options.pull_requests = 60;
  LiveWorld live(options);
  const Answer created =
      live.world.post("/v1/sources", live.registration_of(live.bitbucket.add_token()));
  REQUIRE(created.status == 201);
  live.watch(first_sync(created));
  const auto items = all_changes(live.world, "limit=7");
  std::map<std::string, const json::value*> found;
  for (const json::value& item : items) {
    const std::string name = std::string(item.at("repository").as_string()) + " " +
                             std::to_string(item.at("number").as_int64());
    CHECK(found.emplace(name, &item).second);
  }
  std::size_t merges = 0;
  std::size_t with_checks = 0;
  const simulator::World& world = live.bitbucket.world();
  const auto& people = world.people;
  for (const auto& repository : world.workspaces.front()->repositories) {
    for (const simulator::PullRequest& pull : repository->pull_requests) {
      if (pull.state != "MERGED") continue;
      ++merges;
      const std::string name =
          fmt::format("{}/{} {}", world.workspaces.front()->slug, repository->slug, pull.id);
      CAPTURE(name);
      REQUIRE(found.contains(name));
      const json::value& item = *found.at(name);
      if (!people[pull.author].erased && !people[*pull.closed_by].erased) {
        CHECK(item.at("self_merged").as_bool() == (pull.author == *pull.closed_by));
        CHECK(item.at("merged_by").at("uuid").as_string() == people[*pull.closed_by].uuid);
      }
      std::size_t approvals = 0;
      for (const simulator::Participant& participant : pull.participants) {
        const bool held = participant.state == "approved" && participant.participated_on &&
                          *participant.participated_on <= pull.closed_on;
        approvals += held ? 1 : 0;
      }
      CHECK(item.at("approvals").as_array().size() == approvals);
      with_checks += item.at("checks").is_object() ? 1 : 0;
    }
  }
  CHECK(items.size() == merges);
  CHECK(merges > 10);
  CHECK(with_checks > 0);
  const auto later = [](const json::value& a, const json::value& b) {
    return a.at("merged_at").as_string() > b.at("merged_at").as_string();
  };
  CHECK(std::ranges::is_sorted(items, later));
  const json::value summary = live.world.get("/v1/reports/changes/summary").json();
  CHECK(summary.at("count").as_int64() == static_cast<std::int64_t>(merges));
  CHECK(summary.at("exact").as_bool());
  const std::int64_t self_merged = std::ranges::count_if(items, [](const json::value& item) {
    return names_in(item.at("findings")).contains("self_merged");
  });
  CHECK(summary.at("findings").at("self_merged").as_int64() == self_merged);
  CHECK(all_changes(live.world, "finding=self_merged").size() ==
        static_cast<std::size_t>(self_merged));
}

TEST_CASE("changes are found by place, time, branch, people, title and finding") {
  World world;
  const std::string source = world.register_source();
  world.collect(source, "pull_request",
                {merged({.number = 1, .day = "10"}), merged({.number = 2, .branch = "release"}),
                 merged({.number = 3, .merger = "{ada}", .approver = "", .day = "12"}),
                 merged({.number = 4, .author = "{cy}", .day = "13", .repository = "ledger"})});
  const auto titles = [&](const std::string& query) {
    return titles_of(all_changes(world, query));
  };
  using Titles = std::set<std::string>;
  CHECK(titles("limit=1").size() == 4);
  CHECK(titles("repository=example-works/ledger") == Titles{"Change 4"});
  CHECK(titles("workspace=elsewhere").empty());
  CHECK(titles("branch=release&branch=other") == Titles{"Change 2"});
  CHECK(titles("author=%7Bcy%7D") == Titles{"Change 4"});
  CHECK(titles("merged_by=%7Bada%7D") == Titles{"Change 3"});
  CHECK(titles("q=cHaNGe%202") == Titles{"Change 2"});
  CHECK(titles("finding=not_approved&finding=checks_failed") == Titles{"Change 3"});
  CHECK(titles("from=2026-11-12T10:00:00Z&to=2026-11-13T10:00:00Z") ==
        Titles{"Change 3", "Change 4"});
  CHECK(world.get("/v1/reports/changes?finding=bad").status == 400);
  CHECK(world.get("/v1/reports/changes?from=yesterday").status == 400);
  const json::value summary = world.get("/v1/reports/changes/summary?finding=self_merged").json();
  CHECK(summary.at("count").as_int64() == 1);
  CHECK(summary.at("from") == "2026-11-12T10:00:00.000Z");
}

TEST_CASE("a change that two sources have collected is there once") {
  World world;
  const std::string one = world.register_source();
  const std::string two =
      world.register_source(registration(R"(,"workspaces":["example-works"])", "Second"));
  for (const std::string& source : {one, two}) {
    world.collect(source, "pull_request", {merged({.number = 1}), merged({.number = 2})});
  }
  CHECK(all_changes(world, "limit=1").size() == 2);
  CHECK(all_changes(world, "source=" + one).size() == 2);
  CHECK(world.get("/v1/reports/changes/summary").json().at("count").as_int64() == 2);
}

TEST_CASE("a reader whose time is up stops, and goes on where it stopped") {
  World world;
  const std::string source = world.register_source();
  std::vector<storage::ArtifactDraft> drafts;
  for (int number = 1; number <= 45; ++number) drafts.push_back(merged({.number = number}));
  world.collect(source, "pull_request", drafts);
  evidence::ChangeQuestion question;
  question.filter.source_ids = {source};
  evidence::ChangeReader reader(tenant, question);
  const evidence::Effort spent{.until = std::chrono::steady_clock::time_point::min()};
  std::set<std::int64_t> numbers;
  std::vector<std::int64_t> scanned;
  auto look = [&](storage::Connection& connection) -> Result<bool> {
    const evidence::ChangeReader::Batch batch = reader.read(connection, 1000, spent);
    scanned.push_back(batch.scanned);
    for (const auto& row : batch.changes) CHECK(numbers.insert(row.change.number).second);
    return batch.last;
  };
  while (!world.write(look).value()) {
  }
  CHECK(scanned == std::vector<std::int64_t>(45, 1));
  CHECK(numbers.size() == 45);
}

TEST_CASE("builds count by the last commit, and their absence only where they were asked for") {
  World world;
  const std::string source = world.register_source();
  world.collect(source, "pull_request", {merged({.day = "20"})});
  CHECK(only_findings(world, "checks") == "null");
  CHECK(only_findings(world, "not_evaluable").contains("checks_absent"));
  world.clock.advance(48h);
  walk_part(world, {source, "build_status", "{checkout}"}, {});
  CHECK(only_findings(world, "findings").contains("checks_absent"));
  walk_part(world, {source, "build_status", "{checkout}"},
            {status("unit", "SUCCESSFUL"), status("lint", "FAILED")});
  CHECK(only_findings(world, "checks") ==
        R"({"successful":1,"failed":1,"in_progress":0,"stopped":0})");
  CHECK(only_findings(world, "findings") == R"(["checks_failed"])");
}

TEST_CASE("builds of a merge long before the source was registered were not asked for") {
  World world;
  const std::string source = world.register_source();
  storage::ArtifactDraft old = merged({.day = "01"});
  old.dated_at = *old.dated_at - 200 * 24h;
  world.collect(source, "pull_request", {old});
  walk_part(world, {source, "build_status", "{checkout}"}, {});
  CHECK(only_findings(world, "checks") == "null");
  CHECK_FALSE(only_findings(world, "findings").contains("checks"));
}

TEST_CASE("the activity speaks once it was read to its end") {
  World world;
  const std::string source = world.register_source();
  world.collect(source, "pull_request", {merged({.day = "18"})});
  const auto entry = [](const std::string& what, const std::string& content) {
    return draft("pull_request_activity", "{checkout}/1/" + what, content);
  };
  const std::vector<storage::ArtifactDraft> entries = {
      entry(
          "update/1",
          R"({"update":{"date":"2026-11-18T08:00:00Z","source":{"commit":{"hash":"a"}},"state":"OPEN"}})"),
      entry("approval/2", R"({"approval":{"date":"2026-11-18T09:00:00Z","user":{"uuid":"{bo}"}}})"),
      entry(
          "update/3",
          R"({"update":{"date":"2026-11-18T09:30:00Z","source":{"commit":{"hash":"b"}},"state":"OPEN"}})"),
      entry(
          "update/4",
          R"({"update":{"date":"2026-11-18T10:00:00Z","source":{"commit":{"hash":"b"}},"state":"MERGED"}})")};
  CHECK(only_findings(world, "not_evaluable").contains("approved_before_last_commit"));
  walk_part(world, {source, "pull_request_activity", "{checkout}"}, entries);
  CHECK(only_findings(world, "findings") == R"(["approved_before_last_commit"])");
  refuse_part(world, {source, "pull_request_activity", "{checkout}"});
  CHECK(only_findings(world, "not_evaluable").contains("approved_before_last_commit"));
}

TEST_CASE("the whole report is streamed, as lines and as a table") {
  World world;
  const std::string source = world.register_source();
  std::vector<storage::ArtifactDraft> drafts;
  for (int number = 1; number <= 450; ++number) drafts.push_back(merged({.number = number}));
  drafts.front().content.replace(drafts.front().content.find("Change"), 6, "=Change");
  drafts.front().digest = storage::sha256(drafts.front().content);
  world.collect(source, "pull_request", drafts);
  const Answer csv = world.ask(
      {.target = "/v1/reports/changes", .key = "admin", .headers = {{"accept", "text/csv"}}});
  CHECK(std::ranges::count(csv.body, '\n') == 451);
  CHECK(csv.body.starts_with("artifact_id,repository,number,title,url,author_id,author,"));
  CHECK(csv.body.contains(",\"'=Change 1\","));
  CHECK(csv.body.contains(",Bo 2026-11-20T09:00:00.000Z,true,false,,,,,,,"));
  CHECK(csv.trailer("Evidenced-Count") == "450");
  const Answer lines = world.ask({.target = "/v1/reports/changes?q=Change%201",
                                  .key = "admin",
                                  .headers = {{"accept", "application/x-ndjson"}}});
  CHECK(std::ranges::count(lines.body, '\n') == 112);
  CHECK(lines.body.contains(R"({"trailer":{"count":111,)"));
  CHECK(lines.header("Evidenced-Gap-Count") == "4");
}

TEST_CASE("a limited key sees its changes, and judges by what it sees") {
  World world;
  const std::string source = world.register_source();
  world.collect(source, "pull_request", {merged({})});
  walk_part(world, {source, "build_status", "{checkout}"}, {status("unit", "FAILED")});
  CHECK(only_findings(world, "findings") == R"(["checks_failed"])");
  CHECK(world.get("/v1/reports/changes", "other").json().at("items").as_array().empty());
  storage::ApiKey limited;
  limited.name = "limited";
  limited.roles = {storage::Role::auditor};
  limited.source_ids = {"src_other"};
  CHECK(all_changes(world, "", world.make_key(limited)).empty());
  limited.source_ids.clear();
  limited.window.from = world.clock.now() - 1h;
  limited.window.to = world.clock.now() + 1h;
  const auto within = all_changes(world, "", world.make_key(limited));
  REQUIRE(within.size() == 1);
  CHECK(within.front().at("checks").is_null());
  CHECK(within.front().at("findings").as_array().empty());
  limited.window.from = world.clock.now() + 1h;
  limited.window.to = world.clock.now() + 2h;
  CHECK(all_changes(world, "", world.make_key(limited)).empty());
}
