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

/// Whether the filter asks for addresses in a way that is refused: by a member, or for too many.
static bool refuses_addresses(Exchange& x) {
  constexpr std::ptrdiff_t most = 90;
  const std::string q = x.target().find("q").value_or("");
  if (q.find("user.email") == std::string::npos) return false;
  const bool too_many = std::count(q.begin(), q.end(), ',') >= most;
  if (x.role() == Role::admin && !too_many) return false;
  x.error(400, too_many ? "Too many values: at most 90 may be given."
                        : "Only administrators may filter by user.email.");
  return true;
}

static void member_rows(Exchange& x, bool with_permission) {
  if (refuses_addresses(x)) return;
  std::deque<json::value> rows;
  for (const Membership& member : x.workspace().members) {
    rows.push_back(x.bodies().membership(x.workspace(), member, with_permission));
    if (x.switches().migrated.contains(x.workspace().slug)) {
      rows.back().get_object().erase("added_on");
      rows.back().get_object().erase("last_accessed");
    }
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

std::vector<const Repository*> visible(Exchange& x) {
  std::vector<const Repository*> list;
  if (x.role() == Role::none) return list;
  for (const auto& repository : x.workspace().repositories) {
    if (x.sees(*repository)) list.push_back(repository.get());
  }
  return list;
}

void projects(Exchange& x) {
  x.list(rows_of(pointers(x.workspace().projects, everything),
                 [&x](const Project& p) -> const json::value& {
                   return x.bodies().project(x.workspace(), p);
                 }));
}

void project(Exchange& x) {
  x.single(x.bodies().project(x.workspace(), x.project()));
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
