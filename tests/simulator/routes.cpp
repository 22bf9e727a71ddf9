// The endpoints: one row each, and what each shows.
#include "tests/simulator/exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace evidenced::simulator {
namespace {

constexpr std::array<std::string_view, 6> hidden_in_pr_list{
    "values.participants",      "values.reviewers",           "values.rendered",
    "values.merge_commit.date", "values.merge_commit.author", "values.merge_commit.message"};
constexpr std::array<std::string_view, 3> hidden_in_pr{"merge_commit.date", "merge_commit.author",
                                                       "merge_commit.message"};
constexpr std::array<std::string_view, 2> hidden_in_members{"values.user.email",
                                                            "values.user.has_2fa_enabled"};

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

void user(Exchange& x) {
  x.single(x.bodies().full_account(x.token().person, true));
}

void user_emails(Exchange& x) {
  x.list(Exchange::values({{{"type", "email"},
                            {"email", x.world().people[x.token().person].email},
                            {"is_primary", true},
                            {"is_confirmed", true},
                            {"links", json::object()}}}));
}

void some_user(Exchange& x) {
  for (std::size_t i = 0; i < x.world().people.size(); ++i) {
    const Person& person = x.world().people[i];
    const std::string& wanted = x.capture("user");
    if (!person.erased && (person.uuid == wanted || person.account_id == wanted))
      return x.single(x.bodies().full_account(i, i == x.token().person));
  }
  x.not_found("No user with identifier '" + x.capture("user") + "'.");
}

void user_workspaces(Exchange& x) {
  std::deque<json::value> rows;
  const auto only = x.target().find("administrator");
  for (const auto& workspace : x.world().workspaces) {
    const Role role = x.role_in(*workspace);
    if (role == Role::none || (only && (*only == "true") != (role == Role::admin))) continue;
    rows.push_back(x.bodies().workspace_access(*workspace, role == Role::admin,
                                               x.switches().second_workspaces_shape));
  }
  Listing listing = Exchange::values(std::move(rows));
  listing.page_length = 25;
  x.list(std::move(listing));
}

void user_workspace_permission(Exchange& x) {
  x.single({{"type", "workspace_membership"},
            {"permission", x.role() == Role::admin ? "owner" : "member"},
            {"user", x.bodies().account(x.token().person)},
            {"workspace", x.bodies().workspace_short(x.workspace())}});
}

void workspace(Exchange& x) {
  x.single(x.bodies().workspace(x.workspace()));
}

void member_rows(Exchange& x, bool with_permission) {
  std::deque<json::value> rows;
  for (const Membership& member : x.workspace().members) {
    rows.push_back(x.bodies().membership(x.workspace(), member, with_permission));
    json::value& who = rows.back().get_object()["user"];
    if (x.role() == Role::admin || !who.is_object()) continue;
    who.get_object().erase("email");  // for administrators alone
    who.get_object()["has_2fa_enabled"] = nullptr;
  }
  Listing listing = Exchange::values(std::move(rows));
  listing.hidden = hidden_in_members;
  x.list(std::move(listing));
}

void members(Exchange& x) {
  member_rows(x, false);
}
void permissions(Exchange& x) {
  member_rows(x, true);
}

/// The highest permission of a member on a repository; "" when there is none.
std::string effective(const Workspace& workspace, const Repository& repository,
                      const Membership& member) {
  static const std::vector<std::string> order{"", "none", "read", "write", "admin"};
  const auto rank = [](const std::string& name) {
    return std::find(order.begin(), order.end(), name) - order.begin();
  };
  std::string best = member.permission == "owner" ? "admin" : "";
  for (const Grant& grant : repository.grants) {
    const auto& people =
        grant.to_group ? workspace.groups[grant.who].members : std::vector<std::size_t>{grant.who};
    const bool his = std::find(people.begin(), people.end(), member.person) != people.end();
    if (his && rank(grant.permission) > rank(best)) best = grant.permission;
  }
  return best == "none" ? "" : best;
}

void effective_rows(Exchange& x, const std::vector<const Repository*>& repositories,
                    std::optional<std::size_t> only) {
  std::deque<json::value> rows;
  for (const Repository* repository : repositories) {
    for (const Membership& member : x.workspace().members) {
      if (only && *only != member.person) continue;
      const std::string permission = effective(x.workspace(), *repository, member);
      if (permission.empty()) continue;
      rows.push_back({{"type", "repository_permission"},
                      {"permission", permission},
                      {"user", x.bodies().account(member.person)},
                      {"repository", x.bodies().repository_short(x.workspace(), *repository)}});
    }
  }
  x.list(Exchange::values(std::move(rows)));
}

std::vector<const Repository*> visible(Exchange& x) {
  std::vector<const Repository*> list;
  if (x.role() == Role::none) return list;
  for (const auto& repository : x.workspace().repositories) {
    if (x.sees(*repository)) list.push_back(repository.get());
  }
  return list;
}

void repository_permissions(Exchange& x) {
  effective_rows(x, visible(x), std::nullopt);
}
void own_permissions(Exchange& x) {
  effective_rows(x, visible(x), x.token().person);
}
void one_repository_permissions(Exchange& x) {
  effective_rows(x, {&x.repository()}, std::nullopt);
}

void projects(Exchange& x) {
  x.list(rows_of(pointers(x.workspace().projects, everything),
                 [&x](const Project& p) -> const json::value& {
                   return x.bodies().project(x.workspace(), p);
                 }));
}

Project* find_project(Exchange& x) {
  for (Project& project : x.workspace().projects) {
    if (project.key == x.capture("project") || project.uuid == x.capture("project"))
      return &project;
  }
  x.not_found("Project with key '" + x.capture("project") + "' does not exist in workspace.");
  return nullptr;
}

void project(Exchange& x) {
  if (const Project* found = find_project(x)) x.single(x.bodies().project(x.workspace(), *found));
}

void grants(Exchange& x, const std::vector<Grant>& grants, bool to_group, std::string_view scope,
            const std::string& base) {
  std::deque<json::value> rows;
  for (const Grant& grant : grants) {
    if (grant.to_group == to_group)
      rows.push_back(x.bodies().grant(x.workspace(), grant, scope, base));
  }
  Listing listing = Exchange::values(std::move(rows));
  listing.filters = false;
  x.list(std::move(listing));
}

template <bool to_group>
void project_grants(Exchange& x) {
  const Project* found = find_project(x);
  if (found == nullptr) return;
  grants(x, found->grants, to_group, "project",
         "workspaces/" + x.workspace().slug + "/projects/" + found->key);
}

template <bool to_group>
void repository_grants(Exchange& x) {
  grants(x, x.repository().grants, to_group, "repository",
         "repositories/" + x.workspace().slug + "/" + x.repository().slug);
}

void repositories(Exchange& x) {
  if (x.anonymous()) return x.list(Exchange::values({}));
  auto rows = visible(x);
  const auto role = x.target().find("role");
  // Read-only accounts get nothing for role=member.
  if (role && *role == "member" && x.role() != Role::admin) rows.clear();
  const auto updated = [rows](std::size_t i) { return rows[i]->updated_on; };
  Listing listing = rows_of(std::move(rows), [&x](const Repository& r) -> const json::value& {
    return x.bodies().repository(x.workspace(), r);
  });
  listing.updated = updated;
  x.list(std::move(listing));
}

void repository(Exchange& x) {
  x.single(x.bodies().repository(x.workspace(), x.repository()));
}

void restrictions(Exchange& x) {
  const auto kind = x.target().find("kind");
  const auto pattern = x.target().find("pattern");
  const auto keep = [&](const Restriction& r) {
    return (!kind || *kind == r.kind) && (!pattern || *pattern == r.pattern);
  };
  Listing listing = rows_of(pointers(x.repository().restrictions, keep),
                            [&x](const Restriction& r) -> const json::value& {
                              return x.bodies().restriction(x.workspace(), x.repository(), r);
                            });
  listing.filters = false;
  x.list(std::move(listing));
}

std::int64_t number_in(std::string_view text) {
  std::int64_t number = -1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ptr == text.data() + text.size() ? number : -1;
}

void restriction(Exchange& x) {
  for (const Restriction& known : x.repository().restrictions) {
    if (known.id == number_in(x.capture("id")))
      return x.single(x.bodies().restriction(x.workspace(), x.repository(), known));
  }
  x.not_found("BranchRestriction matching query does not exist.");
}

/// The states that a list of pull requests asks for; empty: all.
std::vector<std::string> wanted_states(Exchange& x) {
  std::vector<std::string> states;
  for (std::string state : x.target().all("state")) {
    std::transform(state.begin(), state.end(), state.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (state == "ALL") return {};
    states.push_back(std::move(state));
  }
  const std::string q = x.target().find("q").value_or("");
  if (states.empty() && q.find("state") == std::string::npos) states.emplace_back("OPEN");
  return states;
}

void pull_requests(Exchange& x) {
  const auto states = wanted_states(x);
  if (x.switches().pr_sort_fails && states.size() != 1 && x.target().find("sort"))
    return x.error(500, "Something went wrong");
  auto rows = pointers(x.repository().pull_requests, [&](const PullRequest& p) {
    return states.empty() || std::find(states.begin(), states.end(), p.state) != states.end();
  });
  std::reverse(rows.begin(), rows.end());  // newest first: a new one shifts every later page
  const auto updated = [rows](std::size_t i) { return rows[i]->updated_on; };
  Listing listing = rows_of(std::move(rows), [&x](const PullRequest& p) -> const json::value& {
    return x.bodies().pull_request(x.workspace(), x.repository(), p);
  });
  listing.updated = updated;
  listing.cap = 50;
  listing.hidden = hidden_in_pr_list;
  x.list(std::move(listing));
}

void pull_request(Exchange& x) {
  const PullRequest* found = World::find_pull_request(x.repository(), number_in(x.capture("id")));
  if (found == nullptr) return x.not_found("Pull request not found.");
  x.single(x.bodies().pull_request(x.workspace(), x.repository(), *found), hidden_in_pr);
}

void hook_events(Exchange& x) {
  const auto link = [](std::string_view name) {
    return json::value{{"links", {{"events", api_link("hook_events/" + std::string(name))}}}};
  };
  x.single({{"repository", link("repository")}, {"workspace", link("workspace")}});
}

void some_hook_events(Exchange& x) {
  std::deque<json::value> rows;
  for (const char* event : {"repo:push", "repo:updated", "pullrequest:created",
                            "pullrequest:approved", "pullrequest:fulfilled"}) {
    rows.push_back({{"event", event},
                    {"category", "Repository"},
                    {"label", event},
                    {"description", "Whenever it happens"}});
  }
  x.list(Exchange::values(std::move(rows)));
}

void old_groups(Exchange& x) {
  const int status = x.switches().old_groups_status;
  if (status == 200) return x.raw(x.bodies().old_groups(x.workspace()));
  x.error(status, status == 403 ? "Forbidden" : status == 404 ? "Not Found" : "Resource removed");
}

// The removed lists, for clients that still call them (Switches::legacy_endpoints).
void all_workspaces(Exchange& x) {
  std::deque<json::value> rows;
  for (const auto& workspace : x.world().workspaces) {
    if (x.role_in(*workspace) != Role::none) rows.push_back(x.bodies().workspace(*workspace));
  }
  x.list(Exchange::values(std::move(rows)));
}

void all_repositories(Exchange& x) {
  std::deque<json::value> rows;
  for (const auto& workspace : x.world().workspaces) {
    if (x.role_in(*workspace) == Role::none) continue;
    for (const auto& repository : workspace->repositories) {
      if (x.sees(*repository)) rows.push_back(x.bodies().repository(*workspace, *repository));
    }
  }
  Listing listing = Exchange::values(std::move(rows));
  listing.iterator = true;
  x.list(std::move(listing));
}

void all_permissions(Exchange& x) {
  std::deque<json::value> rows;
  for (const auto& workspace : x.world().workspaces) {
    if (x.role_in(*workspace) == Role::none) continue;
    rows.push_back(
        x.bodies().workspace_access(*workspace, x.role_in(*workspace) == Role::admin, true));
  }
  x.list(Exchange::values(std::move(rows)));
}

void nothing(Exchange& x) {
  x.list(Exchange::values({}));
}

constexpr std::string_view user_scope = "read:user:bitbucket";
constexpr std::string_view workspace_scope = "read:workspace:bitbucket";
constexpr std::string_view project_scope = "read:project:bitbucket";
constexpr std::string_view repository_scope = "read:repository:bitbucket";
constexpr std::string_view pull_request_scope = "read:pullrequest:bitbucket";
constexpr std::string_view control_scope = "admin:repository:bitbucket";

constexpr std::string_view permissions_config =
    "2.0/workspaces/{workspace}/projects/{project}/permissions-config/";

}  // namespace

std::span<const Route> routes() {
  using enum Need;
  static const std::string project_users = std::string(permissions_config) + "users";
  static const std::string project_groups = std::string(permissions_config) + "groups";
  static const std::vector<Route> table{
      {"2.0/user", user_scope, nothing, false, user},
      {"2.0/user/emails", user_scope, nothing, false, user_emails},
      {"2.0/users/{user}", user_scope, nothing, false, some_user},
      {"2.0/user/workspaces", workspace_scope, nothing, false, user_workspaces},
      {"2.0/user/workspaces/{workspace}/permission", workspace_scope, Need::workspace, false,
       user_workspace_permission},
      {"2.0/user/workspaces/{workspace}/permissions/repositories", repository_scope,
       Need::workspace, false, own_permissions},
      {"2.0/workspaces/{workspace}", workspace_scope, Need::workspace, true, simulator::workspace},
      {"2.0/workspaces/{workspace}/members", workspace_scope, Need::workspace, true, members},
      {"2.0/workspaces/{workspace}/permissions", workspace_scope, Need::workspace, false,
       permissions},
      {"2.0/workspaces/{workspace}/permissions/repositories", repository_scope, admin, false,
       repository_permissions},
      {"2.0/workspaces/{workspace}/permissions/repositories/{repository}", repository_scope,
       repository_admin, false, one_repository_permissions},
      {"2.0/workspaces/{workspace}/projects", project_scope, Need::workspace, true, projects},
      {"2.0/workspaces/{workspace}/projects/{project}", project_scope, Need::workspace, true,
       project},
      {project_users, project_scope, admin, false, project_grants<false>},
      {project_groups, project_scope, admin, false, project_grants<true>},
      {"2.0/repositories/{workspace}", repository_scope, Need::workspace, true, repositories},
      {"2.0/repositories/{workspace}/{repository}", repository_scope, Need::repository, true,
       simulator::repository},
      {"2.0/repositories/{workspace}/{repository}/permissions-config/users", repository_scope,
       repository_admin, false, repository_grants<false>},
      {"2.0/repositories/{workspace}/{repository}/permissions-config/groups", repository_scope,
       repository_admin, false, repository_grants<true>},
      {"2.0/repositories/{workspace}/{repository}/branch-restrictions", control_scope,
       repository_admin, true, restrictions},
      {"2.0/repositories/{workspace}/{repository}/branch-restrictions/{id}", control_scope,
       repository_admin, true, restriction},
      {"2.0/repositories/{workspace}/{repository}/pullrequests", pull_request_scope,
       Need::repository, true, pull_requests},
      {"2.0/repositories/{workspace}/{repository}/pullrequests/{id}", pull_request_scope,
       Need::repository, true, pull_request},
      {"2.0/hook_events", "", nothing, true, hook_events},
      {"2.0/hook_events/{subject}", "", nothing, true, some_hook_events},
      {"1.0/groups/{workspace}", "read:permission:bitbucket", admin, false, old_groups},
      {"2.0/workspaces", workspace_scope, nothing, true, all_workspaces},
      {"2.0/repositories", repository_scope, nothing, true, all_repositories},
      {"2.0/user/permissions/workspaces", workspace_scope, nothing, true, all_permissions},
      {"2.0/user/permissions/repositories", repository_scope, nothing, true, simulator::nothing},
      {"2.0/snippets", "", nothing, true, simulator::nothing},
  };
  return table;
}

}  // namespace evidenced::simulator
