#pragma once

#include "connector/bitbucket/streams.hpp"
#include "storage/collection_store.hpp"
#include "storage/database.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

namespace evidenced::connector {

/// What a list of whole workspaces has told of its repositories.
struct Guards {
  std::set<std::string> workspaces;  ///< uuids of those whose list was read to its end lately
  /// Repositories of which something there changed, or is gone, since the time asked for, and when.
  std::map<std::string, Timestamp> changes;
};

/// One row of such a list that changed.
struct GuardChange {
  std::string repository;
  std::string person;
  std::string sync_id;
  Timestamp at{};
};

/// When something changed in each repository. A person whose rows changed in one sync in more than
/// twenty repositories, and a quarter of all, joined or left a group or the workspace: that is not
/// told by the repositories, and does not count as a change of theirs.
std::map<std::string, Timestamp> changes_of_repositories(std::span<const GuardChange> changes,
                                                         std::size_t repositories);

struct GuardQuestion {
  std::string source_id;
  const bitbucket::Stream* guard = nullptr;  ///< a stream of workspaces
  Timestamp since{};
  Timestamp now{};
  std::size_t repositories = 0;   ///< how many there are
  std::chrono::hours lately{48};  ///< older lists tell nothing
};

/// Reads what a stream has told, lately and since then. Where that fails it has told nothing: then
/// what it guards is read as often as without it.
Task<Guards> load_guards(storage::Database& database, GuardQuestion question);

}  // namespace evidenced::connector
