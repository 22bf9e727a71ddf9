#include "api/artifacts/filter.hpp"
#include "api/artifacts/gaps.hpp"
#include "api/artifacts/handlers.hpp"
#include "api/limits.hpp"
#include "connector/bitbucket/streams.hpp"
#include "storage/facet_store.hpp"
#include "storage/source_store.hpp"

#include <algorithm>

namespace evidenced::api {
namespace {

/// What a value of a facet is called; "" where it is called by itself.
using Label = std::string (*)(storage::Connection&, const Exchange&, const std::string&);

std::string kind_label(storage::Connection& /*connection*/, const Exchange& /*exchange*/,
                       const std::string& kind) {
  const auto* stream = connector::bitbucket::find_kind(kind);
  return stream == nullptr ? "" : std::string(stream->title);
}

std::string source_label(storage::Connection& connection, const Exchange& exchange,
                         const std::string& id) {
  const auto source = storage::find_source(connection, exchange.tenant(), id);
  return source ? source->name : "";
}

/// In the order of storage::facet_names.
constexpr std::array<Label, storage::facet_names.size()> labels = {
    kind_label, source_label, nullptr, nullptr, nullptr, nullptr};

void write_facet(JsonOut& json, storage::Connection& connection, const Exchange& exchange,
                 const storage::Facet& facet, std::size_t at) {
  json.begin_object();
  json.member("name", storage::facet_names[at]);
  json.key("values").begin_array();
  for (const auto& [value, count] : facet.values) {
    const std::string label =
        labels[at] == nullptr ? std::string() : labels[at](connection, exchange, value);
    json.begin_object();
    json.member("value", value);
    json.member("label", label.empty() ? value : label);
    json.member("count", count);
    json.end_object();
  }
  json.end_array();
  json.member("other", facet.other);
  json.member("none", facet.none);
  json.end_object();
}

storage::FacetQuery facet_query_of(const Exchange& exchange, const ArtifactQuery& read) {
  storage::FacetQuery query;
  query.filter = read.filter;
  query.filter.source_ids = exchange.query.all("source");
  query.seen_sources = exchange.key->key.source_ids;
  const std::int64_t values = exchange.query.count("values").value_or(limits::facet_values);
  query.values =
      static_cast<std::size_t>(std::min(values, std::int64_t{limits::facet_values_maximum}));
  query.rows = exchange.window().open() ? limits::facet_rows : limits::facet_rows_in_window;
  return query;
}

Result<Response> facets_answer(storage::Connection& connection, Exchange& exchange) {
  const Result<ArtifactQuery> read = read_artifact_query(connection, exchange);
  if (!read) return fail(read);
  const storage::FacetQuery query = facet_query_of(exchange, *read);
  const storage::Facets facets = storage::count_facets(connection, exchange.tenant(), query);
  JsonOut json(exchange.buffer);
  json.begin_object();
  json.member("count", facets.count);
  json.member("exact", !facets.counted_since);
  json.member("counted_since", facets.counted_since);
  json.key("facets").begin_array();
  for (std::size_t at = 0; at < facets.all.size(); ++at) {
    write_facet(json, connection, exchange, facets.all[at], at);
  }
  json.end_array();
  write_gaps(json, find_gaps(connection, exchange.tenant(), read->sources, read->filter.kinds,
                             exchange.window()));
  json.member("as_of_seq", storage::current_seq(connection, exchange.tenant()));
  json.end_object();
  return exchange.reply(200);
}

}  // namespace

Task<Result<Response>> get_facets(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) { return facets_answer(connection, exchange); };
  Result<Response> response = co_await reading(call, std::move(work));
  co_return response;
}

}  // namespace evidenced::api
