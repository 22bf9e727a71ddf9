#include "storage/change_store.hpp"

#include "storage/artifact_row.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <deque>
#include <span>

namespace evidenced::storage {

namespace {

/// FROM and WHERE of merged pull requests, and what they bind.
class MergedQuery {
 public:
  MergedQuery(Connection& connection, const TenantScope& tenant, const MergedFilter& filter)
      : connection_(connection), tenant_(tenant), filter_(filter) {
    const std::string tenant_name = bind(tenant.id());
    where_ = fmt::format(
        " WHERE a.tenant_id = {} AND a.kind = 'pull_request' AND a.state = 'MERGED'"
        " AND a.removed_at IS NULL",
        tenant_name);
    const std::string after = bind(filter.after.dated_at);
    where_ += fmt::format(" AND a.dated_at <= {0} AND (a.dated_at < {0} OR a.num < {1})", after,
                          bind(filter.after.num));
    if (filter.from) where_ += " AND a.dated_at >= " + bind(millis(*filter.from));
    if (filter.to) where_ += " AND a.dated_at <= " + bind(millis(*filter.to));
    add("source_id", filter.source_ids, "");
    add("workspace", filter.workspaces, "workspace");
    add("project", filter.projects, "project");
    add("repository", filter.repositories, "repository");
    if (filter.source_ids.size() > 1) add_once();
  }

  std::string bind(std::string_view text) {
    values_.emplace_back(std::string_view(texts_.emplace_back(text)));
    return fmt::format("${}", values_.size());
  }
  std::string bind(std::int64_t number) {
    values_.emplace_back(number);
    return fmt::format("${}", values_.size());
  }
  const std::string& where() const { return where_; }
  std::span<const Value> values() const { return values_; }

 private:
  static std::int64_t millis(Timestamp time) { return time.time_since_epoch().count(); }

  /// One of some names in a column, which may be given as the {uuid} of what is called so. The
  /// concatenation keeps the engine on the index of the order.
  void add(std::string_view column, const std::vector<std::string>& names, std::string_view kind) {
    if (names.empty()) return;
    std::vector<std::string> one_of;
    for (const std::string& name : names) {
      if (!kind.empty() && name.starts_with('{')) {
        add_named(column, kind, name, one_of);
      } else {
        one_of.push_back(fmt::format("a.{} || '' = {}", column, bind(name)));
      }
    }
    if (one_of.empty()) one_of.emplace_back("1 = 0");
    where_ += fmt::format(" AND ({})", fmt::join(one_of, " OR "));
  }

  void add_named(std::string_view column, std::string_view kind, const std::string& uuid,
                 std::vector<std::string>& one_of) {
    connection_.query(fmt::format("SELECT DISTINCT workspace, {} FROM artifacts WHERE source_id IN"
                                  " (SELECT id FROM sources WHERE tenant_id = $1) AND kind = $2"
                                  " AND upstream_id = $3",
                                  column),
                      {tenant_.id(), kind, uuid}, [&](const Row& row) {
                        one_of.push_back(fmt::format("(a.workspace || '' = {} AND a.{} || '' = {})",
                                                     bind(row.text(0)), column, bind(row.text(1))));
                      });
  }

  /// Of one that several sources have, the youngest artifact.
  void add_once() {
    std::vector<std::string> sources;
    sources.reserve(filter_.source_ids.size());
    for (const std::string& id : filter_.source_ids) sources.push_back(bind(id));
    where_ += fmt::format(
        " AND NOT EXISTS (SELECT 1 FROM artifacts b WHERE b.source_id IN ({})"
        "   AND b.kind = 'pull_request' AND b.upstream_id = a.upstream_id AND b.num > a.num"
        "   AND b.state = 'MERGED' AND b.removed_at IS NULL)",
        fmt::join(sources, ", "));
  }

  Connection& connection_;
  const TenantScope& tenant_;
  const MergedFilter& filter_;
  std::string where_;
  std::deque<std::string> texts_;
  std::vector<Value> values_;
};

}  // namespace

std::vector<MergedRow> list_merged(Connection& connection, const TenantScope& tenant,
                                   const MergedFilter& filter) {
  MergedQuery query(connection, tenant, filter);
  std::string join(artifact_join);
  if (!filter.window.open()) {
    const std::string from = query.bind(from_of(filter.window));
    join = window_join(from, query.bind(to_of(filter.window)));
  }
  const std::string sql = fmt::format(
      "SELECT {}, {}, a.dated_at, a.num FROM artifacts a {}{}{} ORDER BY a.dated_at DESC,"
      " a.num DESC LIMIT {}",
      filter.window.open() ? artifact_columns : window_columns, content_column, join, query.where(),
      filter.window.open() ? "" : " AND r.change <> 'removed'",
      query.bind(std::int64_t{filter.limit}));
  std::vector<MergedRow> rows;
  connection.query(sql, query.values(), [&](const Row& row) {
    rows.push_back({copy_of(view_artifact(row)), to_time(row.integer(artifact_column_count)),
                    row.integer(artifact_column_count + 1)});
  });
  return rows;
}

std::int64_t count_merged(Connection& connection, const TenantScope& tenant,
                          const MergedFilter& filter) {
  const MergedQuery query(connection, tenant, filter);
  std::int64_t count = 0;
  connection.query("SELECT count(*) FROM artifacts a" + query.where(), query.values(),
                   [&](const Row& row) { count = row.integer(0); });
  return count;
}

void visit_activity(Connection& connection, const std::string& source_id,
                    const std::string& pull_request, const ContentVisitor& visit) {
  static const std::string sql = fmt::format(
      "SELECT a.kind, {} FROM artifacts a {} WHERE a.source_id = $1"
      " AND a.kind = 'pull_request_activity' AND a.upstream_id > $2 AND a.upstream_id < $3"
      " AND a.removed_at IS NULL",
      content_column, artifact_join);
  connection.query(sql, {source_id, pull_request + '/', pull_request + '0'},
                   [&](const Row& row) { visit(row.text(0), row.text(1)); });
}

void visit_builds(Connection& connection, const TenantScope& tenant, const CommitKey& commit,
                  const ContentVisitor& visit) {
  static const std::string sql = fmt::format(
      "SELECT a.kind, {} FROM artifacts a {} WHERE a.tenant_id = $1 AND a.repository = $2"
      " AND a.commit_hash >= $3 AND a.commit_hash < $4 AND a.commit_hash <> ''"
      " AND a.source_id || '' = $5 AND a.removed_at IS NULL",
      content_column, artifact_join);
  const std::string end = std::string(commit.hash) + 'g';  // no digit of a hash is greater
  connection.query(sql, {tenant.id(), commit.repository, commit.hash, end, commit.source_id},
                   [&](const Row& row) { visit(row.text(0), row.text(1)); });
}

}  // namespace evidenced::storage
