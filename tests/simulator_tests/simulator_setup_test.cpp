// Configuration: what is set up in workspaces, projects and repositories, and who may see it.
#include "tests/catch.hpp"
#include "tests/simulator_tests/bench.hpp"

#include <boost/json/serialize.hpp>

using namespace evidenced;
using namespace evidenced::simulator;

namespace {

std::string workspace_path(Bench& bench) {
  return "/2.0/workspaces/" + bench.workspace().slug;
}

std::string project_path(Bench& bench) {
  return workspace_path(bench) + "/projects/" +
         bench.workspace().projects[bench.busiest().project].key;
}

TokenOptions member(std::vector<std::string> scopes = read_and_control_scopes()) {
  TokenOptions options;
  options.role = Role::member;
  options.scopes = std::move(scopes);
  return options;
}

/// The paths of configuration, with the scope that each needs and whether it needs a role.
struct Gate {
  std::string path;
  std::string scope;
  bool role;
};
std::vector<Gate> gates(Bench& bench) {
  const std::string repository = bench.path();
  const std::string workspace = workspace_path(bench);
  const std::string project = project_path(bench);
  return {
      {"/1.0/groups/" + bench.workspace().slug + "/", "read:permission:bitbucket", true},
      {project + "/permissions-config/users", "read:project:bitbucket", true},
      {project + "/permissions-config/groups", "read:project:bitbucket", true},
      {project + "/default-reviewers", "read:pullrequest:bitbucket", true},
      {project + "/deploy-keys", "admin:project:bitbucket", true},
      {workspace + "/permissions/repositories", "read:repository:bitbucket", true},
      {workspace + "/hooks", "read:webhook:bitbucket", true},
      {workspace + "/pipelines-config/variables", "read:pipeline:bitbucket", false},
      {workspace + "/pipelines-config/runners", "read:runner:bitbucket", true},
      {repository + "/default-reviewers", "read:pullrequest:bitbucket", false},
      {repository + "/effective-default-reviewers", "read:pullrequest:bitbucket", false},
      {repository + "/branching-model", "read:repository:bitbucket", false},
      {repository + "/effective-branching-model", "read:repository:bitbucket", false},
      {repository + "/refs/branches", "read:repository:bitbucket", false},
      {repository + "/refs/branches/" + bench.busiest().main_branch, "read:repository:bitbucket",
       false},
      {repository + "/hooks", "read:webhook:bitbucket", true},
      {repository + "/deploy-keys", "admin:repository:bitbucket", true},
      {repository + "/environments", "read:pipeline:bitbucket", false},
      {repository + "/pipelines_config", "admin:repository:bitbucket", true},
      {repository + "/pipelines_config/variables", "read:pipeline:bitbucket", true},
      {repository + "/pipelines_config/schedules", "read:pipeline:bitbucket", false},
      {repository + "/pipelines-config/runners", "read:runner:bitbucket", true},
  };
}

}  // namespace

TEST_CASE("each path of configuration names the scope and the role that it needs") {
  Bench bench;
  for (const Gate& gate : gates(bench)) {
    CAPTURE(gate.path);
    CHECK(bench.get(gate.path).status == 200);
    auto scopes = read_and_control_scopes();
    std::erase(scopes, gate.scope);
    TokenOptions lacking;
    lacking.scopes = scopes;
    const SimResponse refused =
        bench.get(gate.path, bench.simulator.add_token(lacking).authorization);
    CHECK(refused.status == 403);
    const json::value detail = json::parse(refused.body).at("error").at("detail");
    CHECK(json::serialize(detail.at("required")) == "[\"" + gate.scope + "\"]");
    const SimResponse seen =
        bench.get(gate.path, bench.simulator.add_token(member()).authorization);
    CHECK(seen.status == (gate.role ? 403 : 200));
    if (gate.role) CHECK_FALSE(json::parse(seen.body).at("error").as_object().contains("detail"));
  }
}

TEST_CASE("who administrates a project or a repository sees what is set up there alone") {
  Bench bench;
  TokenOptions options = member();
  options.administrated_projects = {bench.workspace().projects[bench.busiest().project].key};
  const Token& of_project = bench.simulator.add_token(options);
  CHECK(bench.get(project_path(bench) + "/deploy-keys", of_project.authorization).status == 200);
  CHECK(bench.get(bench.path() + "/hooks", of_project.authorization).status == 200);
  CHECK(bench.get(workspace_path(bench) + "/hooks", of_project.authorization).status == 403);
  options.administrated_projects.clear();
  options.administrated_repositories = {bench.busiest().uuid};
  const Token& of_repository = bench.simulator.add_token(options);
  CHECK(bench.get(bench.path() + "/hooks", of_repository.authorization).status == 200);
  CHECK(bench.get(project_path(bench) + "/deploy-keys", of_repository.authorization).status == 403);
}

TEST_CASE("effective access is the highest of role, grants, groups and the project") {
  Bench bench;
  std::set<std::string> rows;
  for (const auto& row :
       bench.walk(workspace_path(bench) + "/permissions/repositories?pagelen=100")) {
    const std::string key = json::serialize(row.at("repository").at("uuid")) +
                            json::serialize(row.at("user").at("uuid"));
    CHECK(rows.insert(key + json::serialize(row.at("permission"))).second);
  }
  CHECK_FALSE(rows.empty());
  Repository& chosen = bench.busiest();
  Group& group = bench.workspace().groups.front();
  const std::size_t person = bench.workspace().members.back().person;
  group.members = {person};
  bench.simulator.world().grant(chosen, {true, 0, "admin"});
  bool admin = false;
  for (const auto& row : bench.walk(workspace_path(bench) + "/permissions/repositories/" +
                                    chosen.slug + "?pagelen=100")) {
    const bool his = row.at("user").at("uuid").as_string() ==
                     bench.simulator.world().people[person].uuid.c_str();
    if (his) admin = row.at("permission") == "admin";
  }
  CHECK(admin);
}

TEST_CASE("members are found by address by administrators, at most 90 at once") {
  Bench bench;
  const std::string path = workspace_path(bench) + "/members?fields=%2Bvalues.user.email&q=";
  const Person& person = bench.simulator.world().people[bench.workspace().members.back().person];
  const std::string one = "user.email%20IN%20(%22" + person.email + "%22)";
  const json::value found = bench.body(path + one);
  REQUIRE(found.at("values").as_array().size() == 1);
  CHECK(found.at("values").at(0).at("user").at("email") == json::string(person.email));
  CHECK(bench.get(path + one, bench.simulator.add_token(member()).authorization).status == 400);
  std::string many = "user.email%20IN%20(%22a@example.com%22";
  for (int i = 0; i < 90; ++i) many += ",%22a@example.com%22";
  CHECK(bench.get(path + many + ")").status == 400);
}

TEST_CASE("a workspace that admin.atlassian.com manages tells no dates of its members") {
  Bench bench;
  const std::string path = workspace_path(bench) + "/permissions";
  CHECK(bench.walk(path).front().as_object().contains("added_on"));
  bench.simulator.switches.migrated.insert(bench.workspace().slug);
  CHECK_FALSE(bench.walk(path).front().as_object().contains("added_on"));
  CHECK_FALSE(bench.walk(path).front().as_object().contains("last_accessed"));
}

TEST_CASE("a free plan has no runners and no downloads") {
  Bench bench;
  CHECK(bench.get(bench.path() + "/downloads").status == 200);
  bench.simulator.switches.plan = Plan::free;
  CHECK(bench.get(bench.path() + "/downloads").status == 402);
  CHECK(bench.get(bench.path() + "/downloads").header("content-type") == "text/plain");
  const SimResponse runners = bench.get(workspace_path(bench) + "/pipelines-config/runners");
  CHECK(runners.status == 403);
  CHECK(message_of(runners).find("plan") != std::string::npos);
  for (const auto& row : bench.walk(bench.path() + "/environments"))
    CHECK(row.at("restrictions").at("admin_only") == false);
}

TEST_CASE("a repository that never had Pipelines answers 404 for its configuration") {
  WorldOptions options;
  options.with_pipelines = 30;
  Bench bench(options);
  std::map<PipelinesState, int> seen;
  for (auto& repository : bench.workspace().repositories) {
    const std::string path = "/2.0/repositories/" + bench.workspace().slug + "/" + repository->slug;
    const SimResponse answer = bench.get(path + "/pipelines_config");
    ++seen[repository->setup.pipelines];
    const bool never = repository->setup.pipelines == PipelinesState::never;
    CHECK(answer.status == (never ? 404 : 200));
    if (!never)
      CHECK(json::parse(answer.body).at("enabled") ==
            (repository->setup.pipelines == PipelinesState::enabled));
  }
  CHECK(seen.size() == 3);
}

TEST_CASE("secrets stand in variables, hooks, keys and runners") {
  Bench bench;
  const std::string secret(canary_secret);
  for (const std::string& path :
       {workspace_path(bench) + "/pipelines-config/variables",
        workspace_path(bench) + "/pipelines-config/runners", workspace_path(bench) + "/hooks",
        bench.path() + "/pipelines_config/variables", bench.path() + "/hooks"}) {
    CAPTURE(path);
    CHECK(bench.get(path).body.find(secret) != std::string::npos);
  }
  CHECK(public_key(7).find(canary_key) != std::string::npos);
  CHECK(public_key(7).starts_with("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"));
}

TEST_CASE("a branch is found by its encoded name and tells its merge strategies") {
  Bench bench;
  bench.busiest().pull_requests.back().state = "OPEN";
  bench.busiest().pull_requests.back().fork_deleted = false;
  bench.busiest().pull_requests.back().source_branch = "feature/one/two";
  const json::value branch = bench.body(bench.path() + "/refs/branches/feature%2Fone%2Ftwo");
  CHECK(branch.at("name") == "feature/one/two");
  CHECK(branch.at("merge_strategies").as_array().size() == 6);
  CHECK(bench.get(bench.path() + "/refs/branches/none").status == 404);
  CHECK(bench.walk(bench.path() + "/refs/branches").size() == branches_of(bench.busiest()).size());
}

TEST_CASE("groups of the old service answer by switch, and one by one") {
  Bench bench;
  const std::string path = "/1.0/groups/" + bench.workspace().slug + "/";
  const json::value groups = bench.body(path);
  CHECK(bench.body(path + "administrators/members") == groups.at(0).at("members"));
  bench.simulator.switches.old_groups_status = 401;
  CHECK(bench.get(path).status == 401);
}
