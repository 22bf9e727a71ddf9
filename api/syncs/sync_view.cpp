#include "api/syncs/sync_view.hpp"

#include "storage/names.hpp"
#include "storage/sync_store.hpp"

namespace evidenced::api {

using namespace storage;

namespace {

void write_stream(JsonOut& json, const SyncStream& stream) {
  json.begin_object();
  json.member("name", stream.name);
  json.member("state", name_of(stream.state));
  json.member("complete", stream.complete);
  json.member("partitions_done", stream.partitions_done);
  json.member("partitions_total", stream.partitions_total);
  json.member("requests", stream.requests);
  json.member("seen", stream.seen);
  json.member("created", stream.created);
  json.member("revised", stream.revised);
  json.member("removed", stream.removed);
  write_sync_error(json, stream.error);
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

void write_sync(JsonOut& json, const Sync& sync) {
  json.begin_object();
  json.member("id", sync.id);
  json.member("source_id", sync.source_id);
  json.member("mode", name_of(sync.mode));
  json.member("trigger", name_of(sync.trigger));
  json.member("state", name_of(sync.state));
  json.text_or_null("result", name_of(sync.result));
  json.member("cancel_requested", sync.cancel_requested);
  json.key("progress").begin_object();
  json.member("requests_done", sync.requests_done);
  json.member("requests_planned", sync.requests_planned);
  json.member("eta_seconds", sync.eta_seconds);
  json.member("waiting_until", sync.waiting_until);
  json.end_object();
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
