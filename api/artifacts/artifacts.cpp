#include "api/artifacts/artifact_view.hpp"
#include "api/artifacts/export.hpp"
#include "api/artifacts/filter.hpp"
#include "api/artifacts/gaps.hpp"
#include "api/artifacts/handlers.hpp"
#include "api/etag.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>

namespace evidenced::api {
namespace {

/// Room for a page of rows of the usual size; buffers that are larger are not kept for the next
/// answer.
constexpr std::size_t usual_row = 2048;
constexpr std::size_t reserved_at_most = 240 * 1024;

Result<storage::Artifact> find_named_artifact(storage::Connection& connection,
                                              const Exchange& exchange) {
  auto artifact =
      storage::find_artifact(connection, exchange.tenant(), exchange.ids[0], exchange.window());
  if (artifact && !exchange.sees_source(artifact->source_id)) return not_found();
  return artifact;
}

/// What a list is made of, without reading its rows: every change of an artifact moves the
/// tenant's position, a purge changes its source, and everything else is here.
std::string list_etag(const Exchange& exchange, const ArtifactQuery& query, const Paging& paging,
                      std::string_view gaps, std::int64_t seq) {
  const storage::Window& window = exchange.window();
  // The cursor in `next` is renewed by the hour.
  const auto hour = std::chrono::floor<std::chrono::hours>(exchange.now);
  const auto milliseconds = [](const std::optional<Timestamp>& time) {
    return time ? time->time_since_epoch().count() : -1;
  };
  const std::string identity = fmt::format(
      "{}\n{}\n{}\n{}|{}|{}\n{}|{}|{}", exchange.query.filters(), query.sources_state, gaps,
      paging.limit, paging.position.as_of_seq, paging.position.last, milliseconds(window.from),
      milliseconds(window.to), hour.time_since_epoch().count());
  return fmt::format("W/\"{}-{:016x}\"", seq, std::hash<std::string_view>()(identity));
}

std::string gaps_text(storage::Connection& connection, const Exchange& exchange,
                      const ArtifactQuery& query) {
  std::string text;
  JsonOut json(text);
  write_gaps(json, find_gaps(connection, exchange.tenant(), query.sources, query.filter.kinds,
                             exchange.window()));
  return text;
}

/// Appends the artifacts of a page; the last one's place when there are more, else "".
std::string write_page(storage::Connection& connection, const storage::TenantScope& tenant,
                       storage::ArtifactFilter filter, const FieldSet& fields, std::string& out) {
  const int limit = filter.limit;
  ++filter.limit;
  out.reserve(std::min(out.size() + static_cast<std::size_t>(limit) * usual_row, reserved_at_most));
  int rows = 0;
  std::string last;
  bool more = false;
  storage::visit_artifacts(connection, tenant, filter, [&](const storage::ArtifactView& artifact) {
    more = rows == limit;
    if (more) return;
    if (rows++ > 0) out += ',';
    write_artifact(out, artifact, fields);
    if (rows == limit) last = place_of(filter, artifact);
  });
  return more ? last : "";
}

Result<Response> list_answer(storage::Connection& connection, Exchange& exchange, Paging& paging,
                             const FieldSet& fields) {
  Result<ArtifactQuery> query = read_artifact_query(connection, exchange);
  if (!query) return fail(query);
  const std::int64_t seq = storage::current_seq(connection, exchange.tenant());
  if (paging.first) paging.position.as_of_seq = seq;
  const std::string gaps = gaps_text(connection, exchange, *query);
  const std::string etag = list_etag(exchange, *query, paging, gaps, seq);
  const std::string known = exchange.request.list_header("if-none-match");
  // The dispatcher makes a 304 of it.
  const bool has_it = !known.empty() && names_etag(known, etag);
  Response links;
  if (!has_it) {
    go_on_after(query->filter, paging.position.last);
    query->filter.limit = paging.limit;
    query->filter.with_content = wants_content(fields) || !exchange.window().open();
    exchange.buffer += R"({"items":[)";
    const std::string last =
        write_page(connection, exchange.tenant(), query->filter, fields, exchange.buffer);
    exchange.buffer.append("],").append(gaps);
    JsonOut json(exchange.buffer);
    exchange.buffer += ',';
    write_paging(exchange, json, links, paging, last);
    exchange.buffer += '}';
  }
  Response response = exchange.reply(200);
  response.set("ETag", etag);
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
                                           paging.limit + 1, true, exchange.window());
  const bool more = revisions.size() > static_cast<std::size_t>(paging.limit);
  if (more) revisions.pop_back();
  JsonOut json(exchange.buffer);
  json.begin_object().key("items").begin_array();
  for (const storage::Revision& revision : revisions) write_revision(json, revision);
  json.end_array();
  Response links;
  write_paging(exchange, json, links, paging, more ? std::to_string(revisions.back().number) : "");
  json.end_object();
  Response response = exchange.reply(200);
  std::ranges::move(links.headers, std::back_inserter(response.headers));
  return response;
}

/// Everything that a page depends on, besides the database.
std::string question_of(const Exchange& exchange) {
  const auto hour = std::chrono::floor<std::chrono::hours>(exchange.now);
  return fmt::format("{} {} {}", hour.time_since_epoch().count(), exchange.key->key.id,
                     exchange.request.target);
}

Task<Result<Response>> page_answer(Call call, Paging paging, FieldSet fields) {
  Exchange& exchange = *call;
  const storage::Database& database = exchange.core.services.database;
  const std::optional<std::uint64_t> version = database.version();
  const std::string question = question_of(exchange);
  if (version) {
    const ListCache::Page* page = exchange.core.list_cache.find(question, *version);
    if (page != nullptr) {
      Response response;
      response.headers = page->headers;
      response.kept = page->body;
      co_return response;
    }
  }
  auto work = [&](storage::Connection& connection) {
    return list_answer(connection, exchange, paging, fields);
  };
  Result<Response> response = co_await reading(call, std::move(work));
  if (response && version && database.version() == version) {
    exchange.core.list_cache.offer(question, *version, *response);
  }
  co_return response;
}

}  // namespace

Task<Result<Response>> list_artifacts(Call call) {
  Exchange& exchange = *call;
  Result<Paging> paging = read_paging(exchange);
  if (!paging) co_return fail(paging);
  Result<FieldSet> fields = read_fields(exchange.query.all("fields"));
  if (!fields) co_return fail(fields);
  if (exchange.media == "application/json") {
    Result<Response> response = co_await page_answer(call, std::move(*paging), *fields);
    co_return response;
  }
  std::vector<Gap> gaps;
  auto look = [&](storage::Connection& connection) {
    Result<ArtifactQuery> read = read_artifact_query(connection, exchange);
    if (read) {
      gaps = find_gaps(connection, exchange.tenant(), read->sources, read->filter.kinds,
                       exchange.window());
    }
    return read;
  };
  Result<ArtifactQuery> query = co_await reading(call, std::move(look));
  if (!query) co_return fail(query);
  const bool plain_csv = exchange.media == "text/csv" && !exchange.query.has("fields");
  const FieldSet columns = plain_csv ? csv_fields() : *fields;
  go_on_after(query->filter, paging->position.last);
  query->filter.with_content = wants_content(columns) || !exchange.window().open();
  co_return export_artifacts(call, std::move(query->filter), columns, gaps);
}

Task<Result<Response>> get_artifact(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    const auto write = [&](const storage::ArtifactView& artifact) {
      if (exchange.sees_source(artifact.source_id)) {
        write_artifact(exchange.buffer, artifact, all_fields());
      }
    };
    storage::visit_artifact(connection, exchange.tenant(), exchange.ids[0], write,
                            exchange.window());
    if (exchange.buffer.empty()) return not_found();
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
    auto revision = storage::find_revision(connection, exchange.tenant(), artifact->id, *number,
                                           exchange.window());
    if (!revision) return fail(revision);
    JsonOut json(exchange.buffer);
    write_revision(json, *revision);
    return exchange.reply(200);
  };
  co_return co_await reading(call, std::move(work));
}

}  // namespace evidenced::api
