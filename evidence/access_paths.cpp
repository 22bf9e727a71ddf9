#include "evidence/access_paths.hpp"

#include "evidence/content.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace evidenced::evidence {

namespace {

constexpr std::string_view via_names[] = {"direct",        "group",     "project",
                                          "project_group", "workspace", "owner"};

/// In the order of Grant::on_project and Grant::to_group.
constexpr Via grant_vias[2][2] = {{Via::direct, Via::group}, {Via::project, Via::project_group}};

/// A grant's id: {uuid} of the place, "user" or "group", and the holder.
std::optional<Grant> grant_from(const storage::ArtifactView& artifact) {
  const std::string_view id = artifact.upstream_id;
  const std::size_t first = id.find('/');
  const std::size_t second = first == std::string_view::npos ? first : id.find('/', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto permission = permission_of(text_at(read_content(artifact.content), {"permission"}));
  if (!permission) return std::nullopt;
  Grant grant;
  grant.where = id.substr(0, first);
  grant.holder = id.substr(second + 1);
  grant.to_group = id.substr(first + 1, second - first - 1) == "group";
  grant.on_project = artifact.kind == "project_grant";
  grant.permission = *permission;
  grant.artifact_id = artifact.id;
  grant.observed_at = artifact.observed_at;
  return grant;
}

Group group_from(const storage::ArtifactView& artifact) {
  const boost::json::value content = read_content(artifact.content);
  Group group;
  group.workspace = artifact.workspace;
  group.slug = text_at(content, {"slug"});
  group.name = text_at(content, {"name"});
  group.artifact_id = artifact.id;
  for (const boost::json::value& member : array_at(content, {"members"})) {
    group.members.insert(account_at(member, {}).id);
  }
  return group;
}

void visit_all(storage::Connection& connection, const storage::TenantScope& tenant,
               storage::ArtifactFilter filter, const storage::ArtifactVisitor& visit) {
  filter.limit = std::numeric_limits<int>::max();
  storage::visit_artifacts(connection, tenant, filter, visit);
}

}  // namespace

std::string_view name_of(Via via) {
  return via_names[static_cast<std::size_t>(via)];
}

void GrantBook::add(Grant grant) {
  std::string where = grant.where;
  grants_.emplace(std::move(where), std::move(grant));
}

void GrantBook::add(Group group) {
  Named name(group.workspace, group.slug);
  groups_.insert_or_assign(std::move(name), std::move(group));
}

void GrantBook::add(WorkspaceOwner owner) {
  Named name(owner.workspace, owner.person);
  owners_.insert_or_assign(std::move(name), std::move(owner));
}

const Group* GrantBook::find_group(const std::string& workspace, const std::string& slug) const {
  const auto found = groups_.find(Named(workspace, slug));
  return found == groups_.end() ? nullptr : &found->second;
}

template <class F>
void GrantBook::visit_grants(const AccessRepository& repository, F visit) const {
  for (const std::string& place : {repository.uuid, repository.project_uuid}) {
    const auto [begin, end] = grants_.equal_range(place);
    for (auto at = begin; at != end; ++at) visit(at->second);
  }
}

std::vector<AccessPath> GrantBook::paths(const AccessRepository& repository,
                                         std::string_view person) const {
  std::vector<AccessPath> found;
  visit_grants(repository, [&](const Grant& grant) {
    if (grant.permission == Permission::none) return;
    const Group* group = grant.to_group ? find_group(repository.workspace, grant.holder) : nullptr;
    const bool holds = grant.to_group ? group != nullptr && group->members.contains(person)
                                      : grant.holder == person;
    if (!holds) return;
    found.push_back({grant_vias[grant.on_project ? 1 : 0][grant.to_group ? 1 : 0], grant.permission,
                     group, grant.artifact_id, grant.observed_at});
  });
  const auto owner = owners_.find(Named(repository.workspace, std::string(person)));
  if (owner != owners_.end()) {
    found.push_back({Via::workspace, Permission::admin, nullptr, owner->second.artifact_id,
                     owner->second.observed_at});
  }
  if (!person.empty() && repository.owner == person) {
    found.push_back({Via::owner, Permission::admin, nullptr, repository.artifact_id,
                     repository.first_observed_at});
  }
  std::ranges::sort(found, [](const AccessPath& a, const AccessPath& b) {
    return std::tuple(b.permission, a.via, a.artifact_id) <
           std::tuple(a.permission, b.via, b.artifact_id);
  });
  return found;
}

bool GrantBook::has_closed_group(const AccessRepository& repository) const {
  bool closed = false;
  visit_grants(repository, [&](const Grant& grant) {
    closed =
        closed || (grant.to_group && find_group(repository.workspace, grant.holder) == nullptr);
  });
  return closed;
}

Explanation explain(std::optional<Permission> effective, std::span<const AccessPath> paths,
                    bool closed_group) {
  if (!effective) return {false, "The effective permission is not known"};
  const Permission granted = paths.empty() ? Permission::none : paths.front().permission;
  if (granted == *effective) return {true, ""};
  if (granted > *effective) {
    return {false, "The grants that were read give more; they were read at another time"};
  }
  if (closed_group) {
    return {false, "A grant goes to a group whose members are not known"};
  }
  return {false, "No grant that was read gives so much"};
}

GrantBook read_grants(storage::Connection& connection, const storage::TenantScope& tenant,
                      const AccessQuestion& question) {
  GrantBook book;
  if (question.source_ids.empty()) return book;
  storage::ArtifactFilter filter;
  filter.source_ids = question.source_ids;
  filter.window = question.window;
  filter.workspaces = question.workspaces;
  filter.projects = question.projects;
  const auto add_grant = [&](const storage::ArtifactView& artifact) {
    if (std::optional<Grant> grant = grant_from(artifact)) book.add(std::move(*grant));
  };
  filter.kinds = {"project_grant"};
  visit_all(connection, tenant, filter, add_grant);
  filter.projects.clear();
  filter.kinds = {"repository_grant"};
  filter.repositories = question.repositories;
  visit_all(connection, tenant, filter, add_grant);
  filter.repositories.clear();
  filter.kinds = {"group"};
  visit_all(connection, tenant, filter,
            [&](const storage::ArtifactView& artifact) { book.add(group_from(artifact)); });
  filter.kinds = {"workspace_member"};
  visit_all(connection, tenant, filter, [&](const storage::ArtifactView& artifact) {
    const boost::json::value content = read_content(artifact.content);
    if (text_at(content, {"permission"}) != "owner") return;
    book.add(WorkspaceOwner{std::string(artifact.workspace), account_at(content, {"user"}).id,
                            std::string(artifact.id), artifact.observed_at});
  });
  return book;
}

}  // namespace evidenced::evidence
