// Who may do what: groups, explicit grants, effective permissions.
#include "tests/simulator/handlers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::simulator::handlers {
namespace {

void access_list(Exchange& x, std::vector<Access> rows) {
  const std::size_t count = rows.size();
  x.list(Exchange::made(count, [&x, rows = std::move(rows)](std::size_t i) {
    return x.setup_bodies().access(x.workspace(), *rows[i].repository, rows[i].person,
                                   rows[i].permission);
  }));
}

std::vector<Access> all_access(Exchange& x) {
  std::vector<Access> rows;
  for (const Repository* repository : visible(x)) {
    const auto more = effective_access(x.workspace(), *repository);
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
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
  listing.sorts = false;
  x.list(std::move(listing));
}

void project_rows(Exchange& x, bool to_group) {
  grants(x, x.project().grants, to_group, "project",
         "workspaces/" + x.workspace().slug + "/projects/" + x.project().key);
}

void repository_rows(Exchange& x, bool to_group) {
  grants(x, x.repository().grants, to_group, "repository",
         "repositories/" + x.workspace().slug + "/" + x.repository().slug);
}

/// Whether 1.0/groups is switched off.
bool refuses_groups(Exchange& x) {
  const int status = x.switches().old_groups_status;
  if (status == 200) return false;
  if (status == 401) {
    x.unauthorized();
  } else {
    x.error(status, status == 403 ? "Forbidden" : status == 404 ? "Not Found" : "Resource removed");
  }
  return true;
}

}  // namespace

void repository_permissions(Exchange& x) {
  access_list(x, all_access(x));
}

void own_permissions(Exchange& x) {
  std::vector<Access> rows = all_access(x);
  std::erase_if(rows, [&](const Access& row) { return row.person != x.token().person; });
  access_list(x, std::move(rows));
}

void one_repository_permissions(Exchange& x) {
  access_list(x, effective_access(x.workspace(), x.repository()));
}

void project_users(Exchange& x) {
  project_rows(x, false);
}
void project_groups(Exchange& x) {
  project_rows(x, true);
}
void repository_users(Exchange& x) {
  repository_rows(x, false);
}
void repository_groups(Exchange& x) {
  repository_rows(x, true);
}

void old_groups(Exchange& x) {
  if (!refuses_groups(x)) x.raw(x.bodies().old_groups(x.workspace()));
}

void old_group_members(Exchange& x) {
  if (refuses_groups(x)) return;
  const json::value groups = x.bodies().old_groups(x.workspace());
  for (const json::value& group : groups.as_array()) {
    if (group.at("slug").as_string() == x.capture("group")) return x.raw(group.at("members"));
  }
  x.not_found("Not Found");
}

}  // namespace evidenced::simulator::handlers
