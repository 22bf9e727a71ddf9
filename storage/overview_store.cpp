#include "storage/overview_store.hpp"

#include "storage/artifact_row.hpp"
#include "storage/columns.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::storage {

std::vector<SyncMark> last_syncs(Connection& connection, const TenantScope& tenant,
                                 const std::string& source_id, const Window& window, int limit) {
  std::vector<SyncMark> marks;
  connection.query(
      "SELECT id, state, result, cause, queued_at, started_at, finished_at FROM syncs"
      " WHERE source_id = $1 AND tenant_id || '' = $2 AND queued_at <= $4"
      "   AND (finished_at IS NULL OR finished_at >= $3)"
      " ORDER BY id DESC LIMIT $5",
      {source_id, tenant.id(), from_of(window), to_of(window), to_value(limit)},
      [&](const Row& row) {
        ColumnReader column(row);
        SyncMark& mark = marks.emplace_back();
        mark.id = column.text();
        mark.state = column.word<SyncState>();
        mark.result = column.word<SyncResult>();
        mark.trigger = column.word<SyncTrigger>();
        mark.queued_at = column.time();
        mark.started_at = column.optional_time();
        mark.finished_at = column.optional_time();
      });
  std::ranges::reverse(marks);
  return marks;
}

std::map<std::string, std::int64_t> count_by_source(Connection& connection,
                                                    const TenantScope& tenant,
                                                    const Window& window) {
  static const std::string then = fmt::format(
      "SELECT a.source_id, count(*) FROM artifacts a {}"
      " WHERE a.tenant_id = $1 AND r.change <> 'removed' GROUP BY a.source_id",
      window_join("$2", "$3"));
  std::map<std::string, std::int64_t> counts;
  const auto add = [&](const Row& row) { counts.emplace(row.text(0), row.integer(1)); };
  if (window.open()) {
    connection.query(
        "SELECT source_id, sum(live) FROM artifact_counts WHERE tenant_id = $1 GROUP BY source_id",
        {tenant.id()}, add);
  } else {
    connection.query(then, {tenant.id(), from_of(window), to_of(window)}, add);
  }
  return counts;
}

}  // namespace evidenced::storage
