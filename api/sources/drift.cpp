#include "api/limits.hpp"
#include "api/sources/handlers.hpp"
#include "connector/bitbucket/streams.hpp"
#include "storage/drift_store.hpp"

namespace evidenced::api {
namespace {

void write_drift(JsonOut& json, const storage::Drift& drift) {
  const connector::bitbucket::Stream* stream = connector::bitbucket::find_stream(drift.stream);
  json.begin_object();
  json.member("what", drift.what);
  json.member("stream", drift.stream);
  json.text_or_null("kind", stream == nullptr ? std::string_view() : stream->kind);
  json.member("path", drift.path);
  json.text_or_null("value", drift.value);
  json.text_or_null("before", drift.before);
  json.text_or_null("after", drift.after);
  json.text_or_null("announcement", drift.announcement);
  json.text_or_null("artifact_id", drift.artifact_id);
  json.member("sync_id", drift.sync_id);
  json.member("found_at", drift.found_at);
  json.member("ended_at", drift.ended_at);
  json.member("times", drift.times);
  json.end_object();
}

}  // namespace

Task<Result<Response>> get_drift(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    const Result<storage::Source> source = find_named_source(connection, exchange);
    if (!source) return fail(source);
    const auto drifts = storage::list_drifts(connection, exchange.tenant(), source->id,
                                             exchange.window(), limits::drifts);
    exchange.buffer.clear();
    JsonOut json(exchange.buffer);
    json.begin_object();
    json.member("source_id", source->id);
    json.key("items").begin_array();
    for (const storage::Drift& drift : drifts) write_drift(json, drift);
    json.end_array();
    json.end_object();
    return exchange.reply(200);
  };
  Result<Response> response = co_await reading(call, std::move(work));
  co_return response;
}

}  // namespace evidenced::api
