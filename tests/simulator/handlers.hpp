#pragma once

#include "tests/simulator/exchange.hpp"

#include <vector>

namespace evidenced::simulator::handlers {

/// What each endpoint shows: the functions that the table in routes.cpp names.
void user(Exchange& x);
void user_emails(Exchange& x);
void some_user(Exchange& x);
void user_workspaces(Exchange& x);
void user_workspace_permission(Exchange& x);
void workspace(Exchange& x);
void members(Exchange& x);
void permissions(Exchange& x);
void repository_permissions(Exchange& x);
void own_permissions(Exchange& x);
void one_repository_permissions(Exchange& x);
void projects(Exchange& x);
void project(Exchange& x);
void repositories(Exchange& x);
void repository(Exchange& x);
void restrictions(Exchange& x);
void restriction(Exchange& x);
void pull_requests(Exchange& x);
void pull_request(Exchange& x);
void hook_events(Exchange& x);
void some_hook_events(Exchange& x);
void old_groups(Exchange& x);
void all_workspaces(Exchange& x);
void all_repositories(Exchange& x);
void all_permissions(Exchange& x);
void nothing(Exchange& x);
void commits(Exchange& x);
void pull_request_commits(Exchange& x);
void activity(Exchange& x);
void pull_request_activity(Exchange& x);
void pipelines(Exchange& x);
void deployments(Exchange& x);
void deployment(Exchange& x);
void pipeline(Exchange& x);
void commit(Exchange& x);
void statuses(Exchange& x);
void merge_checks(Exchange& x);
void variables(Exchange& x);
void hooks(Exchange& x);
void workspace_hooks(Exchange& x);
void workspace_variables(Exchange& x);
void default_reviewers(Exchange& x);
void effective_default_reviewers(Exchange& x);
void project_default_reviewers(Exchange& x);
void branching_model(Exchange& x);
void effective_branching_model(Exchange& x);
void branches(Exchange& x);
void branch(Exchange& x);
void deploy_keys(Exchange& x);
void project_deploy_keys(Exchange& x);
void environments(Exchange& x);
void environment(Exchange& x);
void pipelines_config(Exchange& x);
void schedules(Exchange& x);
void runners(Exchange& x);
void workspace_runners(Exchange& x);
void downloads(Exchange& x);
void old_group_members(Exchange& x);
void project_users(Exchange& x);
void project_groups(Exchange& x);
void repository_users(Exchange& x);
void repository_groups(Exchange& x);

/// The repositories of the workspace that the credential sees.
std::vector<const Repository*> visible(Exchange& x);

/// The whole number that a path segment is; -1 when it is none.
std::int64_t number_in(std::string_view text);

/// Pointers to the things of a container that `keep` keeps.
template <class Things, class Keep>
auto pointers(Things& things, Keep keep) {
  std::vector<decltype(&*things.begin())> list;
  for (auto& thing : things) {
    if (keep(thing)) list.push_back(&thing);
  }
  return list;
}

constexpr auto everything = [](const auto&) { return true; };

template <class Pointers, class Body>
Listing rows_of(Pointers pointers, Body body) {
  Listing listing;
  listing.count = pointers.size();
  listing.row = [pointers = std::move(pointers), body](std::size_t i) -> const json::value& {
    return body(*pointers[i]);
  };
  return listing;
}

}  // namespace evidenced::simulator::handlers
