#include "storage/purge.hpp"

#include "storage/columns.hpp"

#include <string_view>
#include <vector>

namespace evidenced::storage {

namespace {

struct Doomed {
  std::int64_t num = 0;
  std::int64_t checkpoint_num = 0;
};

std::vector<Doomed> next_doomed(Connection& connection, const TenantScope& tenant,
                                const std::string& source_id, int limit) {
  std::vector<Doomed> doomed;
  connection.query(
      "SELECT num, checkpoint_num FROM artifacts WHERE tenant_id = $1 AND source_id = $2"
      " ORDER BY num LIMIT $3",
      {tenant.id(), source_id, to_value(limit)},
      [&](const Row& row) { doomed.push_back({row.integer(0), row.integer(1)}); });
  return doomed;
}

/// What was said of the artifacts of a source does not hold any more.
void move_on(Connection& connection, const TenantScope& tenant, const std::string& source_id) {
  connection.execute("UPDATE sources SET version = version + 1 WHERE id = $1 AND tenant_id = $2",
                     {source_id, tenant.id()});
}

}  // namespace

void request_purge(Connection& connection, const TenantScope& tenant, const std::string& source_id,
                   Timestamp now) {
  connection.execute(
      "INSERT INTO purges (source_id, tenant_id, requested_at) VALUES ($1, $2, $3)"
      " ON CONFLICT (source_id) DO UPDATE SET finished = 0",
      {source_id, tenant.id(), to_value(now)});
  connection.execute("DELETE FROM artifact_counts WHERE source_id = $1 AND tenant_id = $2",
                     {source_id, tenant.id()});
  move_on(connection, tenant, source_id);
}

bool purge_some(Connection& connection, const TenantScope& tenant, const std::string& source_id,
                int artifacts) {
  const std::vector<Doomed> doomed = next_doomed(connection, tenant, source_id, artifacts);
  for (const Doomed& artifact : doomed) {
    connection.execute("DELETE FROM revisions WHERE artifact_num = $1", {artifact.num});
    connection.execute("DELETE FROM seen_marks WHERE checkpoint_num = $1 AND artifact_num = $2",
                       {artifact.checkpoint_num, artifact.num});
    connection.execute("DELETE FROM artifacts WHERE num = $1", {artifact.num});
  }
  move_on(connection, tenant, source_id);
  if (doomed.size() == static_cast<std::size_t>(artifacts)) return true;
  constexpr std::string_view last_statements[] = {
      ("DELETE FROM seen_marks WHERE checkpoint_num IN"
       " (SELECT num FROM checkpoints WHERE source_id = $1)"
       " AND EXISTS (SELECT 1 FROM sources WHERE id = $1 AND tenant_id = $2)"),
      ("DELETE FROM checkpoints WHERE source_id IN"
       " (SELECT id FROM sources WHERE id = $1 AND tenant_id = $2)"),
      "DELETE FROM artifact_counts WHERE source_id = $1 AND tenant_id = $2",
      "DELETE FROM hook_hints WHERE source_id = $1 AND tenant_id = $2",
      "DELETE FROM drifts WHERE source_id = $1 AND tenant_id = $2",
      ("DELETE FROM rejections WHERE source_id IN"
       " (SELECT id FROM sources WHERE id = $1 AND tenant_id = $2)"),
      ("DELETE FROM walk_gaps WHERE sync_id IN"
       " (SELECT id FROM syncs WHERE source_id = $1 AND tenant_id = $2)"),
      ("DELETE FROM walk_counts WHERE sync_id IN"
       " (SELECT id FROM syncs WHERE source_id = $1 AND tenant_id = $2)"),
      ("DELETE FROM stream_shapes WHERE source_id IN"
       " (SELECT id FROM sources WHERE id = $1 AND tenant_id = $2)"),
      ("DELETE FROM stream_coverage WHERE source_id IN"
       " (SELECT id FROM sources WHERE id = $1 AND tenant_id = $2)"),
      "UPDATE purges SET finished = 1 WHERE source_id = $1 AND tenant_id = $2"};
  for (std::string_view sql : last_statements) connection.execute(sql, {source_id, tenant.id()});
  return false;
}

bool is_purged(Connection& connection, const TenantScope& tenant, const std::string& source_id) {
  bool found = false;
  connection.query("SELECT 1 FROM purges WHERE source_id = $1 AND tenant_id = $2",
                   {source_id, tenant.id()}, [&](const Row&) { found = true; });
  return found;
}

std::optional<std::pair<TenantScope, std::string>> pending_purge(Connection& connection) {
  std::optional<std::pair<TenantScope, std::string>> found;
  connection.query(
      "SELECT tenant_id, source_id FROM purges WHERE finished = 0 ORDER BY requested_at, source_id "
      "LIMIT 1",
      {}, [&](const Row& row) {
        ColumnReader column(row);
        TenantScope tenant(column.text());
        found.emplace(std::move(tenant), column.text());
      });
  return found;
}

}  // namespace evidenced::storage
