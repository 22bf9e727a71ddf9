#include "api/syncs/sync_report.hpp"

#include "api/syncs/sync_view.hpp"
#include "config/version.hpp"
#include "connector/bitbucket/asked.hpp"
#include "connector/bitbucket/targets.hpp"
#include "storage/names.hpp"
#include "storage/walk_log.hpp"

#include <optional>

namespace evidenced::api {
namespace {

using connector::bitbucket::Stream;

void write_question(JsonOut& json, const Stream& stream, const storage::Sync& sync,
                    int history_days) {
  json.member("kind", stream.kind);
  json.key("asked").begin_object();
  json.member("targets", connector::bitbucket::asked_targets(stream));
  json.text_or_null("changes", connector::bitbucket::asked_changes(stream));
  json.member("way", connector::bitbucket::freshness_name(stream.freshness));
  json.member("scope", stream.scope);
  json.member("needs_role", stream.needs_role);
  json.key("not_before");
  const auto window = connector::bitbucket::window_of(stream, history_days);
  if (window.count() > 0 && sync.started_at) {
    json.value(*sync.started_at - window);
  } else {
    json.null();
  }
  json.end_object();
}

void write_gap(JsonOut& json, const storage::WalkGap& gap) {
  json.begin_object();
  json.member("partition", gap.partition);
  json.member("mode", storage::name_of(gap.mode));
  json.member("pages", gap.pages);
  json.member("rows", gap.rows);
  json.member("size", gap.size);
  json.member("complete_at", gap.complete_at);
  write_sync_error(json, gap.error);
  json.end_object();
}

/// What {since} stood for at the earliest: as the connector asks, some minutes before what it knew.
std::optional<Timestamp> asked_since(const storage::WalkCounts& counts, const Stream& stream) {
  if (stream.freshness != connector::bitbucket::Freshness::updated_on) return std::nullopt;
  const std::optional<Timestamp> known = parse_timestamp(counts.earliest_since);
  if (!known) return std::nullopt;
  return *known - connector::bitbucket::overlap;
}

void write_counts(JsonOut& json, const std::optional<storage::WalkCounts>& counts,
                  const Stream& stream) {
  json.key("walks");
  if (!counts) {
    json.null();
    return;
  }
  json.begin_object();
  json.member("whole", counts->whole);
  json.member("changes", counts->changes);
  json.member("running", counts->running);
  json.member("pages", counts->pages);
  json.member("rows", counts->rows);
  json.member("size", counts->size);
  json.member("earliest_since", asked_since(*counts, stream));
  json.member("gaps", counts->gaps);
  json.end_object();
}

void write_walks(JsonOut& json, storage::Connection& connection, const storage::Sync& sync,
                 const Stream& stream) {
  const std::string name(stream.name);
  write_counts(json, storage::count_walks(connection, sync, name), stream);
  json.key("gaps").begin_array();
  for (const storage::WalkGap& gap : storage::list_walk_gaps(connection, sync, name)) {
    write_gap(json, gap);
  }
  json.end_array();
}

void write_report(JsonOut& json, storage::Connection& connection, const storage::Sync& sync,
                  int history_days) {
  json.begin_object();
  json.member("sync_id", sync.id);
  json.member("source_id", sync.source_id);
  json.member("mode", storage::name_of(sync.mode));
  json.text_or_null("result", storage::name_of(sync.result));
  json.member("requests", sync.requests_done);
  json.member("started_at", sync.started_at);
  json.member("finished_at", sync.finished_at);
  json.member("version", version);
  json.key("streams").begin_array();
  for (const storage::SyncStream& row : sync.streams) {
    const Stream* stream = connector::bitbucket::find_stream(row.name);
    if (stream == nullptr) continue;  // of an older version
    json.begin_object();
    json.member("name", row.name);
    write_question(json, *stream, sync, history_days);
    json.member("state", storage::name_of(row.state));
    json.member("complete", row.complete);
    json.member("partitions_done", row.partitions_done);
    json.member("partitions_total", row.partitions_total);
    json.member("requests", row.requests);
    json.member("seen", row.seen);
    json.member("created", row.created);
    json.member("revised", row.revised);
    json.member("removed", row.removed);
    write_sync_error(json, row.error);
    write_walks(json, connection, sync, *stream);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

}  // namespace

Task<Result<Response>> get_sync_report(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    const Result<storage::Sync> sync = find_named_sync(connection, exchange);
    if (!sync) return fail(sync);
    exchange.buffer.clear();
    JsonOut json(exchange.buffer);
    write_report(json, connection, *sync, exchange.core.services.settings.connector.history_days);
    return exchange.reply(200);
  };
  Result<Response> response = co_await reading(call, std::move(work));
  co_return response;
}

}  // namespace evidenced::api
