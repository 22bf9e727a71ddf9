#include "api/artifacts/artifact_view.hpp"
#include "api/artifacts/export.hpp"
#include "api/artifacts/filter.hpp"
#include "api/artifacts/gaps.hpp"
#include "api/artifacts/handlers.hpp"
#include "api/etag.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::api {
namespace {

Result<storage::Artifact> find_named_artifact(storage::Connection& connection,
                                              const Exchange& exchange) {
  auto artifact = storage::find_artifact(connection, exchange.tenant(), exchange.ids[0]);
  if (!artifact) return artifact;
  const bool seen = exchange.sees_source(artifact->source_id) &&
                    in_window(exchange.key->key, artifact->observed_at);
  if (!seen) return not_found();
  return artifact;
}

/// What tells two lists apart without their contents: each change of an artifact moves its seq.
std::string identity_of(const std::vector<storage::Artifact>& artifacts) {
  std::string identity;
  identity.reserve(artifacts.size() * 40);
  for (const storage::Artifact& artifact : artifacts) {
    identity.append(artifact.id).append(std::to_string(artifact.seq)).append(1, ',');
  }
  return identity;
}

Result<Response> list_answer(storage::Connection& connection, Exchange& exchange, Paging& paging,
                             const FieldSet& fields) {
  Result<ArtifactQuery> query = read_artifact_query(connection, exchange);
  if (!query) return fail(query);
  if (paging.first) {
    paging.position.as_of_seq = storage::current_seq(connection, exchange.tenant());
  }
  query->filter.after_id = paging.position.last;
  query->filter.limit = paging.limit + 1;
  query->filter.with_content = wants_content(fields);
  auto artifacts = storage::list_artifacts(connection, exchange.tenant(), query->filter);
  const bool more = artifacts.size() > static_cast<std::size_t>(paging.limit);
  if (more) artifacts.pop_back();
  JsonOut json(exchange.buffer);
  json.begin_object().key("items").begin_array();
  for (const storage::Artifact& artifact : artifacts) write_artifact(json, artifact, fields);
  json.end_array();
  const std::size_t items_end = exchange.buffer.size();
  write_gaps(json, find_gaps(connection, exchange.tenant(), query->sources, query->filter.kinds));
  Response links;
  write_paging(exchange, json, links, paging, more ? artifacts.back().id : "");
  json.end_object();
  const std::string tail = exchange.buffer.substr(items_end);
  Response response = exchange.reply(200);
  response.set("ETag", body_etag(identity_of(artifacts) + tail, true));
  std::ranges::move(links.headers, std::back_inserter(response.headers));
  return response;
}

Result<Response> revisions_answer(storage::Connection& connection, Exchange& exchange,
                                  Paging& paging) {
  Result<storage::Artifact> artifact = find_named_artifact(connection, exchange);
  if (!artifact) return fail(artifact);
  if (paging.first) {
    paging.position.as_of_seq = storage::current_seq(connection, exchange.tenant());
  }
  const std::int64_t after = parse_count(paging.position.last).value_or(0);
  auto revisions = storage::list_revisions(connection, exchange.tenant(), artifact->id, after,
                                           paging.limit + 1, true);
  const bool more = revisions.size() > static_cast<std::size_t>(paging.limit);
  if (more) revisions.pop_back();
  JsonOut json(exchange.buffer);
  json.begin_object().key("items").begin_array();
  for (const storage::Revision& revision : revisions) {
    if (in_window(exchange.key->key, revision.observed_at)) write_revision(json, revision);
  }
  json.end_array();
  Response links;
  write_paging(exchange, json, links, paging, more ? std::to_string(revisions.back().number) : "");
  json.end_object();
  Response response = exchange.reply(200);
  std::ranges::move(links.headers, std::back_inserter(response.headers));
  return response;
}

}  // namespace

Task<Result<Response>> list_artifacts(Call call) {
  Exchange& exchange = *call;
  Result<Paging> paging = read_paging(exchange);
  if (!paging) co_return fail(paging);
  Result<FieldSet> fields = read_fields(exchange.query.all("fields"));
  if (!fields) co_return fail(fields);
  if (exchange.media == "application/json") {
    auto work = [&](storage::Connection& connection) {
      return list_answer(connection, exchange, *paging, *fields);
    };
    co_return co_await reading(call, std::move(work));
  }
  auto look = [&](storage::Connection& connection) {
    return read_artifact_query(connection, exchange);
  };
  Result<ArtifactQuery> query = co_await reading(call, std::move(look));
  if (!query) co_return fail(query);
  const bool plain_csv = exchange.media == "text/csv" && !exchange.query.has("fields");
  const FieldSet columns = plain_csv ? csv_fields() : *fields;
  query->filter.after_id = paging->position.last;
  query->filter.with_content = wants_content(columns);
  co_return export_artifacts(call, std::move(query->filter), columns);
}

Task<Result<Response>> get_artifact(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Result<storage::Artifact> artifact = find_named_artifact(connection, exchange);
    if (!artifact) return fail(artifact);
    JsonOut json(exchange.buffer);
    write_artifact(json, *artifact, all_fields());
    return exchange.reply(200);
  };
  co_return co_await reading(call, std::move(work));
}

Task<Result<Response>> get_raw(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Result<storage::Artifact> artifact = find_named_artifact(connection, exchange);
    if (!artifact) return fail(artifact);
    exchange.buffer = artifact->content;
    Response response = exchange.reply(200);
    response.set("Evidenced-Content-SHA256", artifact->content_sha256);
    return response;
  };
  co_return co_await reading(call, std::move(work));
}

Task<Result<Response>> list_revisions(Call call) {
  Exchange& exchange = *call;
  Result<Paging> paging = read_paging(exchange);
  if (!paging) co_return fail(paging);
  auto work = [&](storage::Connection& connection) {
    return revisions_answer(connection, exchange, *paging);
  };
  co_return co_await reading(call, std::move(work));
}

Task<Result<Response>> get_revision(Call call) {
  Exchange& exchange = *call;
  const auto number = parse_count(exchange.ids[1]);
  if (!number) co_return not_found();
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Result<storage::Artifact> artifact = find_named_artifact(connection, exchange);
    if (!artifact) return fail(artifact);
    auto revision = storage::find_revision(connection, exchange.tenant(), artifact->id, *number);
    if (!revision) return fail(revision);
    if (!in_window(exchange.key->key, revision->observed_at)) return not_found();
    JsonOut json(exchange.buffer);
    write_revision(json, *revision);
    return exchange.reply(200);
  };
  co_return co_await reading(call, std::move(work));
}

}  // namespace evidenced::api
