#include "api/artifacts/filter.hpp"
#include "api/artifacts/gaps.hpp"
#include "api/artifacts/handlers.hpp"
#include "api/artifacts/kind_examples.hpp"
#include "connector/bitbucket/streams.hpp"
#include "storage/artifact_store.hpp"

#include <array>
#include <set>

namespace evidenced::api {
namespace {

using connector::bitbucket::Parent;
using connector::bitbucket::Stream;
using KindCounts = std::vector<std::pair<std::string, std::int64_t>>;

std::string_view parent_name(Parent parent) {
  constexpr std::array<std::string_view, 4> names = {"", "workspace", "project", "repository"};
  return names[static_cast<std::size_t>(parent)];
}

std::string_view type_name(Json::Type type) {
  constexpr std::array<std::string_view, 7> names = {"any",    "boolean", "integer", "number",
                                                     "string", "array",   "object"};
  return names[static_cast<std::size_t>(type)];
}

void write_fields(JsonOut& json, std::string_view example) {
  json.key("fields").begin_array();
  const Result<JsonDocument> document = read_json(example);
  if (document) {
    for (const auto& [name, value] : document->value.members) {
      json.begin_object();
      json.member("name", name);
      json.member("type", type_name(value.type));
      json.end_object();
    }
  }
  json.end_array();
}

std::int64_t count_of(const KindCounts& counts, std::string_view kind) {
  for (const auto& [name, count] : counts) {
    if (name == kind) return count;
  }
  return 0;
}

/// Of all streams that collect the kind.
void write_scopes(JsonOut& json, std::string_view kind) {
  std::set<std::string_view> scopes;
  for (const Stream& stream : connector::bitbucket::streams()) {
    if (stream.kind == kind) scopes.insert(stream.scope);
  }
  json.key("scopes").begin_array();
  for (const std::string_view scope : scopes) json.value(scope);
  json.end_array();
}

/// Members of the object that is begun.
void write_kind(JsonOut& json, const Stream& stream, const KindCounts& counts) {
  const std::string_view example = kind_example(stream.kind);
  json.member("kind", stream.kind);
  json.member("title", stream.title);
  json.member("description", stream.description);
  json.text_or_null("parent", parent_name(stream.parent));
  write_scopes(json, stream.kind);
  json.member("profile", stream.scope.starts_with("admin:") ? "control" : "read");
  json.member("needs_role", stream.needs_role);
  write_fields(json, example);
  json.key("example").raw(example);
  json.member("count", count_of(counts, stream.kind));
}

/// Of all sources that the key sees.
std::vector<Gap> gaps_in(storage::Connection& connection, const Exchange& exchange,
                         std::vector<std::string> kinds) {
  const auto sources = seen_sources(connection, exchange);
  return find_gaps(connection, exchange.tenant(), sources, std::move(kinds), exchange.window());
}

KindCounts count(storage::Connection& connection, const Exchange& exchange) {
  return storage::count_by_kind(connection, exchange.tenant(), exchange.key->key.source_ids,
                                exchange.window());
}

}  // namespace

Task<Result<Response>> list_kinds(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    const KindCounts counts = count(connection, exchange);
    JsonOut json(exchange.buffer);
    json.begin_object().key("items").begin_array();
    for (const Stream& stream : connector::bitbucket::streams()) {
      const bool first = connector::bitbucket::find_kind(stream.kind) == &stream;
      if (!first) continue;
      json.begin_object();
      write_kind(json, stream, counts);
      json.end_object();
    }
    json.end_array();
    write_gaps(json, gaps_in(connection, exchange, {}));
    json.end_object();
    return exchange.reply(200);
  };
  co_return co_await reading(call, std::move(work));
}

Task<Result<Response>> get_kind(Call call) {
  Exchange& exchange = *call;
  const Stream* stream = connector::bitbucket::find_kind(exchange.ids[0]);
  if (stream == nullptr) co_return not_found();
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    JsonOut json(exchange.buffer);
    json.begin_object();
    write_kind(json, *stream, count(connection, exchange));
    write_gaps(json, gaps_in(connection, exchange, {std::string(stream->kind)}));
    json.end_object();
    return exchange.reply(200);
  };
  co_return co_await reading(call, std::move(work));
}

}  // namespace evidenced::api
