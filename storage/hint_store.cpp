#include "storage/hint_store.hpp"

#include "storage/columns.hpp"

#include <algorithm>

namespace evidenced::storage {

namespace {

constexpr int hints_at_once = 100;
/// No hint is made to wait so long: the clock was set back since.
constexpr std::chrono::minutes impossible_wait{30};

std::vector<Hint> read_hints(Connection& connection, std::string_view sql,
                             std::initializer_list<Value> parameters) {
  std::vector<Hint> hints;
  connection.query(sql, parameters, [&](const Row& row) {
    ColumnReader column(row);
    Hint hint;
    hint.source_id = column.text();
    hint.stream = column.text();
    hint.repository = column.text();
    hints.push_back(std::move(hint));
  });
  return hints;
}

/// What waits and may be looked at again goes along with what is due.
std::vector<Hint> waiting_hints(Connection& connection, const Sync& sync, Timestamp now) {
  const bool only_follows = sync.trigger == SyncTrigger::hook;
  std::vector<Hint> hints = read_hints(
      connection,
      "SELECT source_id, stream, repository FROM hook_hints"
      " WHERE source_id = $1 AND due_at IS NOT NULL"
      "   AND ($2 = 0 OR due_at <= $3 OR due_at > $4 OR taken_at IS NULL OR taken_at <= $5)"
      " ORDER BY due_at, stream, repository LIMIT $6",
      {sync.source_id, to_value(only_follows), to_value(now), to_value(now + impossible_wait),
       to_value(now - hint_spacing), to_value(only_follows ? hints_at_once : 1'000'000)});
  if (only_follows || sync.only_streams.empty()) return hints;
  std::erase_if(hints, [&](const Hint& hint) {
    return std::ranges::find(sync.only_streams, hint.stream) == sync.only_streams.end();
  });
  return hints;
}

void keep_streams(Connection& connection, const TenantScope& tenant, Sync& sync,
                  const std::vector<Hint>& hints) {
  sync.only_streams.clear();
  for (const Hint& hint : hints) sync.only_streams.push_back(hint.stream);
  std::ranges::sort(sync.only_streams);
  const auto repeated = std::ranges::unique(sync.only_streams);
  sync.only_streams.erase(repeated.begin(), repeated.end());
  const std::string streams = to_json(sync.only_streams);
  connection.execute("UPDATE syncs SET only_streams = $3 WHERE id = $1 AND tenant_id = $2",
                     {sync.id, tenant.id(), streams});
}

}  // namespace

bool add_hint(Connection& connection, const TenantScope& tenant, const Hint& hint, Timestamp now) {
  // A look that the clock says is yet to come was before it went back.
  const std::int64_t added = connection.execute(
      "INSERT INTO hook_hints (source_id, stream, repository, tenant_id, due_at, taken_at, sync_id)"
      " VALUES ($1, $2, $3, $4, $5, NULL, '')"
      " ON CONFLICT (source_id, stream, repository) DO UPDATE SET due_at = CASE"
      "   WHEN hook_hints.taken_at > $6 AND hook_hints.taken_at <= $7"
      "     THEN hook_hints.taken_at + $8"
      "   ELSE excluded.due_at END"
      " WHERE hook_hints.due_at IS NULL",
      {hint.source_id, hint.stream, hint.repository, tenant.id(), to_value(now + hint_settles),
       to_value(now + hint_settles - hint_spacing), to_value(now),
       std::int64_t{std::chrono::milliseconds(hint_spacing).count()}});
  return added > 0;
}

std::vector<Hint> take_hints(Connection& connection, const TenantScope& tenant, Sync& sync,
                             Timestamp now) {
  const bool begins = sync.started_at == now;
  if (begins) {
    const std::vector<Hint> waiting = waiting_hints(connection, sync, now);
    for (const Hint& hint : waiting) {
      connection.execute(
          "UPDATE hook_hints SET due_at = NULL, taken_at = $4, sync_id = $5"
          " WHERE source_id = $1 AND stream = $2 AND repository = $3",
          {hint.source_id, hint.stream, hint.repository, to_value(now), sync.id});
    }
    if (sync.trigger == SyncTrigger::hook) keep_streams(connection, tenant, sync, waiting);
  }
  return read_hints(connection,
                    "SELECT source_id, stream, repository FROM hook_hints"
                    " WHERE source_id = $1 AND tenant_id = $2 AND sync_id = $3",
                    {sync.source_id, tenant.id(), sync.id});
}

void settle_hints(Connection& connection, const std::string& sync_id, bool looked, Timestamp now) {
  connection.execute(
      "UPDATE hook_hints SET sync_id = '',"
      "   due_at = CASE WHEN $2 = 1 THEN due_at ELSE coalesce(due_at, $3) END"
      " WHERE source_id = (SELECT source_id FROM syncs WHERE id = $1) AND sync_id = $1",
      {sync_id, to_value(looked), to_value(now + hint_retry)});
}

std::vector<HintedSource> hinted_sources(Connection& connection, Timestamp now) {
  std::vector<HintedSource> sources;
  connection.query(
      "SELECT DISTINCT s.tenant_id, s.id, a.account"
      " FROM hook_hints h JOIN sources s ON s.id = h.source_id"
      "   JOIN source_accounts a ON a.source_id = s.id"
      " WHERE (h.due_at <= $1 OR h.due_at > $2) AND s.state = 'active'"
      "   AND NOT EXISTS (SELECT 1 FROM syncs q WHERE q.source_id = s.id AND q.state = 'queued')",
      {to_value(now), to_value(now + impossible_wait)}, [&](const Row& row) {
        ColumnReader column(row);
        TenantScope tenant(column.text());
        std::string source_id = column.text();
        sources.push_back({std::move(tenant), std::move(source_id), column.text()});
      });
  return sources;
}

std::optional<Timestamp> next_hint(Connection& connection) {
  std::optional<Timestamp> due;
  connection.query(
      "SELECT min(h.due_at) FROM hook_hints h JOIN sources s ON s.id = h.source_id"
      " WHERE h.due_at IS NOT NULL AND s.state = 'active'"
      "   AND NOT EXISTS (SELECT 1 FROM syncs q WHERE q.source_id = s.id AND q.state = 'queued')",
      {}, [&](const Row& row) { due = ColumnReader(row).optional_time(); });
  return due;
}

void postpone_hints(Connection& connection, const std::string& source_id, Timestamp until) {
  connection.execute("UPDATE hook_hints SET due_at = $2 WHERE source_id = $1 AND due_at < $2",
                     {source_id, to_value(until)});
}

std::int64_t requests_for_hints(Connection& connection, const std::string& account,
                                Timestamp since) {
  std::int64_t requests = 0;
  connection.query(
      "SELECT coalesce(sum(q.requests_done), 0) FROM syncs q"
      "   JOIN source_accounts a ON a.source_id = q.source_id"
      " WHERE q.cause = 'hook' AND q.queued_at > $2 AND a.account = $1",
      {account, to_value(since)}, [&](const Row& row) { requests = row.integer(0); });
  return requests;
}

void forget_hints(Connection& connection, Timestamp before) {
  connection.execute("DELETE FROM hook_hints WHERE due_at IS NULL AND taken_at < $1",
                     {to_value(before)});
}

}  // namespace evidenced::storage
