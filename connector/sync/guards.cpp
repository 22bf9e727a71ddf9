#include "connector/sync/guards.hpp"

#include "storage/artifact_store.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::connector {

namespace {

using storage::Connection;

constexpr int rows_at_once = 500;
constexpr std::size_t everywhere_at_least = 20;
constexpr std::size_t everywhere_part = 4;

std::set<std::string> read_lately(Connection& connection, const GuardQuestion& question) {
  std::set<std::string> partitions;
  const std::string stream(question.guard->name);
  for (const auto& [key, walk] :
       storage::list_checkpoints(connection, question.source_id, stream)) {
    const bool complete =
        walk.observed_at && !walk.error && question.now - *walk.observed_at < question.lately;
    if (complete) partitions.insert(key.partition);
  }
  return partitions;
}

/// Identities are the repository's and the person's.
GuardChange change_of(const storage::ArtifactView& row) {
  const std::size_t slash = std::min(row.upstream_id.find('/'), row.upstream_id.size());
  GuardChange change;
  change.repository = row.upstream_id.substr(0, slash);
  change.person = row.upstream_id.substr(slash);
  change.sync_id = row.sync_id;
  change.at = std::max(row.observed_at, row.removed_at.value_or(row.observed_at));
  return change;
}

std::vector<GuardChange> list_changes(Connection& connection, const storage::TenantScope& tenant,
                                      const GuardQuestion& question) {
  storage::ArtifactFilter filter;
  filter.kinds.emplace_back(question.guard->kind);
  filter.source_ids.push_back(question.source_id);
  filter.changed_since = question.since;
  filter.limit = rows_at_once;
  filter.with_content = false;
  std::vector<GuardChange> changes;
  int rows = rows_at_once;
  while (rows == rows_at_once) {
    rows = 0;
    std::string last;
    storage::visit_artifacts(connection, tenant, filter, [&](const storage::ArtifactView& row) {
      changes.push_back(change_of(row));
      last = row.id;
      ++rows;
    });
    filter.after_id = last;
  }
  return changes;
}

}  // namespace

std::map<std::string, Timestamp> changes_of_repositories(std::span<const GuardChange> changes,
                                                         std::size_t repositories) {
  const std::size_t everywhere = std::max(everywhere_at_least, repositories / everywhere_part);
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> together;
  for (const GuardChange& change : changes) ++together[{change.person, change.sync_id}];
  std::map<std::string, Timestamp> latest;
  for (const GuardChange& change : changes) {
    if (together[{change.person, change.sync_id}] > everywhere) continue;
    Timestamp& at = latest[change.repository];
    at = std::max(at, change.at);
  }
  return latest;
}

Task<Result<Guards>> load_guards(storage::Database& database, storage::TenantScope tenant,
                                 GuardQuestion question) {
  auto load = [&](Connection& connection) -> Result<Guards> {
    Guards guards;
    guards.workspaces = read_lately(connection, question);
    if (guards.workspaces.empty()) return guards;
    guards.changes =
        changes_of_repositories(list_changes(connection, tenant, question), question.repositories);
    return guards;
  };
  Result<Guards> guards = co_await storage::read(database, std::move(load));
  co_return guards;
}

}  // namespace evidenced::connector
