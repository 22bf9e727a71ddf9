#include "api/artifacts/gaps.hpp"
#include "api/sources/handlers.hpp"
#include "connector/bitbucket/streams.hpp"
#include "connector/sync/planner.hpp"
#include "storage/artifact_store.hpp"
#include "storage/collection_store.hpp"

#include <algorithm>
#include <set>

namespace evidenced::api {
namespace {

using connector::bitbucket::Stream;

/// Whether a stream that stands in for another one does so: that is refused somewhere.
bool stands_in(storage::Connection& connection, const std::string& source_id,
               const Stream& stream) {
  const auto walks =
      storage::list_checkpoints(connection, source_id, std::string(stream.instead_of));
  return std::ranges::any_of(walks, [](const auto& walk) {
    return walk.second.error && connector::is_gap(walk.second.error->code);
  });
}

/// Whether all that another stream asks for is asked for in place of this one.
bool is_stood_in_for(storage::Connection& connection, const std::string& source_id,
                     const Stream& stream) {
  const auto all = connector::bitbucket::streams();
  const auto other = std::ranges::find(all, stream.name, &Stream::instead_of);
  return other != all.end() && stands_in(connection, source_id, *other);
}

/// Of all streams that collect a kind.
storage::StreamReach reach_of_kind(storage::Connection& connection, const std::string& source_id,
                                   std::string_view kind, const std::vector<Gap>& gaps) {
  storage::StreamReach reach;
  bool all_whole = true;
  for (const Stream& stream : connector::bitbucket::streams()) {
    if (stream.kind != kind) continue;
    if (!stream.instead_of.empty() && !stands_in(connection, source_id, stream)) continue;
    const auto part = storage::reach_of(connection, source_id, std::string(stream.name));
    // A stream without partitions is whole, unless they are hidden.
    const bool hidden = std::ranges::find(gaps, stream.name, &Gap::stream) != gaps.end();
    if (part.total == 0 && !hidden) continue;
    if (part.readable == 0 && is_stood_in_for(connection, source_id, stream)) continue;
    reach.readable += part.readable;
    reach.total += part.total;
    all_whole = all_whole && part.whole_since;
    if (part.whole_since) {
      reach.whole_since =
          std::min(*part.whole_since, reach.whole_since.value_or(*part.whole_since));
    }
  }
  if (!all_whole) reach.whole_since.reset();
  return reach;
}

std::set<std::string> missing_scopes(const std::vector<Gap>& gaps, std::string_view kind) {
  std::set<std::string> scopes;
  for (const Gap& gap : gaps) {
    if (gap.kind == kind) scopes.insert(gap.missing_scopes.begin(), gap.missing_scopes.end());
  }
  return scopes;
}

void write_kind(JsonOut& json, storage::Connection& connection, const std::string& source_id,
                const Stream& stream, const std::vector<Gap>& gaps, std::int64_t count) {
  const auto first = std::ranges::find(gaps, stream.kind, &Gap::kind);
  const storage::StreamReach reach = reach_of_kind(connection, source_id, stream.kind, gaps);
  json.begin_object();
  json.member("kind", stream.kind);
  json.member("status", first == gaps.end() ? std::string_view("available") : first->status);
  json.key("reasons").begin_array();
  for (const Gap& gap : gaps) {
    if (gap.kind == stream.kind) json.value(gap.reason);
  }
  json.end_array();
  json.key("missing_scopes").begin_array();
  for (const std::string& scope : missing_scopes(gaps, stream.kind)) json.value(scope);
  json.end_array();
  json.member("scope", stream.scope);
  json.member("needs_role", stream.needs_role);
  json.member("count", count);
  json.key("partitions").begin_object();
  json.member("readable", reach.readable);
  json.member("total", reach.total);
  json.end_object();
  json.member("complete_as_of", reach.whole_since);
  json.end_object();
}

}  // namespace

Task<Result<Response>> get_coverage(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    const Result<storage::Source> source = find_named_source(connection, exchange);
    if (!source) return fail(source);
    const auto gaps = find_gaps(connection, exchange.tenant(), {source->id}, {}, exchange.window());
    const auto counts =
        storage::count_by_kind(connection, exchange.tenant(), {source->id}, exchange.window());
    exchange.buffer.clear();
    JsonOut json(exchange.buffer);
    json.begin_object();
    json.member("source_id", source->id);
    json.key("kinds").begin_array();
    for (const Stream& stream : connector::bitbucket::streams()) {
      if (connector::bitbucket::find_kind(stream.kind) != &stream) continue;
      const auto found = std::ranges::find(
          counts, stream.kind, [](const auto& entry) { return std::string_view(entry.first); });
      write_kind(json, connection, source->id, stream, gaps,
                 found == counts.end() ? 0 : found->second);
    }
    json.end_array();
    json.end_object();
    return exchange.reply(200);
  };
  Result<Response> response = co_await reading(call, std::move(work));
  co_return response;
}

}  // namespace evidenced::api
