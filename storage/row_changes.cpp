#include "storage/row_changes.hpp"

#include "storage/columns.hpp"

#include <algorithm>

namespace evidenced::storage {

std::vector<RowChange> list_row_changes(Connection& connection, const std::string& source_id,
                                        std::string_view kind, Timestamp since) {
  std::vector<RowChange> changes;
  connection.query(
      "SELECT upstream_id, sync_id, observed_at, coalesce(removed_at, observed_at) FROM artifacts"
      " WHERE source_id = $1 AND kind = $2 AND (observed_at >= $3 OR removed_at >= $3)",
      {source_id, std::string(kind), to_value(since)}, [&](const Row& row) {
        RowChange change;
        change.upstream_id = row.text(0);
        change.sync_id = row.text(1);
        change.at = Timestamp(std::chrono::milliseconds(std::max(row.integer(2), row.integer(3))));
        changes.push_back(std::move(change));
      });
  return changes;
}

}  // namespace evidenced::storage
