#include "storage/calendar_store.hpp"

#include "storage/columns.hpp"
#include "storage/id.hpp"

#include <fmt/format.h>

namespace evidenced::storage {

namespace {

constexpr std::string_view capability_purpose = "calendar-capability";
constexpr std::size_t capability_length = 64;  // 256 bits in hexadecimal digits

constexpr std::string_view feed_columns =
    "id, name, with_names, source_ids, created_at, revoked_at, last_used_at";

CalendarFeed read_feed(ColumnReader& column) {
  CalendarFeed feed;
  feed.id = column.text();
  feed.name = column.text();
  feed.with_names = column.flag();
  feed.source_ids = column.texts();
  feed.created_at = column.time();
  feed.revoked_at = column.optional_time();
  feed.last_used_at = column.optional_time();
  return feed;
}

}  // namespace

NewCalendarFeed create_calendar_feed(Connection& connection, const TenantScope& tenant,
                                     CalendarFeed feed, const Vault& vault, Timestamp now,
                                     Random& random) {
  feed.id = new_id("cal", now, random);
  feed.created_at = now;
  std::string capability = new_secret(random);
  const Digest hash = vault.peppered(capability_purpose, capability);
  const std::string source_ids = to_json(feed.source_ids);
  connection.execute(
      "INSERT INTO calendar_feeds"
      "   (id, tenant_id, capability_hash, name, with_names, source_ids, created_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {feed.id, tenant.id(), to_value(hash), feed.name, to_value(feed.with_names), source_ids,
       to_value(now)});
  return {.feed = std::move(feed), .capability = Secret(std::move(capability))};
}

std::optional<OwnedCalendarFeed> open_calendar_feed(Connection& connection,
                                                    std::string_view capability,
                                                    const Vault& vault) {
  if (capability.size() != capability_length) return std::nullopt;
  // Found by a keyed hash: how long the look-up takes tells nothing about other capabilities.
  const Digest hash = vault.peppered(capability_purpose, capability);
  std::optional<OwnedCalendarFeed> found;
  const std::string sql = fmt::format(
      "SELECT tenant_id, {} FROM calendar_feeds"
      " WHERE capability_hash = $1 AND revoked_at IS NULL",
      feed_columns);
  connection.query(sql, {to_value(hash)}, [&](const Row& row) {
    ColumnReader column(row);
    TenantScope tenant(column.text());
    found = OwnedCalendarFeed{.tenant = std::move(tenant), .feed = read_feed(column)};
  });
  return found;
}

std::vector<CalendarFeed> list_calendar_feeds(Connection& connection, const TenantScope& tenant,
                                              const std::string& after_id, int limit) {
  std::vector<CalendarFeed> feeds;
  const std::string sql = fmt::format(
      "SELECT {} FROM calendar_feeds WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
      feed_columns);
  connection.query(sql, {tenant.id(), after_id, to_value(limit)}, [&](const Row& row) {
    ColumnReader column(row);
    feeds.push_back(read_feed(column));
  });
  return feeds;
}

Result<CalendarFeed> find_calendar_feed(Connection& connection, const TenantScope& tenant,
                                        const std::string& id) {
  std::optional<CalendarFeed> feed;
  const std::string sql =
      fmt::format("SELECT {} FROM calendar_feeds WHERE id = $1 AND tenant_id = $2", feed_columns);
  connection.query(sql, {id, tenant.id()}, [&](const Row& row) {
    ColumnReader column(row);
    feed = read_feed(column);
  });
  if (!feed) return fail("resource.not_found");
  return *feed;
}

Result<CalendarFeed> revoke_calendar_feed(Connection& connection, const TenantScope& tenant,
                                          const std::string& id, Timestamp now) {
  connection.execute(
      "UPDATE calendar_feeds SET revoked_at = $3"
      " WHERE id = $1 AND tenant_id = $2 AND revoked_at IS NULL",
      {id, tenant.id(), to_value(now)});
  return find_calendar_feed(connection, tenant, id);
}

void touch_calendar_feed(Connection& connection, const TenantScope& tenant, const std::string& id,
                         Timestamp now) {
  connection.execute("UPDATE calendar_feeds SET last_used_at = $3 WHERE id = $1 AND tenant_id = $2",
                     {id, tenant.id(), to_value(now)});
}

}  // namespace evidenced::storage
