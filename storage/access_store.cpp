#include "storage/access_store.hpp"

#include "storage/artifact_row.hpp"

#include <fmt/format.h>

namespace evidenced::storage {

void visit_access(Connection& connection, const TenantScope& tenant, const std::string& source_id,
                  const std::function<void(const AccessRow&)>& visit) {
  connection.query(
      "SELECT upstream_id, title, num FROM artifacts WHERE tenant_id = $1 AND source_id = $2"
      " AND kind = 'repository_access' AND removed_at IS NULL ORDER BY upstream_id",
      {tenant.id(), source_id},
      [&](const Row& row) { visit({row.text(0), row.text(1), row.integer(2)}); });
}

std::string content_of(Connection& connection, std::int64_t num) {
  static const std::string sql =
      fmt::format("SELECT {} FROM artifacts a {} WHERE a.num = $1", content_column, artifact_join);
  std::string content;
  connection.query(sql, {num}, [&](const Row& row) { content = row.text(0); });
  return content;
}

}  // namespace evidenced::storage
