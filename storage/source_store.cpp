#include "storage/source_store.hpp"

#include "storage/columns.hpp"
#include "storage/parameters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace evidenced::storage {

namespace {

constexpr std::string_view source_columns =
    "id, kind, name, state, state_reason, account_uuid, account_name, all_workspaces, workspaces,"
    " interval_seconds, next_run_at, tags, created_at, updated_at, deleted_at, version,"
    " (SELECT a.account FROM source_accounts a WHERE a.source_id = id)";

Source read_source(ColumnReader& column) {
  Source source;
  source.id = column.text();
  source.kind = column.text();
  source.name = column.text();
  source.state = column.word<SourceState>();
  source.state_reason = column.text();
  source.account_uuid = column.text();
  source.account_name = column.text();
  source.workspaces.all = column.flag();
  source.workspaces.slugs = column.texts();
  source.interval = std::chrono::seconds(column.integer());
  source.next_run_at = column.optional_time();
  source.tags = column.texts();
  source.created_at = column.time();
  source.updated_at = column.time();
  source.deleted_at = column.optional_time();
  source.version = column.integer();
  source.budget_account = column.text();
  return source;
}

/// The same parameters serve INSERT and UPDATE: $1 is the id, $2 the tenant.
template <class Use>
auto with_parameters(const TenantScope& tenant, const Source& source, Use use) {
  std::string workspaces = to_json(source.workspaces.slugs);
  std::string tags = to_json(source.tags);
  const Value parameters[] = {source.id,
                              tenant.id(),
                              source.kind,
                              source.name,
                              name_of(source.state),
                              source.state_reason,
                              source.account_uuid,
                              source.account_name,
                              to_value(source.workspaces.all),
                              workspaces,
                              std::int64_t{source.interval.count()},
                              to_value(source.next_run_at),
                              tags,
                              to_value(source.created_at),
                              to_value(source.updated_at),
                              to_value(source.deleted_at),
                              source.version};
  return use(std::span<const Value>(parameters));
}

/// " AND (… OR …)" with the condition of each; "" where there are none.
template <class Item, class Condition>
std::string any_of(const std::vector<Item>& items, Condition condition) {
  if (items.empty()) return "";
  std::vector<std::string> conditions;
  conditions.reserve(items.size());
  for (const Item& item : items) conditions.push_back(condition(item));
  return fmt::format(" AND ({})", fmt::join(conditions, " OR "));
}

}  // namespace

void insert_source(Connection& connection, const TenantScope& tenant, const Source& source) {
  with_parameters(tenant, source, [&](std::span<const Value> parameters) {
    return connection.execute(
        "INSERT INTO sources (id, tenant_id, kind, name, state, state_reason, account_uuid,"
        "   account_name, all_workspaces, workspaces, interval_seconds, next_run_at, tags,"
        "   created_at, updated_at, deleted_at, version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        parameters);
  });
}

Result<Source> update_source(Connection& connection, const TenantScope& tenant, Source source) {
  source.version += 1;
  std::int64_t changed = with_parameters(tenant, source, [&](std::span<const Value> parameters) {
    return connection.execute(
        "UPDATE sources SET kind = $3, name = $4, state = $5, state_reason = $6,"
        "   account_uuid = $7, account_name = $8, all_workspaces = $9, workspaces = $10,"
        "   interval_seconds = $11, next_run_at = $12, tags = $13, created_at = $14,"
        "   updated_at = $15, deleted_at = $16, version = $17"
        " WHERE id = $1 AND tenant_id = $2",
        parameters);
  });
  if (changed == 0) return fail("resource.not_found");
  return source;
}

Result<Source> find_source(Connection& connection, const TenantScope& tenant,
                           const std::string& id) {
  std::optional<Source> source;
  std::string sql =
      fmt::format("SELECT {} FROM sources WHERE id = $1 AND tenant_id = $2", source_columns);
  connection.query(sql, {id, tenant.id()}, [&](const Row& row) {
    ColumnReader column(row);
    source = read_source(column);
  });
  if (!source) return fail("resource.not_found");
  return *source;
}

std::vector<Source> list_sources(Connection& connection, const TenantScope& tenant,
                                 const SourceFilter& filter) {
  Parameters parameters;
  std::string sql =
      fmt::format("SELECT {} FROM sources s WHERE tenant_id = {} AND id > {}", source_columns,
                  parameters.bind(tenant.id()), parameters.bind(filter.after_id));
  sql += any_of(filter.states, [&](SourceState state) {
    return fmt::format("state = {}", parameters.bind(name_of(state)));
  });
  if (filter.states.empty()) sql += " AND state <> 'deleted'";
  sql += any_of(filter.tags, [&](const std::string& tag) {
    return fmt::format("replace(tags, {}, '') <> tags", parameters.bind(json_needle(tag)));
  });
  sql += any_of(filter.workspaces, [&](const std::string& slug) {
    const std::string needle = parameters.bind(json_needle(slug));
    return fmt::format(
        "replace(workspaces, {}, '') <> workspaces"
        " OR (all_workspaces = 1 AND EXISTS (SELECT 1 FROM artifacts a WHERE a.source_id = s.id"
        "   AND a.kind = 'workspace' AND a.workspace = {} AND a.removed_at IS NULL))",
        needle, parameters.bind(slug));
  });
  if (filter.expires_before) {
    sql += fmt::format(
        " AND EXISTS (SELECT 1 FROM credentials c WHERE c.source_id = s.id AND c.expires_at < {})",
        parameters.bind(std::int64_t{filter.expires_before->time_since_epoch().count()}));
  }
  if (!filter.ids.empty()) {
    sql += fmt::format(" AND replace({0}, '\"' || id || '\"', '') <> {0}",
                       parameters.bind(to_json(filter.ids)));
  }
  sql += fmt::format(" ORDER BY id LIMIT {}", parameters.bind(std::int64_t{filter.limit}));
  std::vector<Source> sources;
  connection.query(sql, parameters.values(), [&](const Row& row) {
    ColumnReader column(row);
    sources.push_back(read_source(column));
  });
  return sources;
}

std::int64_t sum_of_versions(Connection& connection, const TenantScope& tenant) {
  std::int64_t sum = 0;
  connection.query("SELECT coalesce(sum(version), 0) FROM sources WHERE tenant_id = $1",
                   {tenant.id()}, [&](const Row& row) { sum = row.integer(0); });
  return sum;
}

std::vector<OwnedSource> due_sources(Connection& connection, Timestamp now, int limit) {
  std::string sql = fmt::format(
      "SELECT tenant_id, {} FROM sources"
      " WHERE state IN ('active', 'needs_credential') AND next_run_at IS NOT NULL AND next_run_at "
      "<= $1"
      " ORDER BY next_run_at LIMIT $2",
      source_columns);
  std::vector<OwnedSource> sources;
  connection.query(sql, {to_value(now), to_value(limit)}, [&](const Row& row) {
    ColumnReader column(row);
    TenantScope tenant(column.text());
    sources.push_back({.tenant = std::move(tenant), .source = read_source(column)});
  });
  return sources;
}

std::string settle_account(Connection& connection, const std::string& source_id,
                           const std::string& email_hash) {
  connection.execute("UPDATE sources SET email_hash = $2 WHERE id = $1 AND email_hash <> $2",
                     {source_id, email_hash});
  std::string account;
  connection.query("SELECT account FROM source_accounts WHERE source_id = $1", {source_id},
                   [&](const Row& row) { account = row.text(0); });
  return account;
}

void record_rejection(Connection& connection, const std::string& source_id, Timestamp now) {
  connection.execute(
      "INSERT INTO rejections (source_id, rejected_at) VALUES ($1, $2)"
      " ON CONFLICT (source_id) DO UPDATE SET rejected_at = excluded.rejected_at",
      {source_id, to_value(now)});
}

bool was_rejected_within(Connection& connection, const std::string& source_id, Timestamp now,
                         std::chrono::seconds time) {
  // A time to come was written by a clock that went back since.
  bool lately = false;
  connection.query(
      "SELECT 1 FROM rejections WHERE source_id = $1 AND rejected_at > $2 AND rejected_at <= $3",
      {source_id, to_value(now - time), to_value(now)}, [&](const Row&) { lately = true; });
  return lately;
}

std::optional<Timestamp> next_due(Connection& connection) {
  std::optional<Timestamp> due;
  connection.query(
      "SELECT min(next_run_at) FROM sources WHERE state IN ('active', 'needs_credential') AND "
      "next_run_at IS NOT NULL",
      {}, [&](const Row& row) { due = ColumnReader(row).optional_time(); });
  return due;
}

}  // namespace evidenced::storage
