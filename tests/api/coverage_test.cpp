// Goal: what a token cannot read is told exactly, for each kind, wherever the kind shows, and never
// looks like "there is none" (promise P3, S4; issue: hold 5). Method: twelve tokens of the
// simulated Bitbucket, each short of one scope, role or plan, are registered and synced through the
// API; what is told is compared with a table, and what is listed with what a token that may
// everything sees.
#include "connector/bitbucket/streams.hpp"
#include "tests/api/live_world.hpp"
#include "tests/catch.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

/// What is expected of a kind: "missing_scope read:user:bitbucket", "needs_role", …
using Gaps = std::map<std::string, std::string>;

struct Case {
  std::string name;
  std::string without_scope = {};
  simulator::Role role = simulator::Role::admin;
  std::size_t administrates = 0;  ///< so many repositories
  simulator::Plan plan = simulator::Plan::premium;
  Gaps gaps = {};
};

Gaps all(const std::string& what, const std::vector<std::string>& kinds) {
  Gaps gaps;
  for (const std::string& kind : kinds) gaps[kind] = what;
  return gaps;
}

Gaps both(Gaps some, Gaps others) {
  some.merge(others);
  return some;
}

Case without(const std::string& scope, const std::vector<std::string>& kinds) {
  return {
      .name = "no " + scope, .without_scope = scope, .gaps = all("missing_scope " + scope, kinds)};
}

const std::vector<Case>& cases() {
  using simulator::Role;
  static const std::vector<std::string> of_administrators = {
      "group",
      "project_grant",
      "project_default_reviewer",
  };
  static const std::vector<std::string> of_administrators_of_one = {
      "repository_grant", "branch_restriction", "pipeline_config", "pipeline_variable",
      "runner",           "deploy_key",         "webhook",         "repository_access",
  };
  static const std::vector<Case> table = [] {
    std::vector<Case> cases = {
        without("read:user:bitbucket", {"account"}),
        without("read:project:bitbucket",
                {"project", "project_grant", "project_default_reviewer", "deploy_key"}),
        without("read:pullrequest:bitbucket",
                {"pull_request", "pull_request_activity", "merge_check", "build_status",
                 "default_reviewer", "project_default_reviewer"}),
        without("read:pipeline:bitbucket", {"pipeline", "deployment", "environment",
                                            "pipeline_variable", "pipeline_schedule"}),
        without("read:runner:bitbucket", {"runner"}),
        without("read:webhook:bitbucket", {"webhook"}),
        without("read:permission:bitbucket", {"group"}),
        without("admin:repository:bitbucket",
                {"branch_restriction", "pipeline_config", "deploy_key"}),
        without("admin:project:bitbucket", {"deploy_key"}),
        {.name = "a member",
         .role = Role::member,
         .gaps = both(all("needs_role", of_administrators),
                      all("needs_role", of_administrators_of_one))},
        {.name = "an administrator of one repository",
         .role = Role::member,
         .administrates = 1,
         .gaps = both(all("needs_role", of_administrators),
                      all("incomplete", of_administrators_of_one))},
        {.name = "a free plan",
         .plan = simulator::Plan::free,
         .gaps = all("plan_limited", {"runner"})},
    };
    return cases;
  }();
  return table;
}

/// Kinds of which a part is collected: of one open pull request, of what was merged lately.
const std::set<std::string> of_a_part = {"build_status", "merge_check"};

std::vector<std::string> kinds() {
  std::vector<std::string> names;
  for (const auto& stream : connector::bitbucket::streams()) {
    if (connector::bitbucket::find_kind(stream.kind) == &stream) names.emplace_back(stream.kind);
  }
  return names;
}

std::string text(const json::value& object, std::string_view name) {
  const json::value& value = object.at(json::string_view(name.data(), name.size()));
  return value.is_string() ? std::string(value.as_string()) : std::string();
}

/// "missing_scope read:user:bitbucket", or the status alone.
std::string said(const json::value& gap) {
  std::string words = text(gap, "status");
  for (const json::value& scope : gap.at("missing_scopes").as_array()) {
    words += " " + std::string(scope.as_string());
  }
  return words;
}

/// The gaps of a list by kind; of several of a kind, one that is not the same as all others counts.
std::map<std::string, std::set<std::string>> gaps_by_kind(const json::value& list) {
  std::map<std::string, std::set<std::string>> gaps;
  for (const json::value& gap : list.at("gaps").as_array()) {
    CHECK_FALSE(text(gap, "reason").empty());
    gaps[text(gap, "kind")].insert(said(gap));
  }
  return gaps;
}

std::map<std::string, std::size_t> count(const std::vector<simulator::ExpectedObject>& objects) {
  std::map<std::string, std::size_t> counts;
  for (const auto& object : objects) ++counts[object.kind];
  return counts;
}

/// One token, registered and synced.
class Registered {
 public:
  explicit Registered(const Case& what) : live(options()) {
    live.bitbucket.switches.plan = what.plan;
    simulator::TokenOptions options;
    std::erase(options.scopes, what.without_scope);
    options.role = what.role;
    for (const auto& repository : live.bitbucket.world().workspaces[0]->repositories) {
      if (options.administrated_repositories.size() == what.administrates) break;
      options.administrated_repositories.insert(repository->uuid);
    }
    merge_lately();
    const simulator::Token& token = live.bitbucket.add_token(options);
    foreseen = world().post("/v1/sources?validate_only=true", live.registration_of(token));
    REQUIRE(foreseen.status == 200);
    CHECK(world().get("/v1/sources").json().at("items").as_array().empty());
    const Answer created = world().post("/v1/sources", live.registration_of(token));
    INFO(created.body);
    REQUIRE(created.status == 201);
    id = created.text("/id");
    sync = first_sync(created);
    const Answer done = live.watch(sync);
    INFO(done.body);
    CHECK(done.text("/result") == "succeeded");
    // What a token that may everything sees on the best plan: the truth.
    live.bitbucket.switches.plan = simulator::Plan::premium;
    const simulator::Token& whole = live.bitbucket.add_token();
    truth = count(live.bitbucket.expected(whole, {}, simulator::all_kinds()));
  }

  World& world() { return live.world; }

  std::size_t listed(const std::string& kind) {
    const Answer lines = world().ask({.target = "/v1/artifacts?kind=" + kind,
                                      .key = "auditor",
                                      .headers = {{"accept", "application/x-ndjson"}}});
    return std::stoul(lines.trailer("Evidenced-Count"));
  }

  LiveWorld live;
  Answer foreseen;
  std::string id;
  std::string sync;
  std::map<std::string, std::size_t> truth;

 private:
  /// Where another server builds: some of it has a status.
  void merge_lately() {
    simulator::World& remote = live.bitbucket.world();
    for (const auto& repository : remote.workspaces[0]->repositories) {
      const bool elsewhere = repository->setup.pipelines != simulator::PipelinesState::enabled;
      if (!elsewhere || repository->main_branch.empty()) continue;
      for (int i = 0; i < 8; ++i) {
        auto& made = remote.open_pull_request(*repository, live.world.clock.now());
        remote.merge(*repository, made, 0, live.world.clock.now());
      }
    }
  }

  static simulator::WorldOptions options() {
    simulator::WorldOptions options;
    options.people = 6;
    options.repositories = 4;
    options.with_pipelines = 50;
    options.pull_requests = 15;
    options.projects = 2;
    return options;
  }
};

/// What stands for each kind in the coverage: nothing where it is available.
Gaps coverage_of(Registered& here) {
  Gaps gaps;
  const auto document = here.world().get("/v1/sources/" + here.id + "/coverage", "auditor").json();
  CHECK(document.at("kinds").as_array().size() == kinds().size());
  for (const json::value& kind : document.at("kinds").as_array()) {
    const bool available = text(kind, "status") == "available";
    CHECK(available == kind.at("reasons").as_array().empty());
    const bool none = kind.at("partitions").at("total").as_int64() == 0;
    CHECK((available && !none) == !kind.at("complete_as_of").is_null());
    if (!available) gaps[text(kind, "kind")] = said(kind);
  }
  return gaps;
}

/// Every place where the kind shows tells of its gap, or of none.
void check_shown(Registered& here, const std::string& kind, bool gap) {
  CAPTURE(kind, gap);
  World& world = here.world();
  const std::string target = "/v1/artifacts?kind=" + kind;
  const Answer list = world.get(target, "auditor");
  CHECK(list.json().at("gaps").as_array().empty() != gap);
  const Answer of_source = world.get(target + "&source=" + here.id, "auditor");
  CHECK(of_source.json().at("gaps") == list.json().at("gaps"));
  for (const char* const media : {"application/x-ndjson", "text/csv"}) {
    for (const char* const coding : {"identity", "zstd"}) {
      const Answer lines = world.ask({.target = target,
                                      .key = "auditor",
                                      .headers = {{"accept", media}, {"accept-encoding", coding}}});
      CHECK((lines.header("Evidenced-Gap-Count") == "0") != gap);
      const std::string named = ";kind=" + kind + ";";
      CHECK((lines.header("Evidenced-Gaps").find(named) != std::string::npos) == gap);
    }
  }
  const Answer of_kind = world.get("/v1/kinds/" + kind, "auditor");
  CHECK(of_kind.json().at("gaps") == list.json().at("gaps"));
}

/// The sync and its report say of each stream whether it is whole.
void check_streams(Registered& here, const Gaps& gaps) {
  for (const std::string& place : {here.sync, here.sync + "/report"}) {
    std::set<std::string> spoilt;
    const auto document = here.world().get(place, "auditor").json();
    for (const json::value& stream : document.at("streams").as_array()) {
      const std::string name = text(stream, "name");
      const auto* row = connector::bitbucket::find_stream(name);
      REQUIRE(row != nullptr);
      if (stream.at("complete").as_bool()) continue;
      CHECK_FALSE(stream.at("error").is_null());
      spoilt.emplace(row->kind);
    }
    std::set<std::string> wanted;
    for (const auto& [kind, what] : gaps) wanted.insert(kind);
    CHECK(spoilt == wanted);
  }
}

}  // namespace

TEST_CASE("twelve tokens: coverage is exact, and no gap looks like an empty list") {
  for (const Case& what : cases()) {
    CAPTURE(what.name);
    Registered here(what);
    const Gaps covered = coverage_of(here);
    CHECK(covered == what.gaps);
    for (const std::string& kind : kinds()) {
      const bool gap = covered.contains(kind);
      check_shown(here, kind, gap);
      if (gap) continue;
      CAPTURE(kind);
      const std::size_t listed = here.listed(kind);
      const std::size_t there = here.truth[kind];
      const bool part = of_a_part.contains(kind);
      CAPTURE(listed, there);
      CHECK((part ? listed > 0 : listed == there));
    }
    check_streams(here, covered);
    const auto everything = gaps_by_kind(here.world().get("/v1/artifacts", "auditor").json());
    const auto catalogue = gaps_by_kind(here.world().get("/v1/kinds", "auditor").json());
    CHECK(everything == catalogue);
    CHECK(everything.size() == covered.size());
    for (const auto& [kind, words] : everything) CHECK(words.contains(covered.at(kind)));
  }
}

TEST_CASE("effective access is no gap where every repository tells it") {
  const Case what{.name = "an administrator of all repositories",
                  .role = simulator::Role::member,
                  .administrates = 100};
  Registered here(what);
  CHECK_FALSE(coverage_of(here).contains("repository_access"));
  check_shown(here, "repository_access", false);
  CHECK(here.listed("repository_access") == here.truth["repository_access"]);
  const auto document = here.world().get("/v1/sources/" + here.id + "/coverage", "auditor").json();
  for (const json::value& row : document.at("kinds").as_array()) {
    if (text(row, "kind") != "repository_access") continue;
    CHECK(row.at("partitions").at("readable") == row.at("partitions").at("total"));
    CHECK(row.at("partitions").at("total").as_int64() > 1);
    CHECK(row.at("complete_as_of").is_string());
  }
}

TEST_CASE("what validate_only foresees is what the sync then learns, and nothing is stored") {
  for (const Case& what : cases()) {
    CAPTURE(what.name);
    Registered here(what);
    const Gaps learnt = coverage_of(here);
    const auto document = here.foreseen.json();
    CHECK(document.at("valid").as_bool());
    CHECK(document.at("coverage").as_array().size() == kinds().size());
    for (const json::value& kind : document.at("coverage").as_array()) {
      const std::string name = text(kind, "kind");
      const std::string foreseen = said(kind);
      CAPTURE(name, foreseen);
      const bool available = foreseen == "available";
      CHECK(available == kind.at("reason").is_null());
      if (foreseen.starts_with("missing_scope")) CHECK(learnt.at(name) == foreseen);
      if (available) continue;
      CHECK(learnt.contains(name));
    }
    if (what.without_scope.empty()) continue;
    for (const auto& [kind, words] : what.gaps) {
      const auto& rows = document.at("coverage").as_array();
      const auto* row =
          std::ranges::find_if(rows, [&](const auto& each) { return text(each, "kind") == kind; });
      REQUIRE(row != rows.end());
      CHECK_FALSE(text(*row, "status").empty());
    }
  }
}

TEST_CASE("a token without the two scopes that prove reach is refused, and the scope is named") {
  for (const std::string scope : {"read:workspace:bitbucket", "read:repository:bitbucket"}) {
    CAPTURE(scope);
    LiveWorld live;
    simulator::TokenOptions options;
    std::erase(options.scopes, scope);
    const Answer answer =
        live.world.post("/v1/sources", live.registration_of(live.bitbucket.add_token(options)));
    CHECK(answer.status == 422);
    CHECK(answer.code() == "credential.scope_missing");
    CHECK(answer.body.find(scope) != std::string::npos);
    CHECK(live.world.get("/v1/sources").json().at("items").as_array().empty());
  }
}
