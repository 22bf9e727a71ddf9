// Server-sent events (WHATWG HTML, section 9.2).
#include "api/feed/handlers.hpp"
#include "api/limits.hpp"
#include "storage/artifact_store.hpp"

#include <fmt/format.h>

namespace evidenced::api {
namespace {

constexpr int events_at_once = 200;

class EventStream final : public BodyStream {
 public:
  EventStream(Call call, Places::Place place, storage::EventFilter filter)
      : call_(std::move(call)), place_(std::move(place)), filter_(std::move(filter)) {
    filter_.limit = events_at_once;
    ends_at_ = call_->core.services.clock.steady() + limits::event_stream_life;
  }

  /// Waits for events; a comment now and then shows both ends that the other one is there. What is
  /// no event has the position, too: who comes back to a quiet feed misses nothing. Ends
  /// with the event `bye` after an hour, so that clients spread over the servers there are; else
  /// when the client has left, the server stops or the key holds no longer: the client comes back,
  /// or is told why not.
  Task<Result<std::string>> next() override {
    Clock& clock = call_->core.services.clock;
    const SteadyTime silent_until = clock.steady() + limits::event_stream_sign;
    std::string piece;
    if (!begun_) piece = fmt::format("retry: 2000\nid: {}\n\n", filter_.after);
    begun_ = true;
    while (!call_->core.draining && !said_bye_) {
      // Before each look: a key that was revoked learns nothing more, however much happens.
      Result<void> valid = co_await check_key_again(call_);
      if (!valid) break;
      auto work = [&](storage::Connection& connection) {
        return storage::list_events(connection, call_->tenant(), filter_);
      };
      Result<storage::EventPage> page = co_await reading(call_, std::move(work));
      if (!page) co_return fail(page);
      for (const storage::Event& event : page->events) write(piece, event);
      filter_.after = page->after;
      said_bye_ = clock.steady() >= ends_at_;
      if (said_bye_) piece += fmt::format("id: {}\nevent: bye\ndata: {{}}\n\n", filter_.after);
      if (piece.empty() && clock.steady() >= silent_until) {
        piece = fmt::format(": nothing new\nid: {}\n\n", filter_.after);
      }
      if (!piece.empty()) co_return piece;
      co_await clock.sleep_for(limits::feed_look);
      const bool gone = co_await is_cancelled();
      if (gone) break;
    }
    co_return std::string();
  }

 private:
  static void write(std::string& piece, const storage::Event& event) {
    piece += fmt::format("id: {}\nevent: {}\ndata: ", event.seq, event.type);
    JsonOut json(piece);
    write_event(json, event);
    piece += "\n\n";
  }

  Call call_;
  Places::Place place_;
  storage::EventFilter filter_;
  SteadyTime ends_at_{};
  bool begun_ = false;
  bool said_bye_ = false;
};

/// The position to begin behind: nullopt: now.
Result<std::optional<std::int64_t>> start_of(const Exchange& exchange) {
  const std::string_view last = exchange.request.header("last-event-id");
  if (last.empty()) return exchange.query.count("after");
  std::optional<std::int64_t> position = parse_count(last);
  if (!position) return fail("cursor.invalid", "Last-Event-ID is the position of an event");
  return position;
}

}  // namespace

Task<Result<Response>> stream_events(Call call) {
  Exchange& exchange = *call;
  const auto start = start_of(exchange);
  if (!start) co_return fail(start);
  auto work = [&](storage::Connection& connection) -> Result<storage::EventFilter> {
    Result<storage::EventFilter> filter = read_event_filter(connection, exchange);
    if (!filter) return fail(filter);
    filter->after = *start ? **start : storage::current_seq(connection, exchange.tenant());
    filter->limit = 1;
    // What is no longer kept is refused here, where there is still a status to say so.
    const auto kept = storage::list_events(connection, exchange.tenant(), *filter);
    if (!kept) return fail(kept);
    return filter;
  };
  Result<storage::EventFilter> filter = co_await reading(call, std::move(work));
  if (!filter) co_return fail(filter);
  std::optional<Places::Place> place = exchange.core.event_streams.take(exchange.key->key.id);
  if (!place) {
    co_return fail("quota.exceeded", fmt::format("A key has at most {} event streams at once",
                                                 limits::event_streams));
  }
  Response response;
  response.set("Content-Type", "text/event-stream; charset=utf-8");
  response.set("X-Accel-Buffering", "no");  // nginx would hold events back
  response.stream =
      std::make_unique<EventStream>(std::move(call), std::move(*place), std::move(*filter));
  co_return response;
}

}  // namespace evidenced::api
