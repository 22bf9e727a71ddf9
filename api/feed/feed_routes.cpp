#include "api/feed/handlers.hpp"

namespace evidenced::api {
namespace {

using Kind = Parameter::Kind;

constexpr std::string_view feed_tag = "events";
constexpr Parameter type_parameter = {
    "type", Kind::text, "Events of this type: the schema Event lists them all.", true};
constexpr Parameter source_parameter = {"source", Kind::text, "Events of this source.", true};
constexpr Parameter after_parameter = {
    "after", Kind::count, "Only events behind this position; 0: from the oldest that is kept."};
constexpr Parameter change_parameters[] = {
    after_parameter,
    limit_parameter,
    {"wait", Kind::count, "Seconds to wait, at most 60, while there is nothing to give."},
    type_parameter,
    source_parameter,
};
constexpr Parameter stream_parameters[] = {
    {"after", Kind::count,
     "Begin behind this position; Last-Event-ID wins. Without either: events from now on."},
    type_parameter,
    source_parameter,
};
constexpr int gone[] = {410};
constexpr int gone_or_full[] = {410, 429};

const Route feed_route_table[] = {
    {.method = Method::get,
     .pattern = "/v1/changes",
     .operation = "list_changes",
     .tag = feed_tag,
     .summary = "Read the feed, or wait for what comes",
     .description =
         "One feed a tenant, in the order in which things were stored; nothing is left out. "
         "An artifact stands in it once, at its last change. Keep `after` and ask again from "
         "there. `next` is null at the end of the feed. 410 cursor.expired: events behind that "
         "position are no longer kept; begin again with a list.",
     .handler = list_changes,
     .answer = "ChangeList",
     .parameters = change_parameters,
     .problems = gone},
    {.method = Method::get,
     .pattern = "/v1/events",
     .operation = "stream_events",
     .tag = feed_tag,
     .summary = "Follow the feed as server-sent events",
     .description =
         "`id` is the position, `event` the type, `data` an Event. A comment comes every 15 "
         "seconds when nothing happens. After an hour the event `bye` (without id) ends the "
         "stream. Reconnect with Last-Event-ID and nothing is missed.",
     .handler = stream_events,
     .answer = "EventStream",
     .parameters = stream_parameters,
     .media = "text/event-stream",
     .problems = gone_or_full},
};

}  // namespace

std::span<const Route> feed_routes() {
  return feed_route_table;
}

}  // namespace evidenced::api
