#include "storage/event_store.hpp"

#include "storage/artifact_row.hpp"
#include "storage/artifact_store.hpp"
#include "storage/columns.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace evidenced::storage {

namespace {

std::string data_of(const std::vector<Fact>& facts) {
  boost::json::object object;
  for (const auto& [name, value] : facts) {
    std::visit([&, key = name](const auto& known) { object[key] = known; }, value);
  }
  return boost::json::serialize(object);
}

/// What narrows both halves of the feed, ready to be bound.
struct Bounds {
  Bounds(const TenantScope& tenant, const EventFilter& filter)
      : tenant_id(tenant.id()),
        types(to_json(filter.types)),
        sources(to_json(filter.source_ids)),
        allowed(to_json(filter.allowed_source_ids)),
        after(filter.after),
        windowed(!filter.window.open()),
        from(from_of(filter.window)),
        to(to_of(filter.window)),
        limit(filter.limit + 1) {}

  std::vector<Value> values() const {
    return {tenant_id, after, sources, allowed, from, to, limit, types};
  }

  std::string tenant_id;
  std::string types;
  std::string sources;
  std::string allowed;
  std::int64_t after;
  bool windowed;
  std::int64_t from;
  std::int64_t to;
  std::int64_t limit;
};

/// `$n = '[]'`, or the text stands in the JSON array that `$n` is.
std::string listed_in(std::string_view text, int parameter) {
  return fmt::format("(${0} = '[]' OR replace(${0}, '\"' || {1} || '\"', '') <> ${0})", parameter,
                     text);
}

std::string narrowed(std::string_view table) {
  return fmt::format("{0}.tenant_id = $1 AND {0}.seq > $2 AND {1} AND {2}", table,
                     listed_in(fmt::format("{}.source_id", table), 3),
                     listed_in(fmt::format("{}.source_id", table), 4));
}

/// The columns that both kinds of events begin with.
Event read_event(ColumnReader& column) {
  Event event;
  event.seq = column.integer();
  event.type = column.text();
  event.source_id = column.text();
  event.subject_id = column.text();
  event.at = column.time();
  return event;
}

std::vector<Event> recorded(Connection& connection, const Bounds& bounds) {
  const std::string sql = fmt::format(
      "SELECT e.seq, e.type, e.source_id, e.subject_id, e.at, e.data FROM events e WHERE {} AND {}"
      " AND e.at >= $5 AND e.at <= $6 ORDER BY e.seq LIMIT $7",
      narrowed("e"), listed_in("type", 8));
  std::vector<Event> events;
  connection.query(sql, bounds.values(), [&](const Row& row) {
    ColumnReader column(row);
    Event event = read_event(column);
    event.data = column.text();
    events.push_back(std::move(event));
  });
  return events;
}

/// Artifacts at their last change. One whose position is not that of its last revision changed in
/// nothing but its location.
std::vector<Event> changed_artifacts(Connection& connection, const Bounds& bounds) {
  // A move is no revision: when it happened is not known, so no window holds it.
  const std::string_view type =
      bounds.windowed ? "'artifact.' || r.change"
                      : "'artifact.' || CASE WHEN r.seq = a.seq THEN r.change ELSE 'moved' END";
  const std::string_view changed = bounds.windowed ? "r" : "a";
  const std::string sql = fmt::format(
      "SELECT {0}.seq, {1}, a.source_id, a.id, r.observed_at, a.kind, r.number, a.workspace,"
      "   a.repository, r.sync_id"
      " FROM artifacts a {2} WHERE {3} AND {0}.seq > $2 AND {4} AND r.observed_at >= $5"
      "   AND r.observed_at <= $6 ORDER BY {0}.seq LIMIT $7",
      changed, type, bounds.windowed ? window_join("$5", "$6") : std::string(artifact_join),
      narrowed("a"), listed_in(type, 8));
  std::vector<Event> events;
  connection.query(sql, bounds.values(), [&](const Row& row) {
    ColumnReader column(row);
    Event event = read_event(column);
    std::vector<Fact> facts;
    facts.emplace_back("kind", column.text());
    facts.emplace_back("revision", column.integer());
    for (const std::string_view name : {"workspace", "repository", "sync_id"}) {
      facts.emplace_back(name, column.text());
    }
    std::erase_if(facts, [](const Fact& fact) {
      const auto* text = std::get_if<std::string>(&fact.second);
      return text != nullptr && text->empty();
    });
    event.data = data_of(facts);
    events.push_back(std::move(event));
  });
  return events;
}

Result<void> check_kept(Connection& connection, const TenantScope& tenant, std::int64_t after) {
  std::int64_t floor = 0;
  connection.query("SELECT last_dropped_seq FROM event_floors WHERE tenant_id = $1", {tenant.id()},
                   [&](const Row& row) { floor = row.integer(0); });
  if (after == 0 || after >= floor) return {};
  return fail("cursor.expired", fmt::format("Events up to position {} are no longer kept", floor));
}

}  // namespace

std::int64_t record_event(Connection& connection, const TenantScope& tenant,
                          const NewEvent& event) {
  // The times of marks never fall: see ChangeLog.
  std::int64_t seq = 0;
  connection.query(
      "INSERT INTO feed_marks (tenant_id, first_seq, last_seq, at)"
      " SELECT $1, next, next, CASE WHEN last_at > $2 THEN last_at ELSE $2 END FROM ("
      "   SELECT coalesce(max(last_seq), 0) + 1 AS next, coalesce(max(at), 0) AS last_at FROM ("
      "     SELECT last_seq, at FROM feed_marks WHERE tenant_id = $1"
      "     ORDER BY first_seq DESC LIMIT 1) AS newest) AS following"
      " RETURNING last_seq",
      {tenant.id(), to_value(event.at)}, [&](const Row& row) { seq = row.integer(0); });
  const std::string data = data_of(event.facts);
  connection.execute(
      "INSERT INTO events (tenant_id, seq, type, source_id, subject_id, at, data)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {tenant.id(), seq, event.type.text(), event.source_id, event.subject_id, to_value(event.at),
       data});
  return seq;
}

Result<EventPage> list_events(Connection& connection, const TenantScope& tenant,
                              const EventFilter& filter) {
  const Result<void> kept = check_kept(connection, tenant, filter.after);
  if (!kept) return fail(kept);
  const Bounds bounds(tenant, filter);
  EventPage page;
  page.events = recorded(connection, bounds);
  const std::vector<Event> artifacts = changed_artifacts(connection, bounds);
  page.events.insert(page.events.end(), artifacts.begin(), artifacts.end());
  std::ranges::sort(page.events, {}, &Event::seq);
  page.more = page.events.size() > static_cast<std::size_t>(filter.limit);
  if (page.more) page.events.resize(static_cast<std::size_t>(filter.limit));
  page.after =
      page.more ? page.events.back().seq : std::max(filter.after, current_seq(connection, tenant));
  return page;
}

void expire_events(Connection& connection, Timestamp before) {
  connection.execute(
      "INSERT INTO event_floors (tenant_id, last_dropped_seq)"
      " SELECT tenant_id, max(seq) FROM events WHERE at < $1 GROUP BY tenant_id"
      " ON CONFLICT (tenant_id) DO UPDATE SET last_dropped_seq = excluded.last_dropped_seq",
      {to_value(before)});
  connection.execute("DELETE FROM events WHERE at < $1", {to_value(before)});
}

}  // namespace evidenced::storage
