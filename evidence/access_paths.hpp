#pragma once

#include "evidence/access_matrix.hpp"
#include "evidence/access_report.hpp"
#include "storage/artifact_store.hpp"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::evidence {

/// How somebody comes to a permission on a repository.
enum class Via { direct, group, project, project_group, workspace, owner };
std::string_view name_of(Via via);

/// A permission given to a person or a group, on a repository or a project.
struct Grant {
  std::string where;   ///< {uuid} of the repository or the project
  std::string holder;  ///< id of the person, or slug of the group
  bool to_group = false;
  bool on_project = false;
  Permission permission = Permission::none;
  std::string artifact_id;
  Timestamp observed_at{};
};

struct Group {
  std::string workspace;  ///< slug
  std::string slug;
  std::string name;
  std::string artifact_id;
  std::set<std::string, std::less<>> members;  ///< ids
};

/// Somebody who administrates a workspace, and with it all its repositories.
struct WorkspaceOwner {
  std::string workspace;  ///< slug
  std::string person;
  std::string artifact_id;  ///< of the membership
  Timestamp observed_at{};
};

/// One way to a permission. What it points to lives as long as the book.
struct AccessPath {
  Via via = Via::direct;
  Permission permission = Permission::none;
  const Group* group = nullptr;
  std::string_view artifact_id;  ///< of what grants it
  Timestamp observed_at{};
};

/// Every grant that is known of some repositories, to be asked for each of their cells.
class GrantBook {
 public:
  void add(Grant grant);
  void add(Group group);
  void add(WorkspaceOwner owner);

  /// The ways of a person to a repository, the highest first.
  std::vector<AccessPath> paths(const AccessRepository& repository, std::string_view person) const;

  /// Whether a grant on the repository, or on its project, goes to a group whose members are not
  /// known.
  bool has_closed_group(const AccessRepository& repository) const;

 private:
  using Named = std::pair<std::string, std::string>;  // workspace, and a slug or a person

  const Group* find_group(const std::string& workspace, const std::string& slug) const;
  template <class F>
  void visit_grants(const AccessRepository& repository, F visit) const;

  std::multimap<std::string, Grant, std::less<>> grants_;  // by where
  std::map<Named, Group> groups_;
  std::map<Named, WorkspaceOwner> owners_;
};

/// Whether the ways that are known lead to the permission that holds. `reason`: why not, as a
/// sentence; "" when they do.
struct Explanation {
  bool explained = false;
  std::string reason;
};
Explanation explain(std::optional<Permission> effective, std::span<const AccessPath> paths,
                    bool closed_group);

/// What is stored of grants, groups and owners in the places of the question. Throws Fault.
GrantBook read_grants(storage::Connection& connection, const storage::TenantScope& tenant,
                      const AccessQuestion& question);

}  // namespace evidenced::evidence
