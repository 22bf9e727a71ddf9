#include "tests/simulator/bodies_setup.hpp"

#include "tests/simulator/secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace evidenced::simulator {
namespace {

/// A branch name within a path: the slash is encoded.
std::string encode_branch(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '/') {
      text += "%2F";
    } else {
      text += c;
    }
  }
  return text;
}

int rank(std::string_view permission) {
  if (permission == "admin") return 3;
  if (permission == "write" || permission == "create-repo") return 2;
  return permission == "read" ? 1 : 0;
}

json::value key_body(const DeployKey& key, std::string_view type) {
  return {{"id", key.id},
          {"key", key.key},
          {"label", key.label},
          {"type", type},
          {"created_on", stamp(key.created_on)},
          {"last_used", key.last_used ? json::value(stamp(*key.last_used)) : json::value(nullptr)},
          {"comment", key.comment}};
}

json::value hook_body(const Hook& hook) {
  return {{"type", "webhook_subscription"},
          {"uuid", hook.uuid},
          {"url", hook.url},
          {"description", hook.description},
          {"active", hook.active},
          {"created_at", stamp(hook.created_on, Spelling::zulu)},
          {"events", json::array(hook.events.begin(), hook.events.end())},
          {"secret_set", hook.secret_set},
          {"history_enabled", false},
          {"read_only", nullptr},
          {"skip_cert_verification", hook.skips_verification},
          {"source", "USER"}};
}

}  // namespace

json::value SetupBodies::access(const Workspace& workspace, const Repository& repository,
                                std::size_t person, std::string_view permission) const {
  return {{"type", "repository_permission"},
          {"permission", permission},
          {"user", bodies_.account(person)},
          {"repository", bodies_.repository_short(workspace, repository)}};
}

json::value SetupBodies::default_reviewer(std::size_t person, std::string_view from) const {
  return {{"type", "default_reviewer"}, {"reviewer_type", from}, {"user", bodies_.account(person)}};
}

json::value SetupBodies::branching_model(const Workspace& workspace, const Repository& repository,
                                         bool effective) const {
  const auto shown = [&](const std::string& name, bool follows) {
    json::object body{{"name", name.empty() ? json::value(nullptr) : json::value(name)},
                      {"use_mainbranch", follows}};
    if (!name.empty())
      body["branch"] = {{"type", "branch"},
                        {"name", name},
                        {"target", {{"type", "commit"}, {"hash", head_of(repository, name)}}}};
    return body;
  };
  json::object body;
  body["type"] = effective ? "effective_repo_branching_model" : "branching_model";
  body["development"] = shown(repository.main_branch, true);
  const std::string& production = repository.setup.production_branch;
  if (!production.empty() && !repository.main_branch.empty())
    body["production"] = shown(production, false);
  body["branch_types"] = {{{"kind", "release"}, {"prefix", "release/"}},
                          {{"kind", "hotfix"}, {"prefix", "hotfix/"}},
                          {{"kind", "feature"}, {"prefix", repository.setup.feature_prefix}},
                          {{"kind", "bugfix"}, {"prefix", "bugfix/"}}};
  body["links"] = {
      {"self", api_link(path_of(workspace, repository) +
                        (effective ? "/effective-branching-model" : "/branching-model"))}};
  return body;
}

json::value SetupBodies::branch(const Workspace& workspace, const Repository& repository,
                                std::string_view name) const {
  const std::string path = path_of(workspace, repository);
  const std::string hash = head_of(repository, name);
  return {{"name", name},
          {"type", "branch"},
          {"default_merge_strategy", repository.setup.merge_strategy},
          {"merge_strategies",
           {"merge_commit", "squash", "fast_forward", "squash_fast_forward", "rebase_fast_forward",
            "rebase_merge"}},
          {"sync_strategies", {"merge_commit", "rebase"}},
          {"links",
           {{"self", api_link(path + "/refs/branches/" + encode_branch(name))},
            {"commits", api_link(path + "/commits/" + encode_branch(name))},
            {"html",
             web_link(workspace.slug + "/" + repository.slug + "/branch/" + encode_branch(name))}}},
          {"target",
           {{"type", "commit"},
            {"hash", hash},
            {"repository", bodies_.repository_short(workspace, repository)},
            {"links", {{"self", api_link(path + "/commit/" + hash)}}}}}};
}

json::value SetupBodies::environment(const Environment& environment, Plan plan) const {
  const bool premium = plan == Plan::premium;
  json::value lock = {{"type", "deployment_environment_lock_open"}, {"name", "OPEN"}};
  if (environment.locked)
    lock = {{"type", "deployment_environment_lock_locked"}, {"name", "LOCKED"}};
  return {{"type", "deployment_environment"},
          {"uuid", environment.uuid},
          {"name", environment.name},
          {"slug", environment.slug},
          {"rank", environment.rank},
          {"hidden", false},
          {"environment_type",
           {{"type", "deployment_environment_type"},
            {"name", environment.type},
            {"rank", environment.rank}}},
          {"category", {{"name", environment.type}}},
          {"deployment_gate_enabled", environment.gated && premium},
          {"environment_lock_enabled", true},
          {"lock", std::move(lock)},
          {"restrictions",
           {{"type", "deployment_restrictions_configuration"},
            {"admin_only", environment.admin_only && premium}}}};
}

json::value SetupBodies::pipelines_config(const Workspace& workspace,
                                          const Repository& repository) const {
  return {{"type", "repository_pipelines_configuration"},
          {"enabled", repository.setup.pipelines == PipelinesState::enabled},
          {"repository", bodies_.repository_short(workspace, repository)}};
}

json::value SetupBodies::variable(const Variable& variable) const {
  json::object body{{"type", "pipeline_variable"},
                    {"uuid", variable.uuid},
                    {"key", variable.key},
                    {"secured", variable.secured}};
  if (!variable.secured) body["value"] = variable.value;
  return body;
}

json::value SetupBodies::schedule(const Schedule& schedule) const {
  return {{"type", "pipeline_schedule"},
          {"uuid", schedule.uuid},
          {"enabled", schedule.enabled},
          {"cron_pattern", schedule.cron},
          {"target",
           {{"type", "pipeline_ref_target"},
            {"ref_type", "branch"},
            {"ref_name", schedule.branch},
            {"selector", {{"type", "branches"}, {"pattern", schedule.branch}}}}},
          {"created_on", stamp(schedule.created_on, Spelling::zulu)},
          {"updated_on", stamp(schedule.updated_on, Spelling::zulu)}};
}

json::value SetupBodies::runner(const Runner& runner) const {
  return {{"type", "pipeline_runner"},
          {"uuid", runner.uuid},
          {"name", runner.name},
          {"labels", json::array(runner.labels.begin(), runner.labels.end())},
          {"state",
           {{"type", "pipeline_runner_state"},
            {"status", runner.status},
            {"cordoned", runner.cordoned},
            {"version", {{"type", "pipeline_runner_version"}, {"version", "3.21.0"}}},
            {"updated_on", stamp(runner.updated_on, Spelling::zulu)}}},
          {"created_on", stamp(runner.created_on, Spelling::zulu)},
          {"updated_on", stamp(runner.updated_on, Spelling::zulu)},
          {"oauth_client",
           {{"type", "pipeline_runner_oauth_client"},
            {"id", "client-" + runner.uuid.substr(1, 8)},
            {"secret", canary_secret},
            {"audience", "api.atlassian.com"},
            {"token_endpoint", "https://auth.example.com/oauth/token"}}}};
}

json::value SetupBodies::deploy_key(const Workspace& workspace, const Repository& repository,
                                    const DeployKey& key) const {
  json::value body = key_body(key, "deploy_key");
  json::object& object = body.get_object();
  object["repository"] = bodies_.repository_short(workspace, repository);
  object["links"] = {
      {"self", api_link(fmt::format("{}/deploy-keys/{}", path_of(workspace, repository), key.id))}};
  return body;
}

json::value SetupBodies::project_deploy_key(const Workspace& workspace, const Project& project,
                                            const DeployKey& key) const {
  const std::string path = "workspaces/" + workspace.slug + "/projects/" + project.key;
  json::value body = key_body(key, "project_deploy_key");
  json::object& object = body.get_object();
  object["project"] = {{"type", "project"},
                       {"key", project.key},
                       {"name", project.name},
                       {"uuid", project.uuid},
                       {"links", {{"self", api_link(path)}}}};
  object["created_by"] = bodies_.account(key.added_by);
  object["links"] = {{"self", api_link(fmt::format("{}/deploy-keys/{}", path, key.id))}};
  return body;
}

json::value SetupBodies::hook(const Workspace& workspace, const Repository& repository,
                              const Hook& hook) const {
  json::value body = hook_body(hook);
  json::object& object = body.get_object();
  object["subject_type"] = "repository";
  object["subject"] = bodies_.repository_short(workspace, repository);
  object["links"] = {
      {"self", api_link(path_of(workspace, repository) + "/hooks/" + encode_uuid(hook.uuid))}};
  return body;
}

json::value SetupBodies::workspace_hook(const Workspace& workspace, const Hook& hook) const {
  json::value body = hook_body(hook);
  json::object& object = body.get_object();
  object["subject_type"] = "workspace";
  object["subject"] = bodies_.workspace_short(workspace);
  object["links"] = {
      {"self", api_link("workspaces/" + workspace.slug + "/hooks/" + encode_uuid(hook.uuid))}};
  return body;
}

std::vector<std::string> branches_of(const Repository& repository) {
  std::vector<std::string> names;
  if (repository.main_branch.empty()) return names;
  names.push_back(repository.main_branch);
  std::set<std::string_view> known{repository.main_branch};
  const auto add = [&](const std::string& name) {
    if (!name.empty() && known.insert(name).second) names.push_back(name);
  };
  add(repository.setup.production_branch);
  for (const PullRequest& pull_request : repository.pull_requests) {
    if (pull_request.state != "OPEN") continue;
    if (!pull_request.fork_deleted) add(pull_request.source_branch);
    add(pull_request.destination_branch);
  }
  return names;
}

std::string head_of(const Repository& repository, std::string_view branch) {
  const History& history = repository.history;
  auto found = history.heads.find(std::string(branch));
  if (found != history.heads.end())
    return history.commits[static_cast<std::size_t>(found->second)].hash;
  for (auto it = repository.pull_requests.rbegin(); it != repository.pull_requests.rend(); ++it) {
    if (it->state == "OPEN" && it->source_branch == branch) return it->source_hash;
  }
  found = history.heads.find(repository.main_branch);
  if (found != history.heads.end())
    return history.commits[static_cast<std::size_t>(found->second)].hash;
  return Dice(static_cast<std::uint64_t>(repository.created_on)).hex(40);
}

std::vector<std::pair<std::size_t, std::string_view>> effective_reviewers(
    const Project& project, const Repository& repository) {
  std::vector<std::pair<std::size_t, std::string_view>> rows;
  const auto& own = repository.setup.default_reviewers;
  rows.reserve(own.size() + project.default_reviewers.size());
  for (const std::size_t person : own) rows.emplace_back(person, "repository");
  for (const std::size_t person : project.default_reviewers) {
    if (std::find(own.begin(), own.end(), person) == own.end())
      rows.emplace_back(person, "project");
  }
  return rows;
}

std::vector<Access> effective_access(const Workspace& workspace, const Repository& repository) {
  static constexpr std::string_view names[] = {"", "read", "write", "admin"};
  std::map<std::size_t, int> best;
  const auto raise = [&](std::size_t person, int to) { best[person] = std::max(best[person], to); };
  const auto add = [&](const std::vector<Grant>& grants) {
    for (const Grant& grant : grants) {
      const int to = rank(grant.permission);
      if (!grant.to_group) {
        raise(grant.who, to);
        continue;
      }
      for (const std::size_t member : workspace.groups[grant.who].members) raise(member, to);
    }
  };
  add(repository.grants);
  add(workspace.projects[repository.project].grants);
  std::vector<Access> rows;
  for (const Membership& member : workspace.members) {
    const auto found = best.find(member.person);
    const int level = member.permission == "owner" ? 3 : found == best.end() ? 0 : found->second;
    if (level > 0) rows.push_back({&repository, member.person, names[level]});
  }
  return rows;
}

}  // namespace evidenced::simulator
