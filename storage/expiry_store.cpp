#include "storage/expiry_store.hpp"

#include "storage/columns.hpp"

#include <fmt/format.h>

namespace evidenced::storage {

namespace {

constexpr std::string_view expiry_columns =
    "c.source_id, s.name, c.version, c.expires_at, c.expiry_declared, c.created_at";
constexpr std::string_view within =
    "c.expires_at >= $1 AND c.expires_at < $2"
    " AND ($3 = 0 OR c.expires_at > $4 OR (c.expires_at = $4 AND c.source_id > $5))";

/// Further away than any time that is stored.
constexpr std::int64_t never = std::int64_t{1} << 60;

Expiry read_expiry(ColumnReader& column) {
  Expiry expiry;
  expiry.source_id = column.text();
  expiry.source_name = column.text();
  expiry.version = column.integer();
  expiry.expires_at = column.time();
  expiry.declared = column.flag();
  expiry.created_at = column.time();
  return expiry;
}

/// What `within` is bound to, and the limit as $6.
std::vector<Value> bounds_of(const ExpiryFilter& filter) {
  const auto from = filter.from ? to_value(*filter.from) : Value(-never);
  const auto before = filter.before ? to_value(*filter.before) : Value(never);
  if (!filter.after) {
    return {
        from, before, std::int64_t{0}, std::int64_t{0}, std::string_view(), to_value(filter.limit)};
  }
  return {from,
          before,
          std::int64_t{1},
          to_value(filter.after->first),
          std::string_view(filter.after->second),
          to_value(filter.limit)};
}

}  // namespace

std::vector<Expiry> list_expiries(Connection& connection, const TenantScope& tenant,
                                  const ExpiryFilter& filter) {
  const std::string sql = fmt::format(
      "SELECT {} FROM credentials c JOIN sources s ON s.id = c.source_id WHERE {}"
      " AND NOT (c.expires_at >= $9 AND c.expires_at < $10)"
      " AND c.tenant_id = $7 AND ($8 = '[]' OR replace($8, '\"' || c.source_id || '\"', '') <> $8)"
      " ORDER BY c.expires_at, c.source_id LIMIT $6",
      expiry_columns, within);
  const std::string ids = to_json(filter.source_ids);
  std::vector<Value> values = bounds_of(filter);
  values.emplace_back(std::string_view(tenant.id()));
  values.emplace_back(std::string_view(ids));
  values.emplace_back(filter.except ? to_value(filter.except->first) : Value(never));
  values.emplace_back(filter.except ? to_value(filter.except->second) : Value(never));
  std::vector<Expiry> expiries;
  connection.query(sql, values, [&](const Row& row) {
    ColumnReader column(row);
    expiries.push_back(read_expiry(column));
  });
  return expiries;
}

std::vector<OwnedExpiry> list_all_expiries(Connection& connection, const ExpiryFilter& filter) {
  const std::string sql = fmt::format(
      "SELECT c.tenant_id, {} FROM credentials c JOIN sources s ON s.id = c.source_id WHERE {}"
      " ORDER BY c.expires_at, c.source_id LIMIT $6",
      expiry_columns, within);
  const std::vector<Value> values = bounds_of(filter);
  std::vector<OwnedExpiry> expiries;
  connection.query(sql, values, [&](const Row& row) {
    ColumnReader column(row);
    TenantScope tenant(column.text());
    expiries.push_back({.tenant = std::move(tenant), .expiry = read_expiry(column)});
  });
  return expiries;
}

std::vector<Expiry> list_ended(Connection& connection, const TenantScope& tenant,
                               const std::vector<std::string>& source_ids, int limit) {
  const std::string sql = fmt::format(
      "SELECT {}, c.ended_at FROM ended_credentials c JOIN sources s ON s.id = c.source_id"
      " WHERE c.tenant_id = $1 AND ($2 = '[]' OR replace($2, '\"' || c.source_id || '\"', '') <> "
      "$2)"
      " ORDER BY c.ended_at DESC, c.source_id, c.version LIMIT $3",
      expiry_columns);
  const std::string ids = to_json(source_ids);
  std::vector<Expiry> ended;
  connection.query(sql, {tenant.id(), ids, to_value(limit)}, [&](const Row& row) {
    ColumnReader column(row);
    Expiry expiry = read_expiry(column);
    expiry.ended_at = column.time();
    ended.push_back(std::move(expiry));
  });
  return ended;
}

std::vector<ExpiryNotice> notices_of(Connection& connection, const TenantScope& tenant,
                                     const std::string& source_id, std::int64_t version) {
  std::vector<ExpiryNotice> notices;
  connection.query(
      "SELECT threshold_days, given_at FROM expiry_notices"
      " WHERE source_id = $1 AND credential_version = $2 AND tenant_id = $3"
      " ORDER BY threshold_days DESC",
      {source_id, version, tenant.id()}, [&](const Row& row) {
        ColumnReader column(row);
        const auto threshold = static_cast<int>(column.integer());
        notices.push_back({.threshold_days = threshold, .given_at = column.time()});
      });
  return notices;
}

bool give_notice(Connection& connection, const TenantScope& tenant, const Expiry& expiry,
                 int threshold_days, const NewEvent& event) {
  const std::int64_t noted = connection.execute(
      "INSERT INTO expiry_notices"
      "   (source_id, credential_version, threshold_days, tenant_id, given_at)"
      " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
      {expiry.source_id, expiry.version, to_value(threshold_days), tenant.id(),
       to_value(event.at)});
  if (noted == 0) return false;
  record_event(connection, tenant, event);
  return true;
}

std::vector<std::pair<int, std::int64_t>> count_notices(
    Connection& connection, const TenantScope& tenant, const std::vector<std::string>& source_ids) {
  const std::string ids = to_json(source_ids);
  std::vector<std::pair<int, std::int64_t>> counts;
  connection.query(
      "SELECT threshold_days, count(*) FROM expiry_notices WHERE tenant_id = $1"
      " AND ($2 = '[]' OR replace($2, '\"' || source_id || '\"', '') <> $2)"
      " GROUP BY threshold_days ORDER BY threshold_days",
      {tenant.id(), ids}, [&](const Row& row) {
        counts.emplace_back(static_cast<int>(row.integer(0)), row.integer(1));
      });
  return counts;
}

void end_credential(Connection& connection, const TenantScope& tenant, const std::string& source_id,
                    Timestamp now) {
  connection.execute(
      "INSERT INTO ended_credentials"
      "   (source_id, version, tenant_id, expires_at, expiry_declared, created_at, ended_at)"
      " SELECT source_id, version, tenant_id, expires_at, expiry_declared, created_at, $3"
      " FROM credentials WHERE source_id = $1 AND tenant_id = $2 AND expires_at IS NOT NULL",
      {source_id, tenant.id(), to_value(now)});
}

void forget_ended(Connection& connection, Timestamp before) {
  connection.execute("DELETE FROM ended_credentials WHERE ended_at < $1", {to_value(before)});
}

}  // namespace evidenced::storage
