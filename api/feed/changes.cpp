#include "api/feed/handlers.hpp"
#include "api/limits.hpp"
#include "storage/source_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::api {
namespace {

Result<void> check_types(const std::vector<std::string>& types) {
  Error error;
  error.code = "request.invalid_field";
  for (const std::string& type : types) {
    if (storage::is_event_type(type)) continue;
    error.fields.push_back({"?type", "request.invalid_field",
                            fmt::format("'{}' is no type of event; see /openapi.json", type)});
  }
  if (error.fields.empty()) return {};
  error.detail = error.fields.front().detail;
  return std::unexpected(std::move(error));
}

int read_limit(const Query& query) {
  const std::int64_t limit = query.count("limit").value_or(limits::page_default);
  return static_cast<int>(std::min(limit, limits::page_maximum));
}

Response answer_of(Exchange& exchange, const storage::EventPage& page, int limit) {
  exchange.buffer.clear();
  JsonOut json(exchange.buffer);
  json.begin_object().key("items").begin_array();
  for (const storage::Event& event : page.events) write_event(json, event);
  json.end_array();
  json.member("after", page.after).member("has_more", page.more);
  std::string next;
  if (page.more) {
    const std::string filters = exchange.query.filters();
    next = fmt::format("/v1/changes?after={}&limit={}{}{}", page.after, limit,
                       filters.empty() ? "" : "&", filters);
  }
  json.text_or_null("next", next).end_object();
  Response response = exchange.reply(200);
  if (!next.empty()) response.set("Link", fmt::format("<{}>; rel=\"next\"", next));
  return response;
}

}  // namespace

void write_event(JsonOut& json, const storage::Event& event) {
  json.begin_object()
      .member("seq", event.seq)
      .member("type", event.type)
      .member("at", event.at)
      .text_or_null("source_id", event.source_id)
      .member("subject_id", event.subject_id)
      .key("data")
      .raw(event.data)
      .end_object();
}

Result<storage::EventFilter> read_event_filter(storage::Connection& connection,
                                               const Exchange& exchange) {
  storage::EventFilter filter;
  filter.types = exchange.query.all("type");
  Result<void> known = check_types(filter.types);
  if (!known) return fail(known);
  filter.source_ids = exchange.query.all("source");
  for (const std::string& id : filter.source_ids) {
    if (!exchange.sees_source(id)) return not_found();
    auto source = storage::find_source(connection, exchange.tenant(), id);
    if (!source) return fail(source);
  }
  filter.allowed_source_ids = exchange.key->key.source_ids;
  filter.window = exchange.window();
  return filter;
}

Task<Result<Response>> list_changes(Call call) {
  Exchange& exchange = *call;
  Clock& clock = exchange.core.services.clock;
  const int limit = read_limit(exchange.query);
  const std::chrono::seconds asked(exchange.query.count("wait").value_or(0));
  const SteadyTime until = clock.steady() + std::min(asked, limits::wait_maximum);
  std::int64_t after = exchange.query.count("after").value_or(0);
  std::optional<Places::Place> place;
  while (true) {
    auto work = [&](storage::Connection& connection) -> Result<storage::EventPage> {
      Result<storage::EventFilter> filter = read_event_filter(connection, exchange);
      if (!filter) return fail(filter);
      filter->after = after;
      filter->limit = limit;
      return storage::list_events(connection, exchange.tenant(), *filter);
    };
    Result<storage::EventPage> page = co_await reading(call, std::move(work));
    if (!page) co_return fail(page);
    const SteadyTime now = clock.steady();
    const bool gone = co_await is_cancelled();
    if (!page->events.empty() || exchange.core.draining || gone || now >= until) {
      co_return answer_of(exchange, *page, limit);
    }
    after = page->after;
    Result<void> may_wait = take_wait(exchange, place);
    if (!may_wait) co_return fail(may_wait);
    co_await clock.sleep_until(std::min(until, now + limits::feed_look));
    Result<void> valid = co_await check_key_again(call);
    if (!valid) co_return fail(valid);
  }
}

}  // namespace evidenced::api
