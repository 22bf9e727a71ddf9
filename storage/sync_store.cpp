#include "storage/sync_store.hpp"

#include "storage/columns.hpp"
#include "storage/event_store.hpp"
#include "storage/id.hpp"
#include "storage/walk_log.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::storage {

namespace {

constexpr std::string_view sync_columns =
    "id, source_id, mode, cause, state, result, cancel_requested, requests_done, requests_planned,"
    " eta_seconds, waiting_until, only_streams, streams, error, queued_at, started_at, finished_at,"
    " version";

Sync read_sync(ColumnReader& column) {
  Sync sync;
  sync.id = column.text();
  sync.source_id = column.text();
  sync.mode = column.word<SyncMode>();
  sync.trigger = column.word<SyncTrigger>();
  sync.state = column.word<SyncState>();
  sync.result = column.word<SyncResult>();
  sync.cancel_requested = column.flag();
  sync.requests_done = column.integer();
  sync.requests_planned = column.integer();
  sync.eta_seconds = column.optional_integer();
  sync.waiting_until = column.optional_time();
  sync.only_streams = column.texts();
  sync.streams = streams_from_json(column.text());
  sync.error = column.error();
  sync.queued_at = column.time();
  sync.started_at = column.optional_time();
  sync.finished_at = column.optional_time();
  sync.version = column.integer();
  return sync;
}

/// Calls `visit` with what is selected of the syncs that the filter lets through.
template <class F>
void query_syncs(Connection& connection, const TenantScope& tenant, const SyncFilter& filter,
                 std::string_view selected, std::string_view order, F visit) {
  std::vector<std::string> words;
  words.reserve(filter.states.size());
  for (const SyncState state : filter.states) words.emplace_back(name_of(state));
  const std::string states = to_json(words);
  const std::string sources = to_json(filter.source_ids);
  const std::string one = filter.source_ids.size() == 1 ? filter.source_ids.front() : "";
  const std::string_view by_source =
      one.empty() ? "$2 = '' AND ($5 = '[]' OR replace($5, '\"' || source_id || '\"', '') <> $5)"
                  : "source_id = $2 AND $5 <> ''";
  std::string_view keyset = filter.before_id.empty() ? "$4 = ''" : "id < $4";
  std::string sql = fmt::format(
      "SELECT {} FROM syncs WHERE tenant_id = $1 AND {} AND {}"
      "   AND ($3 = '[]' OR replace($3, '\"' || state || '\"', '') <> $3)"
      "   AND ($9 = 1 OR cause <> 'hook')"
      "   AND queued_at <= $8 AND (finished_at IS NULL OR finished_at >= $7)"
      " {} LIMIT $6",
      selected, by_source, keyset, order);
  connection.query(sql,
                   {tenant.id(), one, states, filter.before_id, sources, to_value(filter.limit),
                    from_of(filter.window), to_of(filter.window), to_value(filter.with_hooks)},
                   visit);
}

std::optional<Sync> query_one(Connection& connection, std::string_view rest,
                              std::initializer_list<Value> parameters) {
  std::optional<Sync> sync;
  std::string sql = fmt::format("SELECT {} FROM syncs {}", sync_columns, rest);
  connection.query(sql, parameters, [&](const Row& row) {
    ColumnReader column(row);
    sync = read_sync(column);
  });
  return sync;
}

Sync insert_sync(Connection& connection, const TenantScope& tenant, const SyncRequest& request,
                 Timestamp now, Random& random) {
  Sync sync;
  sync.id = new_id("syn", now, random);
  sync.source_id = request.source_id;
  sync.mode = request.mode;
  sync.trigger = request.trigger;
  sync.only_streams = request.only_streams;
  sync.queued_at = now;
  std::string only_streams = to_json(sync.only_streams);
  connection.execute(
      "INSERT INTO syncs (id, tenant_id, source_id, mode, cause, state, result, cancel_requested,"
      "   requests_done, requests_planned, only_streams, streams, error, queued_at, version)"
      " VALUES ($1, $2, $3, $4, $5, 'queued', '', 0, 0, 0, $6, '[]', '', $7, 1)",
      {sync.id, tenant.id(), sync.source_id, name_of(sync.mode), name_of(sync.trigger),
       only_streams, to_value(now)});
  record_sync_event(connection, tenant, "sync.queued", sync, now);
  return sync;
}

/// Both wishes in one sync: a full one wins, and no list of streams means all of them. Who follows
/// hints finds them again, whatever sync it is that takes them.
bool widen(Sync& sync, const SyncRequest& request) {
  if (request.trigger == SyncTrigger::hook) return false;
  Sync before = sync;
  if (sync.trigger == SyncTrigger::hook) {
    sync.trigger = request.trigger;
    sync.mode = request.mode;
    sync.only_streams = request.only_streams;
    return true;
  }
  // A new credential may read what the old one was refused: that is asked for again, not merely
  // due.
  if (request.trigger == SyncTrigger::credential) sync.trigger = SyncTrigger::credential;
  if (request.mode == SyncMode::full) sync.mode = SyncMode::full;
  if (request.only_streams.empty()) sync.only_streams.clear();
  if (!sync.only_streams.empty()) {
    for (const std::string& stream : request.only_streams) {
      if (std::ranges::find(sync.only_streams, stream) != sync.only_streams.end()) continue;
      sync.only_streams.push_back(stream);
    }
  }
  return sync.mode != before.mode || sync.only_streams != before.only_streams ||
         sync.trigger != before.trigger;
}

}  // namespace

Enqueued enqueue_sync(Connection& connection, const TenantScope& tenant, const SyncRequest& request,
                      Timestamp now, Random& random) {
  std::optional<Sync> queued = query_one(
      connection,
      "WHERE source_id = $1 AND tenant_id = $2 AND state = 'queued' AND started_at IS NULL",
      {request.source_id, tenant.id()});
  if (!queued) {
    return {.sync = insert_sync(connection, tenant, request, now, random), .created = true};
  }
  if (!widen(*queued, request)) return {.sync = *queued, .created = false};
  queued->version += 1;
  std::string only_streams = to_json(queued->only_streams);
  connection.execute(
      "UPDATE syncs SET mode = $2, only_streams = $3, version = $4, cause = $5 WHERE id = $1",
      {queued->id, name_of(queued->mode), only_streams, queued->version, name_of(queued->trigger)});
  return {.sync = *queued, .created = false};
}

void record_sync_event(Connection& connection, const TenantScope& tenant, EventType type,
                       const Sync& sync, Timestamp at) {
  std::vector<Fact> facts = {{"mode", std::string(name_of(sync.mode))},
                             {"trigger", std::string(name_of(sync.trigger))}};
  if (sync.result != SyncResult::none) {
    facts.emplace_back("result", std::string(name_of(sync.result)));
  }
  if (sync.error) facts.emplace_back("code", sync.error->code);
  record_event(connection, tenant,
               {.type = type,
                .source_id = sync.source_id,
                .subject_id = sync.id,
                .at = at,
                .facts = std::move(facts)});
}

Result<Sync> find_sync(Connection& connection, const TenantScope& tenant, const std::string& id) {
  std::optional<Sync> sync =
      query_one(connection, "WHERE id = $1 AND tenant_id = $2", {id, tenant.id()});
  if (!sync) return fail("resource.not_found");
  return *sync;
}

std::vector<Sync> list_syncs(Connection& connection, const TenantScope& tenant,
                             const SyncFilter& filter) {
  std::vector<Sync> syncs;
  query_syncs(connection, tenant, filter, sync_columns, "ORDER BY id DESC", [&](const Row& row) {
    ColumnReader column(row);
    syncs.push_back(read_sync(column));
  });
  return syncs;
}

std::int64_t count_syncs(Connection& connection, const TenantScope& tenant,
                         const SyncFilter& filter) {
  std::int64_t count = 0;
  query_syncs(connection, tenant, filter, "count(*)", "",
              [&](const Row& row) { count = row.integer(0); });
  return count;
}

std::optional<Sync> latest_sync(Connection& connection, const TenantScope& tenant,
                                const std::string& source_id, bool done_only) {
  return query_one(connection,
                   "WHERE source_id = $1 AND tenant_id = $2 AND ($3 = 0 OR state = 'done')"
                   "   AND cause <> 'hook'"
                   " ORDER BY id DESC LIMIT 1",
                   {source_id, tenant.id(), to_value(done_only)});
}

void conclude_sync(Connection& connection, const TenantScope& tenant, const Sync& sync, bool looked,
                   Timestamp now) {
  keep_walks(connection, sync, now);
  settle_hints(connection, sync.id, looked, now);
  record_sync_event(connection, tenant, "sync.finished", sync, now);
}

Result<Sync> request_cancel(Connection& connection, const TenantScope& tenant,
                            const std::string& id, Timestamp now) {
  Result<Sync> sync = find_sync(connection, tenant, id);
  if (!sync) return sync;
  if (sync->state == SyncState::done) return fail("sync.finished");
  if (sync->cancel_requested) return sync;
  sync->cancel_requested = true;
  sync->version += 1;
  if (sync->state == SyncState::queued) {
    sync->state = SyncState::done;
    sync->result = SyncResult::cancelled;
    sync->finished_at = now;
  }
  connection.execute(
      "UPDATE syncs SET cancel_requested = 1, state = $2, result = $3, finished_at = $4,"
      "   version = $5 WHERE id = $1",
      {id, name_of(sync->state), name_of(sync->result), to_value(sync->finished_at),
       sync->version});
  if (sync->state == SyncState::done) {
    conclude_sync(connection, tenant, *sync, false, now);
  }
  return sync;
}

std::optional<OwnedSync> claim_sync(Connection& connection, Timestamp now,
                                    const std::vector<std::string>& busy_accounts) {
  std::string busy = to_json(busy_accounts);
  std::string sql = fmt::format(
      "UPDATE syncs SET state = 'running', started_at = coalesce(started_at, $1),"
      "   version = version + 1"
      " WHERE id = (SELECT q.id FROM syncs q JOIN sources s ON s.id = q.source_id"
      "   JOIN source_accounts a ON a.source_id = s.id"
      "   WHERE q.state <> 'done' AND q.state = 'queued' AND s.state IN ('active', "
      "'needs_credential')"
      "     AND ($2 = '[]' OR replace($2, '\"' || a.account || '\"', '') = $2)"
      "     AND NOT EXISTS (SELECT 1 FROM syncs r WHERE r.source_id = q.source_id"
      "       AND r.state = 'running')"
      "   ORDER BY q.queued_at, q.id LIMIT 1)"
      " RETURNING tenant_id, {}",
      sync_columns);
  std::optional<OwnedSync> claimed;
  connection.query(sql, {to_value(now), busy}, [&](const Row& row) {
    ColumnReader column(row);
    TenantScope tenant(column.text());
    claimed = OwnedSync{.tenant = std::move(tenant), .sync = read_sync(column)};
  });
  if (claimed) {
    claimed->hints = take_hints(connection, claimed->tenant, claimed->sync, now);
    record_sync_event(connection, claimed->tenant, "sync.started", claimed->sync, now);
  }
  return claimed;
}

std::int64_t requeue_running(Connection& connection) {
  return connection.execute(
      "UPDATE syncs SET state = 'queued', version = version + 1 WHERE state = 'running'");
}

void save_sync(Connection& connection, const TenantScope& tenant, Sync& sync) {
  std::string only_streams = to_json(sync.only_streams);
  std::string streams = to_json(sync.streams);
  std::string error = to_json(sync.error);
  // A cancel may have been asked for meanwhile: that column is read, not written.
  connection.query(
      "UPDATE syncs SET mode = $3, state = $4, result = $5, requests_done = $6,"
      "   requests_planned = $7, eta_seconds = $8, waiting_until = $9, only_streams = $10,"
      "   streams = $11, error = $12, started_at = $13, finished_at = $14, version = version + 1"
      " WHERE id = $1 AND tenant_id = $2 RETURNING cancel_requested, version",
      {sync.id, tenant.id(), name_of(sync.mode), name_of(sync.state), name_of(sync.result),
       sync.requests_done, sync.requests_planned, to_value(sync.eta_seconds),
       to_value(sync.waiting_until), only_streams, streams, error, to_value(sync.started_at),
       to_value(sync.finished_at)},
      [&](const Row& row) {
        sync.cancel_requested = row.integer(0) != 0;
        sync.version = row.integer(1);
      });
}

}  // namespace evidenced::storage
