#pragma once

#include <string_view>

/// What the rows of the table of streams ask: paths, constant queries, scopes. Only streams.cpp
/// reads them.
namespace evidenced::connector::bitbucket::paths {

inline constexpr std::string_view account_paths[] = {"/2.0/user"};
// The list tells who administrates, the object all the rest.
inline constexpr std::string_view workspace_paths[] = {"/2.0/user/workspaces",
                                                       "/2.0/workspaces/{workspace}"};
// A superset of …/members, with the permission.
inline constexpr std::string_view member_paths[] = {"/2.0/workspaces/{workspace}/permissions"};
// All that is left of the 1.0 API, and the only place that tells who is in a group.
inline constexpr std::string_view group_paths[] = {"/1.0/groups/{workspace_slug}/"};
inline constexpr std::string_view project_paths[] = {"/2.0/workspaces/{workspace}/projects"};
inline constexpr std::string_view repository_paths[] = {"/2.0/repositories/{workspace}"};
inline constexpr std::string_view pull_request_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/pullrequests"};
inline constexpr std::string_view activity_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/pullrequests/activity"};
inline constexpr std::string_view restriction_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/branch-restrictions"};
inline constexpr std::string_view grant_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/permissions-config/users",
    "/2.0/repositories/{workspace}/{repository}/permissions-config/groups"};
// The service answers these two with their slash alone.
inline constexpr std::string_view pipeline_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/pipelines/"};
inline constexpr std::string_view deployment_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/deployments/"};
inline constexpr std::string_view project_grant_paths[] = {
    "/2.0/workspaces/{workspace}/projects/{project}/permissions-config/users",
    "/2.0/workspaces/{workspace}/projects/{project}/permissions-config/groups"};
// Of the whole workspace: the pages of one list are never more than those of a list a repository,
// which is for who administrates some repositories, not the workspace.
inline constexpr std::string_view access_paths[] = {
    "/2.0/workspaces/{workspace}/permissions/repositories"};
inline constexpr std::string_view one_access_paths[] = {
    "/2.0/workspaces/{workspace}/permissions/repositories/{repository}"};
inline constexpr std::string_view project_reviewer_paths[] = {
    "/2.0/workspaces/{workspace}/projects/{project}/default-reviewers"};
// "Effective" is what holds: the repository's own and what the project adds.
inline constexpr std::string_view reviewer_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/effective-default-reviewers"};
inline constexpr std::string_view model_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/effective-branching-model"};
inline constexpr std::string_view main_branch_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/refs/branches/{main_branch}"};
inline constexpr std::string_view commit_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/commits/{main_branch}"};
inline constexpr std::string_view status_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/commit/{commit}/statuses"};
inline constexpr std::string_view merge_check_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/pullrequests/{pull_request}/mergeability/checks"};
inline constexpr std::string_view environment_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/environments"};
inline constexpr std::string_view hook_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/hooks"};
inline constexpr std::string_view workspace_hook_paths[] = {"/2.0/workspaces/{workspace}/hooks"};
inline constexpr std::string_view key_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/deploy-keys"};
inline constexpr std::string_view project_key_paths[] = {
    "/2.0/workspaces/{workspace}/projects/{project}/deploy-keys"};
// Of these some are spelled with a hyphen and some with an underscore.
inline constexpr std::string_view pipeline_config_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/pipelines_config"};
inline constexpr std::string_view variable_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/pipelines_config/variables"};
inline constexpr std::string_view workspace_variable_paths[] = {
    "/2.0/workspaces/{workspace}/pipelines-config/variables"};
inline constexpr std::string_view schedule_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/pipelines_config/schedules"};
inline constexpr std::string_view runner_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/pipelines-config/runners"};
inline constexpr std::string_view workspace_runner_paths[] = {
    "/2.0/workspaces/{workspace}/pipelines-config/runners"};

// All four states, by repetition. No sort: with several states it makes large repositories answer
// 500. The additive form of `fields` keeps what is not known here; "+" is %2B.
inline constexpr std::string_view pull_request_query =
    "state=OPEN&state=MERGED&state=DECLINED&state=SUPERSEDED"
    "&fields=%2Bvalues.participants,%2Bvalues.reviewers,%2Bvalues.merge_commit.date"
    ",-values.rendered,-values.summary.html";
// Without it the oldest come first. Deployments refuse a sort, and show the newest first.
inline constexpr std::string_view pipeline_query = "sort=-created_on";
// What they demand, without what changes with every commit beside them: that is costly to work out.
inline constexpr std::string_view merge_check_query =
    "q=type%21%3D%22git_mergeability_check%22%20AND%20"
    "check.kind%21%3D%22maximum_commits_behind%22";
// Where the branches stand is no part of the model: it would seem to change with every push.
inline constexpr std::string_view model_query =
    "fields=-development.branch.target,-production.branch.target";

inline constexpr std::string_view user_scope = "read:user:bitbucket";
inline constexpr std::string_view workspace_scope = "read:workspace:bitbucket";
inline constexpr std::string_view project_scope = "read:project:bitbucket";
inline constexpr std::string_view repository_scope = "read:repository:bitbucket";
inline constexpr std::string_view pull_request_scope = "read:pullrequest:bitbucket";
inline constexpr std::string_view pipeline_scope = "read:pipeline:bitbucket";
inline constexpr std::string_view runner_scope = "read:runner:bitbucket";
inline constexpr std::string_view webhook_scope = "read:webhook:bitbucket";
inline constexpr std::string_view permission_scope = "read:permission:bitbucket";
inline constexpr std::string_view control_scope = "admin:repository:bitbucket";
inline constexpr std::string_view project_control_scope = "admin:project:bitbucket";

}  // namespace evidenced::connector::bitbucket::paths
