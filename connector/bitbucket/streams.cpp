#include "connector/bitbucket/streams.hpp"

#include "connector/bitbucket/stream_paths.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace evidenced::connector::bitbucket {

namespace {

using namespace paths;

constexpr std::chrono::hours week{7 * 24};
constexpr std::chrono::hours quarter{90 * 24};

constexpr std::chrono::hours audit_period{400 * 24};  // a year, and what an audit of it looks back

constexpr std::string_view with_pull_requests[] = {"pull_request"};
constexpr std::string_view with_pushes[] = {"repository", "pull_request"};
constexpr std::string_view with_pipelines[] = {"pipeline"};

constexpr Stream table[] = {
    {.name = "account",
     .kind = "account",
     .title = "Account",
     .description = "The Atlassian account whose credential collects.",
     .freshness = Freshness::each_sync,
     .shape = Shape::object,
     .scope = user_scope,
     .paths = account_paths},
    {.name = "workspace",
     .kind = "workspace",
     .title = "Workspaces",
     .description = "A workspace that the account can see, and whether it administrates it.",
     .freshness = Freshness::each_sync,
     .shape = Shape::list_of_objects,
     .scope = workspace_scope,
     .page_length = 100,
     .paths = workspace_paths},
    {.name = "workspace_member",
     .kind = "workspace_member",
     .title = "Workspace members",
     .description = "A person in a workspace and the permission held there.",
     .parent = Parent::workspace,
     .freshness = Freshness::each_sync,
     .scope = workspace_scope,
     .page_length = 100,
     .paths = member_paths},
    {.name = "group",
     .kind = "group",
     .title = "Groups",
     .description = "A group of a workspace, its members and its default permission.",
     .parent = Parent::workspace,
     .freshness = Freshness::each_sync,
     .scope = permission_scope,
     .needs_role = true,
     .paths = group_paths,
     .probe = true},
    {.name = "project",
     .kind = "project",
     .title = "Projects",
     .description = "A project of a workspace.",
     .parent = Parent::workspace,
     .freshness = Freshness::each_sync,
     .scope = project_scope,
     .page_length = 100,
     .paths = project_paths},
    {.name = "repository",
     .kind = "repository",
     .title = "Repositories",
     .description = "A repository: visibility, fork policy, main branch, project.",
     .parent = Parent::workspace,
     .group = Group::repositories,
     .freshness = Freshness::updated_on,
     .scope = repository_scope,
     .page_length = 100,
     .paths = repository_paths},
    {.name = "pull_request",
     .kind = "pull_request",
     .title = "Pull requests",
     .description =
         "A proposed change: author, reviewers, approvals, how and by whom it was closed.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .freshness = Freshness::updated_on,
     .scope = pull_request_scope,
     .page_length = 50,
     .paths = pull_request_paths,
     .query = pull_request_query,
     .whole_after = week,
     .watches_open = true},
    {.name = "pull_request_activity",
     .kind = "pull_request_activity",
     .title = "Activity of pull requests",
     .description = "Something that happened to a pull request: it was opened, approved, asked to "
                    "be changed, commented, pushed to, closed; by whom and when. Approvals that "
                    "were taken back stay here.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .freshness = Freshness::newest_first,
     .scope = pull_request_scope,
     .page_length = 50,
     .paths = activity_paths,
     .whole_after = quarter,
     .follows = with_pull_requests},
    {.name = "branch_restriction",
     .kind = "branch_restriction",
     .title = "Branch restrictions",
     .description =
         "A rule that protects branches: who may push or merge, and what a merge requires.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .scope = control_scope,
     .needs_role = true,
     .page_length = 100,
     .paths = restriction_paths},
    {.name = "repository_grant",
     .kind = "repository_grant",
     .title = "Repository grants",
     .description = "A permission given on a repository to a person or a group.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .scope = repository_scope,
     .needs_role = true,
     .page_length = 100,
     .paths = grant_paths},
    {.name = "pipeline",
     .kind = "pipeline",
     .title = "Pipelines",
     .description = "A run of Bitbucket Pipelines: what it built, who or what started it, how it "
                    "ended.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .freshness = Freshness::newest_first,
     .scope = pipeline_scope,
     .page_length = 100,
     .paths = pipeline_paths,
     .query = pipeline_query,
     .whole_after = week,
     .follows = with_pushes,
     .watches_open = true,
     .numbered_pages = true},
    {.name = "deployment",
     .kind = "deployment",
     .title = "Deployments",
     .description = "What was deployed to which environment, by which pipeline, by whom and when.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .freshness = Freshness::newest_first,
     .scope = pipeline_scope,
     .page_length = 100,
     .paths = deployment_paths,
     .whole_after = week,
     .follows = with_pipelines},
    {.name = "commit",
     .kind = "commit",
     .title = "Commits",
     .description = "A commit on the way to the head of the main branch. Those that came with no "
                    "pull request were pushed past review.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .freshness = Freshness::since_head,
     .scope = repository_scope,
     .page_length = 100,
     .paths = commit_paths,
     .window = audit_period,
     .follows = with_pushes},
    {.name = "merge_check",
     .kind = "merge_check",
     .title = "Merge checks",
     .description =
         "What must hold before an open pull request may be merged, and whether it does: "
         "of one in each repository, since the demands are the repository's.",
     .parent = Parent::repository,
     .group = Group::mergeability,
     .shape = Shape::object,
     .scope = pull_request_scope,
     .paths = merge_check_paths,
     .query = merge_check_query,
     .absent_is_none = true},
    {.name = "project_grant",
     .kind = "project_grant",
     .title = "Project grants",
     .description = "A permission given on a project to a person or a group.",
     .parent = Parent::project,
     .scope = project_scope,
     .needs_role = true,
     .page_length = 100,
     .paths = project_grant_paths},
    {.name = "repository_access",
     .kind = "repository_access",
     .title = "Effective access",
     .description = "What a person may do in a repository in the end, whatever grants it: the "
                    "highest permission of all.",
     .parent = Parent::workspace,
     .scope = repository_scope,
     .needs_role = true,
     .page_length = 100,
     .paths = access_paths},
    {.name = "default_reviewer",
     .kind = "default_reviewer",
     .title = "Default reviewers",
     .description = "Who is asked to review every pull request of a repository, and whether the "
                    "project or the repository says so.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .scope = pull_request_scope,
     .page_length = 100,
     .paths = reviewer_paths},
    {.name = "project_default_reviewer",
     .kind = "project_default_reviewer",
     .title = "Default reviewers of projects",
     .description = "Who is asked to review every pull request of a project's repositories.",
     .parent = Parent::project,
     .scope = pull_request_scope,
     .needs_role = true,
     .page_length = 100,
     .paths = project_reviewer_paths},
    {.name = "branching_model",
     .kind = "branching_model",
     .title = "Branching models",
     .description = "Which branches of a repository are for development and production, and how "
                    "the others are called.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .shape = Shape::object,
     .scope = repository_scope,
     .paths = model_paths,
     .query = model_query},
    {.name = "main_branch",
     .kind = "main_branch",
     .title = "Main branches",
     .description = "The main branch of a repository: how it may be merged into, where it stands.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .shape = Shape::object,
     .scope = repository_scope,
     .paths = main_branch_paths,
     .absent_is_none = true},
    {.name = "environment",
     .kind = "environment",
     .title = "Deployment environments",
     .description = "Where a repository is deployed to, and who may do it.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .scope = pipeline_scope,
     .page_length = 100,
     .paths = environment_paths},
    {.name = "pipeline_config",
     .kind = "pipeline_config",
     .title = "Pipeline settings",
     .description = "Whether Pipelines is on for a repository.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .shape = Shape::object,
     .scope = control_scope,
     .needs_role = true,
     .paths = pipeline_config_paths,
     .absent_is_none = true},
    {.name = "pipeline_variable",
     .kind = "pipeline_variable",
     .title = "Pipeline variables",
     .description = "The name of a variable of pipelines and whether it is secured; never its "
                    "value.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .scope = pipeline_scope,
     .page_length = 100,
     .paths = variable_paths},
    {.name = "workspace_pipeline_variable",
     .kind = "pipeline_variable",
     .title = "Pipeline variables of workspaces",
     .parent = Parent::workspace,
     .scope = pipeline_scope,
     .page_length = 100,
     .paths = workspace_variable_paths},
    {.name = "pipeline_schedule",
     .kind = "pipeline_schedule",
     .title = "Pipeline schedules",
     .description = "When a pipeline runs by itself.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .scope = pipeline_scope,
     .page_length = 100,
     .paths = schedule_paths},
    {.name = "runner",
     .kind = "runner",
     .title = "Runners",
     .description = "A machine of one's own that runs pipelines.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .scope = runner_scope,
     .needs_role = true,
     .page_length = 100,
     .paths = runner_paths},
    {.name = "workspace_runner",
     .kind = "runner",
     .title = "Runners of workspaces",
     .parent = Parent::workspace,
     .scope = runner_scope,
     .needs_role = true,
     .page_length = 100,
     .paths = workspace_runner_paths},
    {.name = "deploy_key",
     .kind = "deploy_key",
     .title = "Deploy keys",
     .description = "A key that reads a repository or a project: its fingerprint, never the key.",
     .parent = Parent::repository,
     .group = Group::repositories,
     .scope = control_scope,
     .needs_role = true,
     .page_length = 100,
     .paths = key_paths},
    {.name = "project_deploy_key",
     .kind = "deploy_key",
     .title = "Deploy keys of projects",
     .parent = Parent::project,
     .scope = project_control_scope,
     .needs_role = true,
     .page_length = 100,
     .paths = project_key_paths},
    {.name = "webhook",
     .kind = "webhook",
     .title = "Webhooks",
     .description = "Where Bitbucket sends events to: the host, never the whole address.",
     .parent = Parent::repository,
     .group = Group::webhooks,
     .scope = webhook_scope,
     .needs_role = true,
     .page_length = 100,
     .paths = hook_paths},
    {.name = "workspace_webhook",
     .kind = "webhook",
     .title = "Webhooks of workspaces",
     .parent = Parent::workspace,
     .group = Group::webhooks,
     .scope = webhook_scope,
     .needs_role = true,
     .page_length = 100,
     .paths = workspace_hook_paths},
};

constexpr std::array<std::string_view, 4> parent_kinds = {"", "workspace", "project", "repository"};

}  // namespace

std::span<const Stream> streams() {
  return table;
}

const Stream* find_stream(std::string_view name) {
  const auto* row = std::ranges::find(table, name, &Stream::name);
  return row == std::end(table) ? nullptr : row;
}

const Stream* find_kind(std::string_view kind) {
  const auto* row = std::ranges::find(table, kind, &Stream::kind);
  return row == std::end(table) ? nullptr : row;
}

bool has_tail(const Stream& stream) {
  return stream.freshness == Freshness::newest_first || stream.freshness == Freshness::since_head;
}

bool is_list(const Stream& stream, std::size_t leg) {
  return stream.shape == Shape::list || (stream.shape == Shape::list_of_objects && leg == 0);
}

Parent opens(std::string_view kind) {
  const auto* found = std::ranges::find(parent_kinds, kind);
  if (found == parent_kinds.end()) return Parent::none;
  return static_cast<Parent>(found - parent_kinds.begin());
}

std::string_view parent_kind(Parent parent) {
  return parent_kinds[static_cast<std::size_t>(parent)];
}

std::string_view group_name(Group group) {
  switch (group) {
    case Group::repositories:
      return "repositories";
    case Group::other:
      return "other";
    case Group::webhooks:
      return "webhooks";
    case Group::mergeability:
      return "mergeability";
  }
  return "other";
}

}  // namespace evidenced::connector::bitbucket
