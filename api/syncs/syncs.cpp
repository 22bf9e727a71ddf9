#include "api/etag.hpp"
#include "api/limits.hpp"
#include "api/sources/handlers.hpp"
#include "api/syncs/sync_report.hpp"
#include "api/syncs/sync_view.hpp"
#include "connector/bitbucket/streams.hpp"
#include "storage/artifact_store.hpp"
#include "storage/names.hpp"
#include "storage/source_store.hpp"
#include "storage/sync_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::api {
namespace {

using namespace std::chrono_literals;

/// Waits end with the news of a change; who got none looks again after this time all the same.
constexpr std::chrono::milliseconds longest_blind_wait = 15s;

Response sync_answer(Exchange& exchange, const storage::Sync& sync, int status,
                     const RunningBudgets& running = {}) {
  exchange.buffer.clear();
  JsonOut json(exchange.buffer);
  write_sync(json, sync, running);
  Response response = exchange.reply(status);
  response.set("ETag", version_etag(sync.version, response.body));
  return response;
}

Result<Response> list_answer(storage::Connection& connection, Exchange& exchange, Paging& paging,
                             const RunningBudgets& running) {
  exchange.buffer.clear();
  storage::SyncFilter filter;
  filter.source_ids = exchange.query.all("source");
  filter.states = storage::values_of<storage::SyncState>(exchange.query.all("state"));
  filter.window = exchange.window();
  filter.before_id = paging.position.last;
  filter.limit = paging.limit + 1;
  for (const std::string& id : filter.source_ids) {
    if (!exchange.sees_source(id)) return not_found();
    auto source = storage::find_source(connection, exchange.tenant(), id);
    if (!source) return fail(source);
  }
  if (filter.source_ids.empty()) filter.source_ids = exchange.key->key.source_ids;
  if (paging.first) {
    paging.position.as_of_seq = storage::current_seq(connection, exchange.tenant());
  }
  auto syncs = storage::list_syncs(connection, exchange.tenant(), filter);
  const bool more = syncs.size() > static_cast<std::size_t>(paging.limit);
  if (more) syncs.pop_back();
  JsonOut json(exchange.buffer);
  json.begin_object().key("items").begin_array();
  for (const storage::Sync& sync : syncs) write_sync(json, sync, running);
  json.end_array();
  Response links;
  write_paging(exchange, json, links, paging, more ? syncs.back().id : "");
  json.end_object();
  Response response = exchange.reply(200);
  std::ranges::move(links.headers, std::back_inserter(response.headers));
  return response;
}

std::chrono::milliseconds asked_wait(const Exchange& exchange) {
  const std::int64_t seconds = exchange.query.count("wait").value_or(0);
  return std::min<std::chrono::seconds>(std::chrono::seconds(seconds), limits::wait_maximum);
}

/// Whether a long poll goes on: nothing changed, there is time, and the server stays.
bool keeps_waiting(const Exchange& exchange, SteadyTime until) {
  return !exchange.core.draining && exchange.core.services.clock.steady() < until;
}

/// Waits for news of a sync, "" for any, since `since`; not past `until`.
Task<void> wait_for_news(Call call, std::string sync_id, std::uint64_t since, SteadyTime until) {
  const Services& services = call->core.services;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - services.clock.steady());
  co_await services.sync_control.wait_for_change(std::move(sync_id), since,
                                                 std::min(left, longest_blind_wait));
}

std::string etag_of(const Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (name == "ETag") return value;
  }
  return {};
}

}  // namespace

Task<Result<Response>> list_syncs(Call call) {
  Exchange& exchange = *call;
  Clock& clock = exchange.core.services.clock;
  Result<Paging> paging = read_paging(exchange);
  if (!paging) co_return fail(paging);
  const SteadyTime until = clock.steady() + asked_wait(exchange);
  std::string known = exchange.request.list_header("if-none-match");
  std::optional<Places::Place> place;
  while (true) {
    const std::uint64_t since = exchange.core.services.sync_control.changes();
    const RunningBudgets running = exchange.core.services.sync_control.budgets();
    auto work = [&](storage::Connection& connection) {
      return list_answer(connection, exchange, *paging, running);
    };
    Result<Response> response = co_await reading(call, std::move(work));
    if (!response || !keeps_waiting(exchange, until)) co_return response;
    const std::string etag = body_etag(response->body, true);
    if (known.empty()) known = etag;
    if (!names_etag(known, etag)) co_return response;
    Result<void> may_wait = take_wait(exchange, place);
    if (!may_wait) co_return fail(may_wait);
    co_await wait_for_news(call, "", since, until);
    const bool gone = co_await is_cancelled();
    if (gone) co_return response;
    Result<void> valid = co_await check_key_again(call);
    if (!valid) co_return fail(valid);
  }
}

Task<Result<Response>> get_sync(Call call) {
  Exchange& exchange = *call;
  Clock& clock = exchange.core.services.clock;
  const SteadyTime until = clock.steady() + asked_wait(exchange);
  std::string known = exchange.request.list_header("if-none-match");
  std::optional<Places::Place> place;
  while (true) {
    const std::uint64_t since = exchange.core.services.sync_control.changes();
    auto work = [&](storage::Connection& connection) {
      return find_named_sync(connection, exchange);
    };
    Result<storage::Sync> sync = co_await reading(call, std::move(work));
    if (!sync) co_return fail(sync);
    Response response =
        sync_answer(exchange, *sync, 200, exchange.core.services.sync_control.budgets());
    const std::string etag = etag_of(response);
    if (known.empty()) known = etag;
    // A sync that is done changes no more.
    const bool final = sync->state == storage::SyncState::done;
    if (final || !names_etag(known, etag) || !keeps_waiting(exchange, until)) co_return response;
    Result<void> may_wait = take_wait(exchange, place);
    if (!may_wait) co_return fail(may_wait);
    co_await wait_for_news(call, std::move(sync->id), since, until);
    const bool gone = co_await is_cancelled();
    if (gone) co_return response;
    Result<void> valid = co_await check_key_again(call);
    if (!valid) co_return fail(valid);
  }
}

Task<Result<Response>> cancel_sync(Call call) {
  Exchange& exchange = *call;
  std::string to_stop;
  const RunningBudgets running = exchange.core.services.sync_control.budgets();
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Result<storage::Sync> before = find_named_sync(connection, exchange);
    if (!before) return fail(before);
    Result<storage::Sync> sync =
        storage::request_cancel(connection, exchange.tenant(), before->id, exchange.now);
    if (!sync) return fail(sync);
    const bool waits = sync->state != storage::SyncState::done;
    if (waits) to_stop = sync->id;
    // Asked for already, or done at once: nothing is left to wait for.
    Response response =
        sync_answer(exchange, *sync, waits && !before->cancel_requested ? 202 : 200, running);
    Result<void> remembered = exchange.remember(connection, response, response.body);
    if (!remembered) return fail(remembered);
    return response;
  };
  Result<Response> response = co_await writing(call, std::move(work));
  if (response) {
    if (!to_stop.empty()) exchange.core.services.sync_control.cancel(to_stop);
    exchange.core.services.sync_control.wake();
  }
  co_return response;
}

namespace {

Result<storage::SyncRequest> read_request(const Json& body) {
  storage::SyncRequest request;
  request.mode = storage::value_of<storage::SyncMode>(body.text_or("mode", "incremental"))
                     .value_or(storage::SyncMode::incremental);
  request.only_streams = body.texts("streams");
  Error error;
  error.code = "request.invalid_field";
  for (std::size_t at = 0; at < request.only_streams.size(); ++at) {
    if (connector::bitbucket::find_stream(request.only_streams[at]) != nullptr) continue;
    error.fields.push_back({fmt::format("/streams/{}", at), "request.invalid_field",
                            "is no kind that is collected; see /v1/kinds"});
  }
  if (error.fields.empty()) return request;
  error.detail = fmt::format("{} {}", error.fields[0].pointer, error.fields[0].detail);
  return std::unexpected(std::move(error));
}

}  // namespace

Task<Result<Response>> start_sync(Call call) {
  Exchange& exchange = *call;
  Result<storage::SyncRequest> request = read_request(exchange.body);
  if (!request) co_return fail(request);
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Result<storage::Source> source = find_living_source(connection, exchange);
    if (!source) return fail(source);
    if (source->state == storage::SourceState::paused) return fail("source.paused");
    request->source_id = source->id;
    const auto queued = storage::enqueue_sync(connection, exchange.tenant(), *request, exchange.now,
                                              exchange.core.services.random);
    Response response = sync_answer(exchange, queued.sync, 202);
    response.set("Location", "/v1/syncs/" + queued.sync.id);
    response.set("Retry-After", "1");
    Result<void> remembered = exchange.remember(connection, response, response.body);
    if (!remembered) return fail(remembered);
    return response;
  };
  Result<Response> response = co_await writing(call, std::move(work));
  if (response) exchange.core.services.sync_control.wake();
  co_return response;
}

namespace {

using Kind = Parameter::Kind;

constexpr Parameter wait_parameter = {
    "wait", Kind::count,
    "Seconds to wait for a change, at most 60. With If-None-Match the answer comes at once when "
    "the tag differs."};
constexpr Parameter get_parameters[] = {wait_parameter};
constexpr Parameter sync_list_parameters[] = {
    limit_parameter,
    cursor_parameter,
    wait_parameter,
    {"source", Kind::text, "Syncs of this source.", true},
    {"state", Kind::choice, "Syncs in this state.", true, "queued,running,done"},
};
constexpr int sync_conflict[] = {409};
constexpr OtherAnswer cancelled[] = {{200, "Sync"}};

const Route sync_route_table[] = {
    {.method = Method::get,
     .pattern = "/v1/syncs",
     .operation = "list_syncs",
     .tag = "syncs",
     .summary = "List syncs, newest first",
     .handler = list_syncs,
     .answer = "SyncList",
     .shape = Shape::list,
     .parameters = sync_list_parameters},
    {.method = Method::get,
     .pattern = "/v1/syncs/{id}",
     .operation = "get_sync",
     .tag = "syncs",
     .summary = "Read a sync, or wait until it changes",
     .handler = get_sync,
     .answer = "Sync",
     .shape = Shape::resource,
     .parameters = get_parameters},
    {.method = Method::get,
     .pattern = "/v1/syncs/{id}/report",
     .operation = "get_sync_report",
     .tag = "syncs",
     .summary = "Read how a collection was made",
     .description = "Stream by stream: what was asked and with which scope, how many requests, "
                    "pages and rows that took, and where rows and the source's own size do not "
                    "agree. Kept as the walks ended: later syncs do not change it.",
     .handler = get_sync_report,
     .answer = "SyncReport",
     .shape = Shape::resource},
    {.method = Method::post,
     .pattern = "/v1/syncs/{id}/cancel",
     .operation = "cancel_sync",
     .tag = "syncs",
     .summary = "Cancel a sync at its next page",
     .description = "200 when it is cancelled, or was asked to be already; 202 when it will be.",
     .roles = writers,
     .handler = cancel_sync,
     .status = 202,
     .answer = "Sync",
     .body = "Nothing",
     .problems = sync_conflict,
     .others = cancelled},
};

}  // namespace

std::span<const Route> sync_routes() {
  return sync_route_table;
}

}  // namespace evidenced::api
