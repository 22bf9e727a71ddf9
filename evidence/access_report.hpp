#pragma once

#include "evidence/access_matrix.hpp"
#include "storage/artifact_store.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace evidenced::evidence {

/// Of which repositories effective access is wanted, and by whose credentials it was read.
struct AccessQuestion {
  std::vector<std::string> source_ids;
  std::vector<std::string> workspaces;    ///< slug or {uuid}; empty: all
  std::vector<std::string> projects;      ///< key or {uuid}
  std::vector<std::string> repositories;  ///< workspace/slug or {uuid}
  storage::Window window;
  std::size_t most_repositories = 5000;
};

struct AccessReport {
  AccessMatrix matrix{{}};
  bool more_repositories = false;  ///< than most_repositories: the rest is left out
  /// All that is known was read to the end since then; nullopt: nothing was, or a window of time is
  /// asked for.
  std::optional<Timestamp> observed_at;
};

/// The matrix of the repositories that are there: members of their workspaces, and whoever has
/// access besides. What several sources say of a cell counts with the highest. A repository is
/// known where the list that it belongs to was read to its end, did not fail since, and the
/// repository was there then; within a window of time, where most of a list may have been seen
/// before, none is. Throws Fault.
AccessReport read_access(storage::Connection& connection, const storage::TenantScope& tenant,
                         const AccessQuestion& question);

/// The repositories alone, without knowing any access.
std::vector<AccessRepository> read_repositories(storage::Connection& connection,
                                                const storage::TenantScope& tenant,
                                                const AccessQuestion& question);

/// Adds what only the row of effective access tells of somebody who is no member. Throws Fault.
void tell_more(storage::Connection& connection, AccessPerson& person);

}  // namespace evidenced::evidence
