// The endpoints: one row each.
#include "tests/simulator/handlers.hpp"

namespace evidenced::simulator {
namespace {

constexpr std::string_view user_scope = "read:user:bitbucket";
constexpr std::string_view workspace_scope = "read:workspace:bitbucket";
constexpr std::string_view project_scope = "read:project:bitbucket";
constexpr std::string_view repository_scope = "read:repository:bitbucket";
constexpr std::string_view pull_request_scope = "read:pullrequest:bitbucket";
constexpr std::string_view pipeline_scope = "read:pipeline:bitbucket";
constexpr std::string_view webhook_scope = "read:webhook:bitbucket";
constexpr std::string_view runner_scope = "read:runner:bitbucket";
constexpr std::string_view control_scope = "admin:repository:bitbucket";
constexpr std::string_view project_control_scope = "admin:project:bitbucket";

}  // namespace

std::span<const Route> routes() {
  static const std::vector<Route> table{
      {"2.0/user", user_scope, Need::nothing, false, handlers::user},
      {"2.0/user/emails", user_scope, Need::nothing, false, handlers::user_emails},
      {"2.0/users/{user}", user_scope, Need::nothing, false, handlers::some_user},
      {"2.0/user/workspaces", workspace_scope, Need::nothing, false, handlers::user_workspaces},
      {"2.0/user/workspaces/{workspace}/permission", workspace_scope, Need::workspace, false,
       handlers::user_workspace_permission},
      {"2.0/user/workspaces/{workspace}/permissions/repositories", repository_scope,
       Need::workspace, false, handlers::own_permissions},
      {"2.0/workspaces/{workspace}", workspace_scope, Need::workspace, true, handlers::workspace},
      {"2.0/workspaces/{workspace}/members", workspace_scope, Need::workspace, true,
       handlers::members},
      {"2.0/workspaces/{workspace}/permissions", workspace_scope, Need::workspace, false,
       handlers::permissions},
      {"2.0/workspaces/{workspace}/permissions/repositories", repository_scope, Need::admin, false,
       handlers::repository_permissions},
      {"2.0/workspaces/{workspace}/permissions/repositories/{repository}", repository_scope,
       Need::repository_admin, false, handlers::one_repository_permissions},
      {"2.0/workspaces/{workspace}/projects", project_scope, Need::workspace, true,
       handlers::projects},
      {"2.0/workspaces/{workspace}/projects/{project}", project_scope, Need::project, true,
       handlers::project},
      {"2.0/workspaces/{workspace}/projects/{project}/permissions-config/users", project_scope,
       Need::project_admin, false, handlers::project_users},
      {"2.0/workspaces/{workspace}/projects/{project}/permissions-config/groups", project_scope,
       Need::project_admin, false, handlers::project_groups},
      {"2.0/workspaces/{workspace}/projects/{project}/default-reviewers", pull_request_scope,
       Need::project_admin, true, handlers::project_default_reviewers},
      {"2.0/workspaces/{workspace}/projects/{project}/deploy-keys", project_control_scope,
       Need::project_admin, true, handlers::project_deploy_keys},
      {"2.0/workspaces/{workspace}/hooks", webhook_scope, Need::admin, true,
       handlers::workspace_hooks},
      {"2.0/workspaces/{workspace}/pipelines-config/variables", pipeline_scope, Need::workspace,
       true, handlers::workspace_variables},
      {"2.0/workspaces/{workspace}/pipelines-config/runners", runner_scope, Need::admin, true,
       handlers::workspace_runners},
      {"2.0/repositories/{workspace}", repository_scope, Need::workspace, true,
       handlers::repositories},
      {"2.0/repositories/{workspace}/{repository}", repository_scope, Need::repository, true,
       handlers::repository},
      {"2.0/repositories/{workspace}/{repository}/permissions-config/users", repository_scope,
       Need::repository_admin, false, handlers::repository_users},
      {"2.0/repositories/{workspace}/{repository}/permissions-config/groups", repository_scope,
       Need::repository_admin, false, handlers::repository_groups},
      {"2.0/repositories/{workspace}/{repository}/branch-restrictions", control_scope,
       Need::repository_admin, true, handlers::restrictions},
      {"2.0/repositories/{workspace}/{repository}/branch-restrictions/{id}", control_scope,
       Need::repository_admin, true, handlers::restriction},
      {"2.0/repositories/{workspace}/{repository}/pullrequests", pull_request_scope,
       Need::repository, true, handlers::pull_requests},
      {"2.0/repositories/{workspace}/{repository}/pullrequests/activity", pull_request_scope,
       Need::repository, true, handlers::activity},
      {"2.0/repositories/{workspace}/{repository}/pullrequests/{id}", pull_request_scope,
       Need::repository, true, handlers::pull_request},
      {"2.0/repositories/{workspace}/{repository}/pullrequests/{id}/activity", pull_request_scope,
       Need::repository, true, handlers::pull_request_activity},
      {"2.0/repositories/{workspace}/{repository}/pullrequests/{id}/commits", pull_request_scope,
       Need::repository, true, handlers::pull_request_commits},
      {"2.0/repositories/{workspace}/{repository}/commits", repository_scope, Need::repository,
       true, handlers::commits},
      {"2.0/repositories/{workspace}/{repository}/commits/{ref}", repository_scope,
       Need::repository, true, handlers::commits},
      {"2.0/repositories/{workspace}/{repository}/pipelines", pipeline_scope, Need::repository,
       true, handlers::pipelines},
      {"2.0/repositories/{workspace}/{repository}/deployments", pipeline_scope, Need::repository,
       true, handlers::deployments},
      {"2.0/repositories/{workspace}/{repository}/default-reviewers", pull_request_scope,
       Need::repository, true, handlers::default_reviewers},
      {"2.0/repositories/{workspace}/{repository}/effective-default-reviewers", pull_request_scope,
       Need::repository, true, handlers::effective_default_reviewers},
      {"2.0/repositories/{workspace}/{repository}/branching-model", repository_scope,
       Need::repository, true, handlers::branching_model},
      {"2.0/repositories/{workspace}/{repository}/effective-branching-model", repository_scope,
       Need::repository, true, handlers::effective_branching_model},
      {"2.0/repositories/{workspace}/{repository}/refs/branches", repository_scope,
       Need::repository, true, handlers::branches},
      {"2.0/repositories/{workspace}/{repository}/refs/branches/{branch}", repository_scope,
       Need::repository, true, handlers::branch},
      {"2.0/repositories/{workspace}/{repository}/deploy-keys", control_scope,
       Need::repository_admin, true, handlers::deploy_keys},
      {"2.0/repositories/{workspace}/{repository}/environments", pipeline_scope, Need::repository,
       true, handlers::environments},
      {"2.0/repositories/{workspace}/{repository}/environments/{environment}", pipeline_scope,
       Need::repository, true, handlers::environment},
      {"2.0/repositories/{workspace}/{repository}/pipelines_config", control_scope,
       Need::repository_admin, true, handlers::pipelines_config},
      {"2.0/repositories/{workspace}/{repository}/pipelines_config/variables", pipeline_scope,
       Need::repository_admin, true, handlers::variables},
      {"2.0/repositories/{workspace}/{repository}/pipelines_config/schedules", pipeline_scope,
       Need::repository, true, handlers::schedules},
      {"2.0/repositories/{workspace}/{repository}/pipelines-config/runners", runner_scope,
       Need::repository_admin, true, handlers::runners},
      {"2.0/repositories/{workspace}/{repository}/hooks", webhook_scope, Need::repository_admin,
       true, handlers::hooks},
      {"2.0/repositories/{workspace}/{repository}/downloads", repository_scope, Need::repository,
       true, handlers::downloads},
      {"2.0/hook_events", "", Need::nothing, true, handlers::hook_events},
      {"2.0/hook_events/{subject}", "", Need::nothing, true, handlers::some_hook_events},
      {"1.0/groups/{workspace}", "read:permission:bitbucket", Need::admin, false,
       handlers::old_groups},
      {"1.0/groups/{workspace}/{group}/members", "read:permission:bitbucket", Need::admin, false,
       handlers::old_group_members},
      {"2.0/workspaces", workspace_scope, Need::nothing, true, handlers::all_workspaces},
      {"2.0/repositories", repository_scope, Need::nothing, true, handlers::all_repositories},
      {"2.0/user/permissions/workspaces", workspace_scope, Need::nothing, true,
       handlers::all_permissions},
      {"2.0/user/permissions/repositories", repository_scope, Need::nothing, true,
       handlers::nothing},
      {"2.0/snippets", "", Need::nothing, true, handlers::nothing},
  };
  return table;
}

}  // namespace evidenced::simulator
