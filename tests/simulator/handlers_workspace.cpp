// What is seen of accounts, workspaces, members, groups and projects.
#include "tests/simulator/handlers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace evidenced::simulator::handlers {
namespace {

constexpr std::array<std::string_view, 2> hidden_in_members{"values.user.email",
                                                            "values.user.has_2fa_enabled"};

}  // namespace

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

static void member_rows(Exchange& x, bool with_permission) {
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
static std::string effective(const Workspace& workspace, const Repository& repository,
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

static void effective_rows(Exchange& x, const std::vector<const Repository*>& repositories,
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

static Project* find_project(Exchange& x) {
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

static void grants(Exchange& x, const std::vector<Grant>& grants, bool to_group,
                   std::string_view scope, const std::string& base) {
  std::deque<json::value> rows;
  for (const Grant& grant : grants) {
    if (grant.to_group == to_group)
      rows.push_back(x.bodies().grant(x.workspace(), grant, scope, base));
  }
  Listing listing = Exchange::values(std::move(rows));
  listing.filters = false;
  listing.sorts = false;
  x.list(std::move(listing));
}

static void project_rows(Exchange& x, bool to_group) {
  const Project* found = find_project(x);
  if (found == nullptr) return;
  grants(x, found->grants, to_group, "project",
         "workspaces/" + x.workspace().slug + "/projects/" + found->key);
}

void project_users(Exchange& x) {
  project_rows(x, false);
}
void project_groups(Exchange& x) {
  project_rows(x, true);
}

static void repository_rows(Exchange& x, bool to_group) {
  grants(x, x.repository().grants, to_group, "repository",
         "repositories/" + x.workspace().slug + "/" + x.repository().slug);
}

void repository_users(Exchange& x) {
  repository_rows(x, false);
}
void repository_groups(Exchange& x) {
  repository_rows(x, true);
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
  std::vector<std::pair<const Workspace*, const Repository*>> found;
  for (const auto& workspace : x.world().workspaces) {
    if (x.role_in(*workspace) == Role::none) continue;
    for (const auto& repository : workspace->repositories) {
      if (x.sees(*repository)) found.emplace_back(workspace.get(), repository.get());
    }
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return a.second->created_on < b.second->created_on;
  });
  Listing listing;
  listing.count = found.size();
  listing.next = Next::after;
  listing.created = [found](std::size_t i) { return found[i].second->created_on; };
  listing.row = [&x, found](std::size_t i) -> const json::value& {
    return x.bodies().repository(*found[i].first, *found[i].second);
  };
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

}  // namespace evidenced::simulator::handlers
