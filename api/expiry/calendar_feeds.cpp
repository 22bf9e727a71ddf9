#include "api/expiry/calendar_text.hpp"
#include "api/expiry/handlers.hpp"
#include "api/limits.hpp"
#include "api/list_reply.hpp"
#include "api/own_url.hpp"
#include "storage/calendar_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::api {
namespace {

using storage::CalendarFeed;

enum class Shown { never, once, replayed };

void write_feed(JsonOut& json, const CalendarFeed& feed, Shown shown, std::string_view url = {}) {
  json.begin_object();
  json.member("id", feed.id);
  json.member("name", feed.name);
  json.member("names", feed.with_names);
  json.key("source_ids");
  if (feed.source_ids.empty()) {
    json.null();
  } else {
    json.value(feed.source_ids);
  }
  json.member("created_at", feed.created_at);
  json.member("revoked_at", feed.revoked_at);
  json.member("last_used_at", feed.last_used_at);
  if (shown == Shown::once) json.member("url", url);
  if (shown == Shown::replayed) json.key("url").null();
  json.end_object();
}

/// A feed that shows more than the key sees is not there for it.
bool is_seen(const CalendarFeed& feed, const Exchange& exchange) {
  if (feed.source_ids.empty()) return exchange.key->key.source_ids.empty();
  return std::ranges::all_of(feed.source_ids,
                             [&](const std::string& id) { return exchange.sees_source(id); });
}

Result<CalendarFeed> find_seen_feed(storage::Connection& connection, const Exchange& exchange) {
  Result<CalendarFeed> feed =
      storage::find_calendar_feed(connection, exchange.tenant(), exchange.ids[0]);
  if (feed && !is_seen(*feed, exchange)) return not_found();
  return feed;
}

/// A calendar that was found, and what makes its text.
struct Calendar {
  storage::OwnedCalendarFeed owned;
  std::vector<storage::Expiry> expiries;
};

Result<Calendar> read_calendar(storage::Connection& connection, const Exchange& exchange) {
  auto owned =
      storage::open_calendar_feed(connection, exchange.ids[0], exchange.core.services.vault);
  if (!owned) return not_found();
  storage::ExpiryFilter filter;
  filter.source_ids = owned->feed.source_ids;
  filter.limit = limits::calendar_events;
  Calendar calendar{std::move(*owned), {}};
  calendar.expiries = storage::list_expiries(connection, calendar.owned.tenant, filter);
  auto ended = storage::list_ended(connection, calendar.owned.tenant, filter.source_ids,
                                   limits::calendar_events);
  std::ranges::move(ended, std::back_inserter(calendar.expiries));
  return calendar;
}

/// A calendar is read every few minutes by every client that has it: not each time is noted, and
/// what cannot be noted keeps nobody from reading.
Task<void> note_use(Call call, storage::OwnedCalendarFeed owned) {
  const auto& last = owned.feed.last_used_at;
  if (last && call->now - *last < limits::calendar_use_noted) co_return;
  auto touch = [&](storage::Connection& connection) -> Result<void> {
    storage::touch_calendar_feed(connection, owned.tenant, owned.feed.id, call->now);
    return {};
  };
  Result<void> noted = co_await writing(call, std::move(touch));
  static_cast<void>(noted);
}

}  // namespace

Task<Result<Response>> create_calendar_feed(Call call) {
  Exchange& exchange = *call;
  CalendarFeed wanted;
  wanted.name = exchange.body.text_or("name");
  wanted.with_names = exchange.body.boolean_or("names", true);
  wanted.source_ids = exchange.key->key.source_ids;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    const auto& services = exchange.core.services;
    const auto made = storage::create_calendar_feed(connection, exchange.tenant(), wanted,
                                                    services.vault, exchange.now, services.random);
    const std::string url =
        own_url(exchange, fmt::format("/v1/calendar/{}.ics", made.capability.reveal()));
    JsonOut json(exchange.buffer);
    write_feed(json, made.feed, Shown::once, url);
    Response response = exchange.reply(201);
    response.set("Location", "/v1/calendar-feeds/" + made.feed.id);
    std::string stored;
    JsonOut without(stored);
    write_feed(without, made.feed, Shown::replayed);
    Result<void> remembered = exchange.remember(connection, response, stored);
    if (!remembered) return fail(remembered);
    return response;
  };
  co_return co_await writing(call, std::move(work));
}

Task<Result<Response>> list_calendar_feeds(Call call) {
  const Exchange& exchange = *call;
  return reply_with_seen(
      call,
      [&](storage::Connection& connection, const std::string& after_id, int limit) {
        return storage::list_calendar_feeds(connection, exchange.tenant(), after_id, limit);
      },
      [&](const CalendarFeed& feed) { return is_seen(feed, exchange); },
      [](JsonOut& json, const CalendarFeed& feed) { write_feed(json, feed, Shown::never); });
}

Task<Result<Response>> get_calendar_feed(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Result<CalendarFeed> feed = find_seen_feed(connection, exchange);
    if (!feed) return fail(feed);
    JsonOut json(exchange.buffer);
    write_feed(json, *feed, Shown::never);
    return exchange.reply(200);
  };
  co_return co_await reading(call, std::move(work));
}

Task<Result<Response>> revoke_calendar_feed(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Result<CalendarFeed> feed = find_seen_feed(connection, exchange);
    if (!feed) return fail(feed);
    feed = storage::revoke_calendar_feed(connection, exchange.tenant(), feed->id, exchange.now);
    if (!feed) return fail(feed);
    return exchange.reply(204);
  };
  co_return co_await writing(call, std::move(work));
}

Task<Result<Response>> get_calendar(Call call) {
  Exchange& exchange = *call;
  Buckets& guesses = exchange.core.anonymous_quota;
  const std::string& peer = exchange.request.peer_address;
  const auto verdict = guesses.take(peer, exchange.core.services.clock.steady());
  if (!verdict.granted) {
    Error error;
    error.code = "quota.exceeded";
    error.retry_after_seconds = verdict.retry_after_seconds;
    co_return std::unexpected(std::move(error));
  }
  auto work = [&](storage::Connection& connection) { return read_calendar(connection, exchange); };
  Result<Calendar> calendar = co_await reading(call, std::move(work));
  if (!calendar) co_return fail(calendar);
  co_await note_use(call, calendar->owned);
  CalendarContent content;
  content.name = calendar->owned.feed.name;
  content.with_names = calendar->owned.feed.with_names;
  content.expiries = std::move(calendar->expiries);
  Response response;
  response.body = calendar_text(content);
  response.set("Content-Type", "text/calendar; charset=utf-8");
  co_return response;
}

}  // namespace evidenced::api
