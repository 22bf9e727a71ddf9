#include "connector/sync/guards.hpp"

#include "config/log.hpp"
#include "storage/row_changes.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::connector {

namespace {

using storage::Connection;

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
GuardChange change_of(const storage::RowChange& row) {
  const std::size_t slash = std::min(row.upstream_id.find('/'), row.upstream_id.size());
  return {row.upstream_id.substr(0, slash), row.upstream_id.substr(slash), row.sync_id, row.at};
}

std::vector<GuardChange> list_changes(Connection& connection, const GuardQuestion& question) {
  std::vector<GuardChange> changes;
  for (const storage::RowChange& row : storage::list_row_changes(
           connection, question.source_id, question.guard->kind, question.since)) {
    changes.push_back(change_of(row));
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

Task<Guards> load_guards(storage::Database& database, GuardQuestion question) {
  auto load = [&](Connection& connection) -> Result<Guards> {
    Guards guards;
    guards.workspaces = read_lately(connection, question);
    if (guards.workspaces.empty()) return guards;
    guards.changes =
        changes_of_repositories(list_changes(connection, question), question.repositories);
    return guards;
  };
  Result<Guards> guards = co_await storage::read(database, std::move(load));
  if (guards) co_return std::move(*guards);
  log::warning("changes of access not read", {{"code", guards.error().code.text()}});
  co_return Guards{};
}

}  // namespace evidenced::connector
