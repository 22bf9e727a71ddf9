#include "storage/related_store.hpp"

#include "storage/artifact_row.hpp"
#include "storage/parameters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace evidenced::storage {

namespace {

using By = RelatedQuery::By;

/// The least text that is greater than every text with this beginning.
std::string beyond(std::string prefix) {
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

class RelatedRows {
 public:
  RelatedRows(const TenantScope& tenant, const RelatedQuery& query, const ArtifactFilter& filter)
      : query_(query), filter_(filter), windowed_(!filter.window.open()) {
    tenant_ = parameters_.bind(tenant.id());
    source_ = parameters_.bind(query.source_id);
    kind_ = parameters_.bind(query.kind);
  }

  /// A statement that gives the numbers of the rows, as `num`.
  std::string numbers();

  /// FROM and WHERE of the rows in the window.
  std::string in_window();

  Parameters& parameters() { return parameters_; }

 private:
  std::string of_kind() const {
    return fmt::format("a.tenant_id = {} AND a.source_id = {} AND a.kind = {}", tenant_, source_,
                       kind_);
  }
  /// Without an index: the one of source and kind serves.
  std::string placed(std::string_view column, const std::string& value) {
    if (value.empty()) return "";
    return fmt::format(" AND a.{} || '' = {}", column, parameters_.bind(value));
  }
  std::string place() {
    return placed("workspace", query_.workspace) + placed("project", query_.project) +
           placed("repository", query_.repository);
  }
  std::string texts();
  std::string in_partition();
  std::string of_parents();
  std::string mentioned();

  const RelatedQuery& query_;
  const ArtifactFilter& filter_;
  const bool windowed_;
  Parameters parameters_;
  std::string tenant_;
  std::string source_;
  std::string kind_;
};

std::string RelatedRows::texts() {
  std::vector<std::string> conditions;
  for (const std::string& id : query_.ids) {
    const std::string from = parameters_.bind(id);
    conditions.push_back(query_.by == By::id
                             ? fmt::format("a.upstream_id = {}", from)
                             : fmt::format("(a.upstream_id >= {} AND a.upstream_id < {})", from,
                                           parameters_.bind(beyond(id))));
  }
  return fmt::format(" AND ({})", fmt::join(conditions, " OR "));
}

/// The marks of a partition are those of its live artifacts. What a window has may have gone since.
std::string RelatedRows::in_partition() {
  const std::string stream = parameters_.bind(query_.stream);
  const std::string part = parameters_.bind(query_.ids.front());
  if (windowed_) {
    return fmt::format(
        "SELECT a.num FROM artifacts a WHERE {} AND a.checkpoint_num ="
        "   (SELECT num FROM checkpoints WHERE source_id = {} AND stream = {} AND part = {})",
        of_kind(), source_, stream, part);
  }
  return fmt::format(
      "SELECT m.artifact_num AS num FROM checkpoints c JOIN seen_marks m"
      "   ON m.checkpoint_num = c.num WHERE c.source_id = {} AND c.stream = {} AND c.part = {} AND "
      "{} <> '' AND {} <> ''",
      source_, stream, part, tenant_, kind_);
}

std::string RelatedRows::of_parents() {
  std::vector<std::string> ids;
  ids.reserve(query_.ids.size());
  for (const std::string& id : query_.ids) {
    ids.push_back(fmt::format("p.upstream_id || {}", parameters_.bind(id)));
  }
  return fmt::format(
      "SELECT a.num FROM artifacts p JOIN artifacts a ON a.source_id = p.source_id"
      " AND a.kind = {} AND a.upstream_id IN ({})"
      " WHERE p.tenant_id = {} AND p.source_id = {} AND p.kind = {} AND p.workspace || '' = {}",
      kind_, fmt::join(ids, ", "), tenant_, source_, parameters_.bind(query_.parents),
      parameters_.bind(query_.workspace));
}

std::string RelatedRows::mentioned() {
  const std::string text = parameters_.bind(query_.ids.front());
  return fmt::format(
      "SELECT a.num FROM artifacts a {0} WHERE {1}{2} AND replace({3}, {4}, '') <> {3}",
      artifact_join, of_kind(), place(), content_column, text);
}

std::string RelatedRows::numbers() {
  std::string sql;
  if (query_.by == By::partition) {
    sql = in_partition();
    if (!windowed_) return sql;
  } else if (query_.by == By::parents) {
    sql = of_parents();
  } else if (query_.by == By::mention) {
    sql = mentioned();
  } else if (query_.by == By::place) {
    sql = fmt::format("SELECT a.num FROM artifacts a WHERE {}{}", of_kind(), place());
  } else {
    sql = fmt::format("SELECT a.num FROM artifacts a WHERE {}{}", of_kind(), texts());
  }
  const bool with_removed = windowed_ || query_.by == By::id;
  return with_removed ? sql : sql + " AND a.removed_at IS NULL";
}

std::string RelatedRows::in_window() {
  const std::string rows = numbers();
  const std::string from = parameters_.bind(from_of(filter_.window));
  return fmt::format("FROM ({}) h JOIN artifacts a ON a.num = h.num {}{}", rows,
                     window_join(from, parameters_.bind(to_of(filter_.window))),
                     query_.by == By::id ? "" : " WHERE r.change <> 'removed'");
}

std::int64_t count_rows(Connection& connection, const std::string& sql,
                        const Parameters& parameters) {
  std::int64_t rows = 0;
  connection.query(sql, parameters.values(), [&](const Row& row) { rows = row.integer(0); });
  return rows;
}

}  // namespace

std::int64_t visit_related(Connection& connection, const TenantScope& tenant,
                           const RelatedQuery& query, const ArtifactFilter& filter,
                           const ArtifactVisitor& visit) {
  if (query.by != By::place && query.ids.empty()) return 0;
  RelatedRows rows(tenant, query, filter);
  const bool windowed = !filter.window.open();
  const std::string from = windowed ? rows.in_window() : fmt::format("FROM ({}) h", rows.numbers());
  const std::int64_t count =
      count_rows(connection, fmt::format("SELECT count(*) {}", from), rows.parameters());
  if (count == 0) return 0;
  const std::string limit = rows.parameters().bind(std::int64_t{filter.limit});
  const std::string sql =
      windowed ? fmt::format("SELECT {}, {} {} ORDER BY a.num DESC LIMIT {}", window_columns,
                             content_column, from, limit)
               : fmt::format(
                     "SELECT {}, '' FROM (SELECT h.num {} ORDER BY h.num DESC LIMIT {}) n"
                     " JOIN artifacts a ON a.num = n.num {} ORDER BY a.num DESC",
                     artifact_columns, from, limit, artifact_join);
  connection.query(sql, rows.parameters().values(),
                   [&](const Row& row) { visit(view_artifact(row)); });
  return count;
}

std::string find_workspace_uuid(Connection& connection, const TenantScope& tenant,
                                const std::string& source_id, const std::string& slug) {
  std::string uuid;
  connection.query(
      "SELECT upstream_id FROM artifacts WHERE tenant_id = $1 AND source_id = $2"
      "   AND kind = 'workspace' AND workspace || '' = $3 ORDER BY removed_at IS NOT NULL, num"
      " LIMIT 1",
      {tenant.id(), source_id, slug}, [&](const Row& row) { uuid = row.text(0); });
  return uuid;
}

std::string partition_of_artifact(Connection& connection, const TenantScope& tenant,
                                  const std::string& id) {
  std::string part;
  connection.query(
      "SELECT c.part FROM artifacts a JOIN checkpoints c ON c.num = a.checkpoint_num"
      " WHERE a.tenant_id = $1 AND a.id = $2",
      {tenant.id(), id}, [&](const Row& row) { part = row.text(0); });
  return part;
}

}  // namespace evidenced::storage
