#include "api/syncs/sync_view.hpp"

#include "storage/names.hpp"
#include "storage/sync_store.hpp"

namespace evidenced::api {

using namespace storage;

namespace {

std::int64_t waited_seconds(const SyncStream& stream) {
  return stream.waited_milliseconds / 1000;
}

void write_progress(JsonOut& json, const Sync& sync, const RunningBudgets& running) {
  std::int64_t retries = 0;
  std::int64_t waited = 0;
  for (const SyncStream& stream : sync.streams) {
    retries += stream.retries;
    waited += waited_seconds(stream);
  }
  json.key("progress").begin_object();
  json.member("requests_done", sync.requests_done);
  json.member("requests_planned", sync.requests_planned);
  json.member("retries", retries);
  json.member("waited_seconds", waited);
  json.member("eta_seconds", sync.eta_seconds);
  json.member("waiting_until", sync.waiting_until);
  json.key("budget");
  const auto budget = running.find(sync.id);
  if (budget == running.end() || sync.state != SyncState::running) {
    json.null();
  } else {
    json.begin_object();
    json.member("used", budget->second.used);
    json.member("limit", budget->second.limit);
    json.member("reserve", budget->second.reserve);
    json.end_object();
  }
  json.end_object();
}

void write_stream(JsonOut& json, const SyncStream& stream) {
  json.begin_object();
  json.member("name", stream.name);
  write_stream_members(json, stream);
  json.end_object();
}

}  // namespace

Result<Sync> find_named_sync(Connection& connection, const Exchange& exchange) {
  Result<Sync> sync = find_sync(connection, exchange.tenant(), exchange.ids[0]);
  if (!sync) return sync;
  const bool seen = exchange.sees_source(sync->source_id) &&
                    exchange.window().overlaps(sync->queued_at, sync->finished_at);
  if (!seen) return not_found();
  return sync;
}

void write_sync_error(JsonOut& json, const std::optional<StoredError>& error) {
  json.key("error");
  if (!error) {
    json.null();
    return;
  }
  json.begin_object();
  json.member("code", error->code);
  json.member("detail", error->detail);
  if (!error->scopes.empty()) json.member("scopes", error->scopes);
  if (error->partitions_failed > 0) json.member("partitions_failed", error->partitions_failed);
  json.end_object();
}

void write_stream_members(JsonOut& json, const SyncStream& stream) {
  json.member("state", name_of(stream.state));
  json.member("complete", stream.complete);
  json.member("partitions_done", stream.partitions_done);
  json.member("partitions_total", stream.partitions_total);
  json.member("requests", stream.requests);
  json.member("retries", stream.retries);
  json.member("waited_seconds", waited_seconds(stream));
  json.member("seen", stream.seen);
  json.member("created", stream.created);
  json.member("revised", stream.revised);
  json.member("removed", stream.removed);
  json.member("started_at", stream.started_at);
  json.member("finished_at", stream.finished_at);
  write_sync_error(json, stream.error);
}

void write_sync(JsonOut& json, const Sync& sync, const RunningBudgets& running) {
  json.begin_object();
  json.member("id", sync.id);
  json.member("source_id", sync.source_id);
  json.member("mode", name_of(sync.mode));
  json.member("trigger", name_of(sync.trigger));
  json.member("state", name_of(sync.state));
  json.text_or_null("result", name_of(sync.result));
  json.member("cancel_requested", sync.cancel_requested);
  write_progress(json, sync, running);
  json.key("only_streams");
  if (sync.only_streams.empty()) {
    json.null();
  } else {
    json.value(sync.only_streams);
  }
  json.key("streams").begin_array();
  for (const SyncStream& stream : sync.streams) write_stream(json, stream);
  json.end_array();
  write_sync_error(json, sync.error);
  json.member("queued_at", sync.queued_at);
  json.member("started_at", sync.started_at);
  json.member("finished_at", sync.finished_at);
  json.end_object();
}

}  // namespace evidenced::api
