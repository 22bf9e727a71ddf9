// Goal: the access matrix is what Bitbucket grants in the end, a gap is never "none", every cell
// can be explained, and a limited key sees its part. Method: the real connector over a simulated
// Bitbucket, whose own reckoning is the measure; gaps and erased accounts by hand.
#include "tests/api/live_world.hpp"
#include "tests/api/walk_part.hpp"
#include "tests/catch.hpp"
#include "tests/simulator/bodies_setup.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <map>
#include <string>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

simulator::WorldOptions few_repositories() {
  simulator::WorldOptions options;
  options.people = 12;
  options.groups = 3;
  options.projects = 2;
  options.repositories = 5;
  options.pull_requests = 5;
  return options;
}

std::string string_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : "";
}

/// The cells of a page by "name of the repository / id of the person".
std::map<std::string, char> cells_of(const json::value& page) {
  std::map<std::string, char> cells;
  const auto& repositories = page.at("repositories").as_array();
  for (const json::value& row : page.at("items").as_array()) {
    const std::string letters = string_of(row.at("permissions"));
    REQUIRE(letters.size() == repositories.size());
    for (std::size_t at = 0; at < letters.size(); ++at) {
      cells[string_of(repositories[at].at("repository")) + " " + string_of(row.at("id"))] =
          letters[at];
    }
  }
  return cells;
}

void register_live(LiveWorld& live, const simulator::Token& token) {
  const Answer created = live.world.post("/v1/sources", live.registration_of(token));
  INFO(created.body);
  REQUIRE(created.status == 201);
  live.watch(first_sync(created));
}

char letter_of(std::string_view permission) {
  return permission == "admin" ? 'A' : permission == "write" ? 'W' : 'R';
}

/// What the simulated Bitbucket grants; erased people together.
std::map<std::string, char> granted(LiveWorld& live) {
  constexpr std::string_view order = "RWA";
  std::map<std::string, char> cells;
  const simulator::World& world = live.bitbucket.world();
  for (const auto& workspace : world.workspaces) {
    for (const auto& repository : workspace->repositories) {
      for (const simulator::Access& access : effective_access(*workspace, *repository)) {
        const simulator::Person& person = world.people[access.person];
        char& cell = cells[workspace->slug + "/" + repository->slug + " " +
                           (person.erased ? "unknown" : person.uuid)];
        const char found = letter_of(access.permission);
        if (cell == '\0' || order.find(found) > order.find(cell)) cell = found;
      }
    }
  }
  return cells;
}

storage::ArtifactDraft repository_draft(const std::string& slug) {
  storage::ArtifactDraft made = draft(
      "repository", "{" + slug + "}",
      fmt::format(
          R"({{"name":"{0}","project":{{"uuid":"{{shop}}"}},"workspace":{{"uuid":"{{w}}"}}}})",
          slug),
      "works/" + slug);
  made.repository = "works/" + slug;
  made.workspace = "works";
  return made;
}

storage::ArtifactDraft access_draft(const std::string& slug, const std::string& person,
                                    const std::string& permission) {
  const std::string user =
      person.empty() ? "null" : fmt::format(R"({{"uuid":"{{{0}}}","display_name":"{0}"}})", person);
  storage::ArtifactDraft made =
      draft("repository_access", "",
            fmt::format(R"({{"permission":"{}","repository":{{"uuid":"{{{}}}"}},"user":{}}})",
                        permission, slug, user),
            person + " " + permission);
  made.upstream_id = person.empty() ? "{w}/sha256:" + storage::to_hex(made.digest)
                                    : fmt::format("{{{}}}/{{{}}}", slug, person);
  made.repository = "works/" + slug;
  made.workspace = "works";
  return made;
}

}  // namespace

TEST_CASE("the matrix is what Bitbucket grants in the end, and every cell has its ways") {
  LiveWorld live(few_repositories());
  register_live(live, live.bitbucket.add_token());
  const json::value page = live.world.get("/v1/reports/access?limit=500").json();
  CHECK(page.at("gaps").as_array().empty());
  CHECK(page.at("observed_at").is_string());
  const auto expected = granted(live);
  REQUIRE_FALSE(expected.empty());
  std::map<std::string, char> cells = cells_of(page);
  std::erase_if(cells, [](const auto& cell) { return cell.second == '-'; });
  CHECK(cells == expected);
  std::size_t explained = 0;
  for (const auto& [cell, letter] : cells) {
    const std::size_t blank = cell.find(' ');
    const std::string person = cell.substr(blank + 1);
    if (person == "unknown") continue;
    CAPTURE(cell);
    const json::value paths =
        live.world
            .get(fmt::format("/v1/reports/access/paths?repository={}&person={}",
                             cell.substr(0, blank), percent_encode(person)))
            .json();
    CHECK(letter_of(string_of(paths.at("permission"))) == letter);
    CHECK(paths.at("explained").as_bool());
    REQUIRE_FALSE(paths.at("paths").as_array().empty());
    CHECK(paths.at("paths").at(0).at("permission") == paths.at("permission"));
    ++explained;
  }
  CHECK(explained > 5);
}

TEST_CASE("repositories that the account does not administrate are not known") {
  LiveWorld live(few_repositories());
  simulator::TokenOptions options;
  options.role = simulator::Role::member;
  const auto& repositories = live.bitbucket.world().workspaces.front()->repositories;
  options.administrated_repositories = {repositories.front()->uuid};
  const std::string known = repositories.front()->slug;
  register_live(live, live.bitbucket.add_token(options));
  const auto cells = cells_of(live.world.get("/v1/reports/access?limit=500").json());
  REQUIRE_FALSE(cells.empty());
  const auto expected = granted(live);
  std::size_t read = 0;
  for (const auto& [cell, letter] : cells) {
    CAPTURE(cell);
    if (cell.find("/" + known + " ") == std::string::npos) {
      CHECK(letter == '?');
      continue;
    }
    ++read;
    CHECK(letter == (expected.contains(cell) ? expected.at(cell) : '-'));
  }
  CHECK(read > 0);
  const Answer csv = live.world.ask(
      {.target = "/v1/reports/access", .key = "admin", .headers = {{"accept", "text/csv"}}});
  CHECK(static_cast<std::size_t>(std::ranges::count(csv.body, '\n')) >= repositories.size());
  CHECK(csv.body.contains(",unknown,"));
}

TEST_CASE("a list that was not read to its end, or before a repository was there, knows nothing") {
  World world;
  const std::string source = world.register_source();
  walk_part(world, {source, "repository", "{w}"}, {repository_draft("a"), repository_draft("b")});
  CHECK(world.get("/v1/reports/access").json().at("observed_at").is_null());
  walk_part(world, {source, "repository_access", "{w}"},
            {access_draft("a", "ada", "admin"), access_draft("b", "bo", "read")});
  auto cells = cells_of(world.get("/v1/reports/access").json());
  CHECK(cells.at("works/a {ada}") == 'A');
  CHECK(cells.at("works/b {ada}") == '-');
  world.clock.advance(1h);
  walk_part(world, {source, "repository", "{w}"},
            {repository_draft("a"), repository_draft("b"), repository_draft("later")});
  cells = cells_of(world.get("/v1/reports/access").json());
  CHECK(cells.at("works/later {ada}") == '?');
  CHECK(cells.at("works/b {ada}") == '-');
  walk_part(world, {source, "one_repository_access", "{later}"}, {});
  CHECK(cells_of(world.get("/v1/reports/access").json()).at("works/later {ada}") == '-');
  refuse_part(world, {source, "repository_access", "{w}"});
  cells = cells_of(world.get("/v1/reports/access").json());
  CHECK(cells.at("works/a {ada}") == 'A');
  CHECK(cells.at("works/b {ada}") == '?');
}

TEST_CASE("accounts that Bitbucket does not name any more are one row") {
  World world;
  const std::string source = world.register_source();
  walk_part(world, {source, "repository", "{w}"}, {repository_draft("a"), repository_draft("b")});
  walk_part(world, {source, "repository_access", "{w}"},
            {access_draft("a", "", "read"), access_draft("a", "", "admin"),
             access_draft("b", "", "write"), access_draft("b", "of them", "read")});
  const json::value page = world.get("/v1/reports/access").json();
  const auto cells = cells_of(page);
  CHECK(cells.at("works/a unknown") == 'A');
  CHECK(cells.at("works/b unknown") == 'W');
  CHECK(page.at("items").at(0).at("uuid").is_null());
  CHECK(page.at("items").at(0).at("member").as_bool() == false);
  // Few repositories are read another way.
  const auto few = cells_of(world.get("/v1/reports/access?repository=works/a").json());
  CHECK(few.at("works/a unknown") == 'A');
  CHECK(few.size() == 1);
}

TEST_CASE("people are found by name and permission, and pages hold each of them once") {
  World world;
  const std::string source = world.register_source();
  walk_part(world, {source, "repository", "{w}"}, {repository_draft("a"), repository_draft("b")});
  walk_part(world, {source, "repository_access", "{w}"},
            {access_draft("a", "Ada read", "admin"), access_draft("b", "bo", "read"),
             access_draft("b", "Cy", "write"), access_draft("b", "ada write", "read")});
  std::string names;
  std::string next = "/v1/reports/access?limit=1";
  while (!next.empty()) {
    const json::value page = world.get(next).json();
    REQUIRE(page.at("items").as_array().size() == 1);
    names += string_of(page.at("items").at(0).at("name")) + ",";
    next = string_of(page.at("next"));
  }
  CHECK(names == "Ada read,ada write,bo,Cy,");
  const auto found = [&](const std::string& query) {
    return world.get("/v1/reports/access?" + query).json().at("items").as_array().size();
  };
  CHECK(found("q=ADA") == 2);
  CHECK(found("permission=write") == 1);
  CHECK(found("permission=write&permission=admin") == 2);
  CHECK(found("permission=read&repository=works/a") == 0);
  CHECK(world.get("/v1/reports/access?permission=all").status == 400);
}

TEST_CASE("as a list the matrix has a row a permission, with the grants behind it") {
  World world;
  const std::string source = world.register_source();
  walk_part(world, {source, "repository", "{w}"}, {repository_draft("a"), repository_draft("b")});
  walk_part(world, {source, "repository_access", "{w}"},
            {access_draft("a", "=Ada", "admin"), access_draft("b", "=Ada", "read")});
  storage::ArtifactDraft grant =
      draft("repository_grant", "{a}/user/{=Ada}", R"({"permission":"admin"})");
  grant.workspace = "works";
  grant.repository = "works/a";
  world.collect(source, "repository_grant", {grant});
  const Answer csv = world.ask(
      {.target = "/v1/reports/access", .key = "admin", .headers = {{"accept", "text/csv"}}});
  CHECK(csv.body ==
        "person,account_id,name,nickname,member,workspace_permission,repository,project,permission,"
        "paths\r\n"
        "{=Ada},,\"'=Ada\",,false,,works/a,SHOP,admin,direct admin\r\n"
        "{=Ada},,\"'=Ada\",,false,,works/b,SHOP,read,\r\n");
  CHECK(csv.trailer("Evidenced-Count") == "2");
  CHECK(csv.header("Content-Disposition") == "attachment; filename=\"access.csv\"");
  const Answer lines = world.ask({.target = "/v1/reports/access",
                                  .key = "admin",
                                  .headers = {{"accept", "application/x-ndjson"}}});
  CHECK(std::ranges::count(lines.body, '\n') == 3);
  CHECK(lines.body.contains(R"("trailer":{"count":2,)"));
}

TEST_CASE("a key that is limited sees its sources and its time, and knows no absence") {
  World world;
  const std::string source = world.register_source();
  walk_part(world, {source, "repository", "{w}"}, {repository_draft("a"), repository_draft("b")});
  walk_part(world, {source, "repository_access", "{w}"}, {access_draft("a", "ada", "admin")});
  storage::ApiKey limited;
  limited.name = "other source";
  limited.roles = {storage::Role::auditor};
  limited.source_ids = {"src_other"};
  const std::string elsewhere = world.make_key(limited);
  CHECK(world.get("/v1/reports/access", elsewhere).json().at("repositories").as_array().empty());
  CHECK(world.get("/v1/reports/access?source=" + source, elsewhere).status == 404);
  CHECK(world.get("/v1/reports/access?source=" + source, "other").status == 404);
  const std::string cell = "/v1/reports/access/paths?repository=works/a&person=%7Bada%7D";
  CHECK(world.get(cell).status == 200);
  CHECK(world.get(cell, elsewhere).status == 404);
  CHECK(world.get(cell, "other").status == 404);
  storage::ApiKey windowed;
  windowed.name = "window";
  windowed.roles = {storage::Role::auditor};
  windowed.window.from = world.clock.now() - 1h;
  windowed.window.to = world.clock.now() + 1h;
  const auto cells = cells_of(world.get("/v1/reports/access", world.make_key(windowed)).json());
  CHECK(cells.at("works/a {ada}") == 'A');
  CHECK(cells.at("works/b {ada}") == '?');
}

TEST_CASE("a cell that cannot be explained says why") {
  World world;
  const std::string source = world.register_source();
  walk_part(world, {source, "repository", "{w}"}, {repository_draft("a")});
  const std::string place = "/v1/reports/access/paths?repository=works/a&person=";
  CHECK(world.get(place + "%7Bada%7D").status == 404);
  CHECK(world.get("/v1/reports/access/paths?repository=works/a").status == 400);
  CHECK(world.get("/v1/reports/access/paths?repository=works/z&person=x").status == 404);
  walk_part(world, {source, "one_repository_access", "{a}"}, {access_draft("a", "ada", "write")});
  const json::value alone = world.get(place + "%7Bada%7D").json();
  CHECK(alone.at("permission") == "write");
  CHECK(alone.at("explained") == false);
  CHECK(string_of(alone.at("reason")).contains("No grant"));
  CHECK(alone.at("gaps").as_array().size() >= 3);
  storage::ArtifactDraft grant =
      draft("project_grant", "{shop}/group/developers", R"({"permission":"write"})");
  grant.workspace = "works";
  grant.repository = "";
  world.collect(source, "project_grant", {grant});
  CHECK(string_of(world.get(place + "%7Bada%7D").json().at("reason")).contains("group"));
  storage::ArtifactDraft group =
      draft("group", "{w}/developers",
            R"({"members":[{"uuid":"{ada}"}],"name":"Developers","slug":"developers"})");
  group.workspace = "works";
  group.project = group.repository = "";
  world.collect(source, "group", {group});
  const json::value both = world.get(place + "%7Bada%7D").json();
  CHECK(both.at("explained") == true);
  CHECK(both.at("reason").is_null());
  CHECK(both.at("paths").at(0).at("via") == "project_group");
  CHECK(both.at("paths").at(0).at("group").at("name") == "Developers");
}
