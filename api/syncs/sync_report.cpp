#include "api/syncs/sync_report.hpp"

#include "api/syncs/sync_view.hpp"
#include "config/version.hpp"
#include "connector/bitbucket/asked.hpp"
#include "storage/collection_store.hpp"
#include "storage/names.hpp"

#include <algorithm>
#include <optional>

namespace evidenced::api {
namespace {

using connector::bitbucket::Stream;
using storage::Checkpoint;
using Walks = std::vector<std::pair<storage::PartitionKey, Checkpoint>>;

/// So many partitions of a stream are named one by one; the counts tell of all.
constexpr std::size_t most_named = 100;

/// Whether what came is what Bitbucket said there is. A walk that read only what is new, or a list
/// without `size`, has nothing to be held against.
bool adds_up(const Checkpoint& walk) {
  return !walk.error && (!walk.expected_rows || walk.rows >= *walk.expected_rows);
}

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

void write_partition(JsonOut& json, const storage::PartitionKey& key, const Checkpoint& walk) {
  json.begin_object();
  json.member("partition", key.partition);
  json.member("mode", storage::name_of(walk.mode));
  json.member("pages", walk.pages);
  json.member("rows", walk.rows);
  json.member("size", walk.expected_rows);
  json.member("complete_at", walk.complete_at);
  write_sync_error(json, walk.error);
  json.end_object();
}

/// The walks of this sync that no later one has taken the place of.
void write_walks(JsonOut& json, const Walks& walks, const std::string& sync_id) {
  std::int64_t whole = 0;
  std::int64_t changes = 0;
  std::int64_t pages = 0;
  std::int64_t rows = 0;
  std::optional<std::int64_t> size;
  std::int64_t later = 0;
  std::int64_t running = 0;
  std::vector<const Walks::value_type*> gaps;
  for (const auto& entry : walks) {
    const Checkpoint& walk = entry.second;
    if (walk.sync_id != sync_id) {
      later += walk.sync_id > sync_id ? 1 : 0;
      continue;
    }
    ++(walk.mode == storage::SyncMode::full ? whole : changes);
    pages += walk.pages;
    rows += walk.rows;
    if (walk.expected_rows) size = size.value_or(0) + *walk.expected_rows;
    running += walk.running ? 1 : 0;
    if (!walk.running && !adds_up(walk)) gaps.push_back(&entry);
  }
  json.key("walks").begin_object();
  json.member("whole", whole);
  json.member("changes", changes);
  json.member("running", running);
  json.member("overwritten", later);
  json.member("pages", pages);
  json.member("rows", rows);
  json.member("size", size);
  json.member("gaps", static_cast<std::int64_t>(gaps.size()));
  json.end_object();
  json.key("gaps").begin_array();
  gaps.resize(std::min(gaps.size(), most_named));
  for (const auto* gap : gaps) write_partition(json, gap->first, gap->second);
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
    write_walks(json, storage::list_checkpoints(connection, sync.source_id, row.name), sync.id);
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
