// What a complete walk must end with, read from the world itself.
#include "tests/simulator/fields.hpp"
#include "tests/simulator/simulator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace evidenced::simulator {
namespace {

constexpr std::array<std::string_view, 6> hidden_in_pr{
    "participants",      "reviewers",           "rendered",
    "merge_commit.date", "merge_commit.author", "merge_commit.message"};
constexpr std::array<std::string_view, 2> hidden_in_members{"user.email", "user.has_2fa_enabled"};

/// The items of a list parameter as they apply to one entry: "+values.x,next" → "+x".
std::string entry_fields(std::string_view fields) {
  std::string out;
  while (!fields.empty()) {
    const std::size_t comma = fields.find(',');
    std::string_view item = fields.substr(0, comma);
    fields = comma == std::string_view::npos ? std::string_view() : fields.substr(comma + 1);
    std::string sign;
    if (item.starts_with('+') || item.starts_with('-')) {
      sign = item.front();
      item.remove_prefix(1);
    }
    if (item.starts_with("values.")) {
      item.remove_prefix(7);
    } else if (item == "values" || item == "next" || item == "size" || item == "page") {
      continue;
    }
    out += (out.empty() ? "" : ",") + sign + std::string(item);
  }
  return out;
}

struct ExpectedSources {
  const World& world;
  const Bodies& bodies;
  const SetupBodies& setup;
  const DeliveryBodies& delivery;
  const Switches& switches;
};

struct ExpectedForm {
  const std::map<std::string, std::string>& fields;
  const std::set<std::string>& kinds;
};

class Collector {
 public:
  Collector(const ExpectedSources& sources, const Token& token, const ExpectedForm& form)
      : world_(sources.world),
        bodies_(sources.bodies),
        setup_(sources.setup),
        delivery_(sources.delivery),
        switches_(sources.switches),
        token_(token),
        fields_(form.fields),
        kinds_(form.kinds) {
    if (!fields_.contains("pull_request"))
      fields_["pull_request"] =
          "+values.participants,+values.reviewers,+values.merge_commit.date,"
          "-values.rendered,-values.summary.html";
  }

  std::vector<ExpectedObject> collect() {
    const Person& person = world_.people[token_.person];
    if (token_.has("read:user:bitbucket"))
      add("account", {person.uuid}, bodies_.full_account(token_.person, true), {});
    for (const auto& workspace : world_.workspaces) {
      if (token_.role_in(workspace->slug) != Role::none) in_workspace(*workspace);
    }
    std::sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) {
      return std::tie(a.kind, a.key) < std::tie(b.kind, b.key);
    });
    return std::move(found_);
  }

 private:
  void add(std::string kind, std::vector<std::string> key, const json::value& full,
           std::span<const std::string_view> hidden = {}) {
    if (!kinds_.contains(kind)) return;
    const auto form = fields_.find(kind);
    const Fields fields(form == fields_.end() ? "" : entry_fields(form->second), hidden);
    found_.push_back({std::move(kind), std::move(key), fields.apply(full)});
  }

  void in_workspace(const Workspace& workspace) {
    if (token_.has("read:workspace:bitbucket")) {
      add("workspace", {workspace.uuid}, bodies_.workspace(workspace), {});
      for (const Membership& member : workspace.members) membership(workspace, member);
    }
    workspace_setup(workspace);
    for (const Project& project : workspace.projects) project_setup(workspace, project);
    if (token_.has("read:project:bitbucket")) {
      for (const Project& project : workspace.projects)
        add("project", {project.uuid}, bodies_.project(workspace, project), {});
    }
    if (!token_.has("read:repository:bitbucket")) return;
    for (const auto& repository : workspace.repositories) {
      if (token_.hidden_repositories.contains(repository->uuid)) continue;
      add("repository", {repository->uuid}, bodies_.repository(workspace, *repository), {});
      const bool all = token_.role_in(workspace.slug) == Role::admin;
      if (all) access(workspace, *repository);
      if (token_.forbidden_repositories.contains(repository->uuid)) continue;
      const Project& project = workspace.projects[repository->project];
      const bool own = token_.administrates(workspace.slug, project.key, repository->uuid);
      if (own && !all) access(workspace, *repository);
      in_repository(workspace, *repository);
      repository_setup(workspace, *repository);
      happenings(workspace, *repository);
    }
  }

  const std::string& uuid_of(std::size_t person) const { return world_.people[person].uuid; }

  void workspace_setup(const Workspace& workspace) {
    const bool admin = token_.role_in(workspace.slug) == Role::admin;
    if (admin && token_.has("read:permission:bitbucket") && switches_.old_groups_status == 200) {
      const json::value groups = bodies_.old_groups(workspace);
      for (std::size_t i = 0; i < workspace.groups.size(); ++i)
        add("group", {workspace.uuid, workspace.groups[i].slug}, groups.as_array()[i]);
    }
    if (token_.has("read:pipeline:bitbucket")) {
      for (const Variable& variable : workspace.variables)
        add("pipeline_variable", {workspace.uuid, variable.uuid}, setup_.variable(variable));
    }
    if (admin && token_.has("read:runner:bitbucket") && switches_.plan != Plan::free) {
      for (const Runner& runner : workspace.runners)
        add("runner", {workspace.uuid, runner.uuid}, setup_.runner(runner));
    }
    if (!admin || !token_.has("read:webhook:bitbucket")) return;
    for (const Hook& hook : workspace.hooks)
      add("webhook", {workspace.uuid, hook.uuid}, setup_.workspace_hook(workspace, hook));
  }

  void project_setup(const Workspace& workspace, const Project& project) {
    if (!token_.administrates(workspace.slug, project.key)) return;
    const std::string base = "workspaces/" + workspace.slug + "/projects/" + project.key;
    for (const Grant& grant : project.grants) {
      if (!token_.has("read:project:bitbucket")) break;
      const std::string who =
          grant.to_group ? workspace.groups[grant.who].slug : uuid_of(grant.who);
      add("project_grant", {project.uuid, grant.to_group ? "group" : "user", who},
          bodies_.grant(workspace, grant, "project", base));
    }
    for (const std::size_t person : project.default_reviewers) {
      if (!token_.has("read:pullrequest:bitbucket")) break;
      add("project_default_reviewer", {project.uuid, uuid_of(person)},
          setup_.default_reviewer(person, "project"));
    }
    for (const DeployKey& key : project.deploy_keys) {
      if (!token_.has("admin:project:bitbucket")) break;
      add("deploy_key", {project.uuid, std::to_string(key.id)},
          setup_.project_deploy_key(workspace, project, key));
    }
  }

  void access(const Workspace& workspace, const Repository& repository) {
    if (!kinds_.contains("repository_access")) return;
    for (const Access& row : effective_access(workspace, repository))
      add("repository_access", {repository.uuid, uuid_of(row.person)},
          setup_.access(workspace, repository, row.person, row.permission));
  }

  void repository_setup(const Workspace& workspace, const Repository& repository) {
    const std::string& id = repository.uuid;
    const Setup& setup = repository.setup;
    const Project& project = workspace.projects[repository.project];
    add("branching_model", {id}, setup_.branching_model(workspace, repository, true));
    if (!repository.main_branch.empty())
      add("main_branch", {id}, setup_.branch(workspace, repository, repository.main_branch));
    if (token_.has("read:pullrequest:bitbucket")) {
      for (const auto& [person, from] : effective_reviewers(project, repository))
        add("default_reviewer", {id, uuid_of(person)}, setup_.default_reviewer(person, from));
    }
    if (token_.has("read:pipeline:bitbucket") && may_have_pipelines(repository)) {
      for (const Environment& environment : setup.environments)
        add("environment", {id, environment.uuid}, setup_.environment(environment, switches_.plan));
      for (const Schedule& schedule : setup.schedules)
        add("pipeline_schedule", {id, schedule.uuid}, setup_.schedule(schedule));
    }
    if (token_.administrates(workspace.slug, project.key, id))
      for_administrators(workspace, repository);
  }

  /// Of repositories in which none has run the rest is not asked for, where that can be known.
  bool may_have_pipelines(const Repository& repository) const {
    return !repository.history.pipelines.empty() || !token_.has("read:pipeline:bitbucket");
  }

  void for_administrators(const Workspace& workspace, const Repository& repository) {
    const std::string& id = repository.uuid;
    const Setup& setup = repository.setup;
    for (const Hook& hook : setup.hooks) {
      if (!token_.has("read:webhook:bitbucket")) break;
      add("webhook", {id, hook.uuid}, setup_.hook(workspace, repository, hook));
    }
    for (const Variable& variable : setup.variables) {
      if (!token_.has("read:pipeline:bitbucket") || !may_have_pipelines(repository)) break;
      add("pipeline_variable", {id, variable.uuid}, setup_.variable(variable));
    }
    for (const Runner& runner : setup.runners) {
      if (!may_have_pipelines(repository)) break;
      if (!token_.has("read:runner:bitbucket") || switches_.plan == Plan::free) break;
      add("runner", {id, runner.uuid}, setup_.runner(runner));
    }
    if (!token_.has("admin:repository:bitbucket")) return;
    for (const DeployKey& key : setup.deploy_keys)
      add("deploy_key", {id, std::to_string(key.id)},
          setup_.deploy_key(workspace, repository, key));
    if (setup.pipelines != PipelinesState::never && may_have_pipelines(repository))
      add("pipeline_config", {id}, setup_.pipelines_config(workspace, repository));
  }

  void happenings(const Workspace& workspace, const Repository& repository) {
    const std::string& id = repository.uuid;
    const History& history = repository.history;
    if (kinds_.contains("commit") || kinds_.contains("build_status"))
      commits(workspace, repository);
    for (std::size_t i = 0; i < history.pipelines.size(); ++i) {
      if (!token_.has("read:pipeline:bitbucket") || !kinds_.contains("pipeline")) break;
      add("pipeline", {id, pipeline_uuid(repository, i)},
          delivery_.pipeline(workspace, repository, i));
    }
    for (std::size_t i = 0; i < history.deployments.size(); ++i) {
      if (!token_.has("read:pipeline:bitbucket") || !kinds_.contains("deployment")) break;
      add("deployment", {id, deployment_uuid(repository, i)},
          delivery_.deployment(workspace, repository, i));
    }
    if (!token_.has("read:pullrequest:bitbucket")) return;
    for (const PullRequest& pull_request : repository.pull_requests) {
      const std::string number = std::to_string(pull_request.id);
      for (const Event& event : pull_request.events) {
        if (!kinds_.contains("pull_request_activity")) break;
        add("pull_request_activity", activity_key(id, number, event),
            delivery_.activity(workspace, repository, pull_request, event));
      }
      if (!kinds_.contains("merge_check") || pull_request.state != "OPEN") continue;
      json::array checks =
          delivery_.merge_checks(repository, pull_request, switches_.plan == Plan::premium);
      const std::size_t size = checks.size();
      add("merge_check", {id, number}, {{"size", size}, {"values", std::move(checks)}});
    }
  }

  std::vector<std::string> activity_key(const std::string& repository, const std::string& number,
                                        const Event& event) const {
    static constexpr const char* names[] = {"update", "approval", "changes_requested", "comment"};
    const std::string last =
        event.kind == Event::Kind::comment ? std::to_string(event.comment) : event.state;
    return {repository,
            number,
            names[static_cast<int>(event.kind)],
            stamp(event.time),
            uuid_of(event.person),
            last};
  }

  /// The address of the account that asks is kept sealed and nowhere else.
  json::value without_own_address(json::value commit) const {
    std::string raw(commit.at("author").at("raw").as_string());
    const std::string own = "<" + token_.email + ">";
    if (!raw.ends_with(own)) return commit;
    const std::string domain = token_.email.substr(token_.email.find('@'));
    raw.replace(raw.size() - own.size(), own.size(),
                fmt::format("<{}***{}>", token_.email.front(), domain));
    commit.at("author").at("raw") = raw;
    return commit;
  }

  void commits(const Workspace& workspace, const Repository& repository) {
    const auto head = repository.history.heads.find(repository.main_branch);
    if (head == repository.history.heads.end()) return;
    const bool elsewhere = repository.setup.pipelines != PipelinesState::enabled;
    for (const std::size_t i : reachable(repository.history, {head->second})) {
      const std::string& hash = repository.history.commits[i].hash;
      if (kinds_.contains("commit"))
        add("commit", {repository.uuid, hash},
            without_own_address(delivery_.commit(workspace, repository, i)));
      if (!elsewhere || !kinds_.contains("build_status")) continue;
      for (const json::value& status : delivery_.statuses(workspace, repository, i))
        add("build_status", {repository.uuid, hash, std::string(status.at("key").as_string())},
            status);
    }
  }

  void membership(const Workspace& workspace, const Membership& member) {
    json::value body = bodies_.membership(workspace, member, true);
    if (switches_.migrated.contains(workspace.slug)) {
      body.get_object().erase("added_on");
      body.get_object().erase("last_accessed");
    }
    json::value& who = body.get_object()["user"];
    if (token_.role_in(workspace.slug) != Role::admin && who.is_object()) {
      who.get_object().erase("email");
      who.get_object()["has_2fa_enabled"] = nullptr;
    }
    add("workspace_member", {workspace.uuid, world_.people[member.person].uuid}, body,
        hidden_in_members);
  }

  void in_repository(const Workspace& workspace, const Repository& repository) {
    const bool admin = token_.administrates(
        workspace.slug, workspace.projects[repository.project].key, repository.uuid);
    const std::string base = "repositories/" + workspace.slug + "/" + repository.slug;
    for (const Grant& grant : repository.grants) {
      if (!admin) break;
      const std::string who =
          grant.to_group ? workspace.groups[grant.who].slug : world_.people[grant.who].uuid;
      add("repository_grant", {repository.uuid, grant.to_group ? "group" : "user", who},
          bodies_.grant(workspace, grant, "repository", base), {});
    }
    for (const Restriction& restriction : repository.restrictions) {
      if (!admin || !token_.has("admin:repository:bitbucket")) break;
      add("branch_restriction", {repository.uuid, std::to_string(restriction.id)},
          bodies_.restriction(workspace, repository, restriction), {});
    }
    for (const PullRequest& pull_request : repository.pull_requests) {
      if (!token_.has("read:pullrequest:bitbucket")) break;
      add("pull_request", {repository.uuid, std::to_string(pull_request.id)},
          bodies_.pull_request(workspace, repository, pull_request), hidden_in_pr);
    }
  }

  const World& world_;
  const Bodies& bodies_;
  const SetupBodies& setup_;
  const DeliveryBodies& delivery_;
  const Switches& switches_;
  const Token& token_;
  std::map<std::string, std::string> fields_;
  std::set<std::string> kinds_;
  std::vector<ExpectedObject> found_;
};

}  // namespace

const std::set<std::string>& first_kinds() {
  static const std::set<std::string> kinds{
      "account",    "workspace",        "workspace_member",   "project",
      "repository", "repository_grant", "branch_restriction", "pull_request"};
  return kinds;
}

const std::set<std::string>& all_kinds() {
  static const std::set<std::string> kinds = [] {
    std::set<std::string> all{"group",
                              "project_grant",
                              "project_default_reviewer",
                              "commit",
                              "repository_access",
                              "branching_model",
                              "main_branch",
                              "default_reviewer",
                              "pull_request_activity",
                              "merge_check",
                              "build_status",
                              "pipeline",
                              "environment",
                              "pipeline_config",
                              "pipeline_variable",
                              "runner",
                              "pipeline_schedule",
                              "deployment",
                              "deploy_key",
                              "webhook"};
    all.insert(first_kinds().begin(), first_kinds().end());
    return all;
  }();
  return kinds;
}

std::vector<ExpectedObject> Simulator::expected(const Token& token,
                                                const std::map<std::string, std::string>& fields,
                                                const std::set<std::string>& kinds) {
  const ExpectedSources sources{world_, bodies_, setup_bodies_, delivery_bodies_, switches};
  return Collector(sources, token, {fields, kinds}).collect();
}

}  // namespace evidenced::simulator
