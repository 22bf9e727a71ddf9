#include "storage/extract_store.hpp"

#include "storage/artifact_row.hpp"
#include "storage/columns.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace evidenced::storage {

namespace {

struct Unread {
  std::int64_t after_num = 0;
  std::int64_t last_num = 0;
};

std::optional<Unread> find_unread(Connection& connection) {
  std::optional<Unread> unread;
  connection.query(
      "SELECT after_num, last_num FROM unread_extracts WHERE id = 1", {},
      [&](const Row& row) { unread = {.after_num = row.integer(0), .last_num = row.integer(1)}; });
  return unread;
}

/// Fills in those of one kind with numbers in (after, up_to].
void extract_kind(Connection& connection, const Extractor& extractor, std::string_view kind,
                  std::pair<std::int64_t, std::int64_t> range) {
  static const std::string rows = fmt::format(
      "SELECT a.num, {} FROM artifacts a {} WHERE a.num > $1 AND a.num <= $2 AND +a.kind = $3",
      content_column, artifact_join);
  std::vector<std::pair<std::int64_t, Extract>> extracts;
  connection.query(rows, {range.first, range.second, kind}, [&](const Row& row) {
    extracts.emplace_back(row.integer(0), extractor.read(kind, row.text(1)));
  });
  for (const auto& [num, extract] : extracts) {
    connection.execute(
        "UPDATE artifacts SET state = $2, dated_at = $3, commit_hash = $4 WHERE num = $1",
        {num, extract.state, to_value(extract.dated_at), extract.commit_hash});
  }
}

void count_again(Connection& connection) {
  connection.execute("DELETE FROM artifact_counts");
  connection.execute(
      "INSERT INTO artifact_counts (tenant_id, source_id, kind, workspace, project, repository,"
      "   state, live)"
      " SELECT tenant_id, source_id, kind, workspace, project, repository, state, count(*)"
      " FROM artifacts"
      " WHERE removed_at IS NULL AND source_id NOT IN (SELECT source_id FROM purges)"
      " GROUP BY tenant_id, source_id, kind, workspace, project, repository, state");
}

}  // namespace

bool extract_some(Connection& connection, const Extractor& extractor, int artifacts) {
  const std::optional<Unread> unread = find_unread(connection);
  if (!unread) return false;
  const std::int64_t up_to = unread->after_num + artifacts;
  for (const std::string_view kind : extractor.kinds) {
    extract_kind(connection, extractor, kind, {unread->after_num, up_to});
  }
  if (up_to < unread->last_num) {
    connection.execute("UPDATE unread_extracts SET after_num = $1 WHERE id = 1", {up_to});
    return true;
  }
  count_again(connection);
  connection.execute("DELETE FROM unread_extracts");
  return false;
}

}  // namespace evidenced::storage
