#include "connector/bitbucket/streams.hpp"

namespace evidenced::connector::bitbucket {

namespace {

constexpr std::string_view account_paths[] = {"/2.0/user"};
// The list tells who administrates, the object all the rest.
constexpr std::string_view workspace_paths[] = {"/2.0/user/workspaces",
                                                "/2.0/workspaces/{workspace}"};
// A superset of …/members, with the permission.
constexpr std::string_view member_paths[] = {"/2.0/workspaces/{workspace}/permissions"};
constexpr std::string_view project_paths[] = {"/2.0/workspaces/{workspace}/projects"};
constexpr std::string_view repository_paths[] = {"/2.0/repositories/{workspace}"};
constexpr std::string_view pull_request_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/pullrequests"};
constexpr std::string_view restriction_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/branch-restrictions"};
constexpr std::string_view grant_paths[] = {
    "/2.0/repositories/{workspace}/{repository}/permissions-config/users",
    "/2.0/repositories/{workspace}/{repository}/permissions-config/groups"};

// All four states, by repetition. No sort: with several states it makes large repositories answer
// 500. The additive form of `fields` keeps what is not known here; "+" is %2B.
constexpr std::string_view pull_request_query =
    "state=OPEN&state=MERGED&state=DECLINED&state=SUPERSEDED"
    "&fields=%2Bvalues.participants,%2Bvalues.reviewers,%2Bvalues.merge_commit.date"
    ",-values.rendered,-values.summary.html";

constexpr Stream table[] = {
    {"account", "Account", Parent::none, Group::other, Freshness::each_sync, Shape::object,
     "read:user:bitbucket", false, 0, account_paths, "",
     "The Atlassian account whose credential collects."},
    {"workspace", "Workspaces", Parent::none, Group::other, Freshness::each_sync,
     Shape::list_of_objects, "read:workspace:bitbucket", false, 100, workspace_paths, "",
     "A workspace that the account can see, and whether it administrates it."},
    {"workspace_member", "Workspace members", Parent::workspace, Group::other, Freshness::each_sync,
     Shape::list, "read:workspace:bitbucket", false, 100, member_paths, "",
     "A person in a workspace and the permission held there."},
    {"project", "Projects", Parent::workspace, Group::other, Freshness::each_sync, Shape::list,
     "read:project:bitbucket", false, 100, project_paths, "", "A project of a workspace."},
    {"repository", "Repositories", Parent::workspace, Group::repositories, Freshness::updated_on,
     Shape::list, "read:repository:bitbucket", false, 100, repository_paths, "",
     "A repository: visibility, fork policy, main branch, project."},
    {"pull_request", "Pull requests", Parent::repository, Group::repositories,
     Freshness::updated_on, Shape::list, "read:pullrequest:bitbucket", false, 50,
     pull_request_paths, pull_request_query,
     "A proposed change: author, reviewers, approvals, how and by whom it was closed."},
    {"branch_restriction", "Branch restrictions", Parent::repository, Group::repositories,
     Freshness::rotation, Shape::list, "admin:repository:bitbucket", true, 100, restriction_paths,
     "", "A rule that protects branches: who may push or merge, and what a merge requires."},
    {"repository_grant", "Repository grants", Parent::repository, Group::repositories,
     Freshness::rotation, Shape::list, "read:repository:bitbucket", true, 100, grant_paths, "",
     "A permission given on a repository to a person or a group."},
};

}  // namespace

std::span<const Stream> streams() {
  return table;
}

const Stream* find_stream(std::string_view name) {
  for (const Stream& stream : table) {
    if (stream.name == name) return &stream;
  }
  return nullptr;
}

std::string_view group_name(Group group) {
  switch (group) {
    case Group::repositories:
      return "repositories";
    case Group::other:
      return "other";
    case Group::webhooks:
      return "webhooks";
  }
  return "other";
}

}  // namespace evidenced::connector::bitbucket
