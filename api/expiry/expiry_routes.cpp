#include "api/expiry/handlers.hpp"

namespace evidenced::api {
namespace {

using Kind = Parameter::Kind;

constexpr Parameter expiration_parameters[] = {
    limit_parameter,
    cursor_parameter,
    {"state", Kind::choice, "Credentials in this state.", true, "ok,expiring,expired"},
    {"expires_before", Kind::time, "Credentials that expire before this time."},
};
constexpr Parameter feed_parameters[] = {limit_parameter, cursor_parameter};
constexpr int throttled[] = {429};
constexpr std::string_view expiry_tag = "expiry";

const Route expiry_route_table[] = {
    {.method = Method::get,
     .pattern = "/v1/expirations",
     .operation = "list_expirations",
     .tag = expiry_tag,
     .summary = "List when credentials expire, the next one first",
     .description =
         "Bitbucket tells nobody when a token expires: the date is the declared one, else a year "
         "after the token was first seen is assumed. 30, 14, 7, 3 and 1 days before, and when the "
         "date has come, a notice is given once: an event in the feed and a line in the log.",
     .handler = list_expirations,
     .answer = "ExpirationList",
     .shape = Shape::list,
     .parameters = expiration_parameters},
    {.method = Method::get,
     .pattern = "/v1/calendar-feeds",
     .operation = "list_calendar_feeds",
     .tag = expiry_tag,
     .summary = "List calendar feeds",
     .roles = writers,
     .handler = list_calendar_feeds,
     .answer = "CalendarFeedList",
     .shape = Shape::list,
     .parameters = feed_parameters},
    {.method = Method::post,
     .pattern = "/v1/calendar-feeds",
     .operation = "create_calendar_feed",
     .tag = expiry_tag,
     .summary = "Create a calendar feed",
     .description = "The URL is in this answer and in no other; who knows it reads the calendar. "
                    "It shows the sources that the key sees.",
     .roles = writers,
     .handler = create_calendar_feed,
     .status = 201,
     .answer = "CalendarFeed",
     .body = "CalendarFeedInput",
     .body_required = true},
    {.method = Method::get,
     .pattern = "/v1/calendar-feeds/{id}",
     .operation = "get_calendar_feed",
     .tag = expiry_tag,
     .summary = "Read a calendar feed, without its URL",
     .roles = writers,
     .handler = get_calendar_feed,
     .answer = "CalendarFeed",
     .shape = Shape::resource},
    {.method = Method::delete_,
     .pattern = "/v1/calendar-feeds/{id}",
     .operation = "revoke_calendar_feed",
     .tag = expiry_tag,
     .summary = "Revoke a calendar feed at once",
     .roles = writers,
     .handler = revoke_calendar_feed,
     .status = 204},
    {.method = Method::get,
     .pattern = "/v1/calendar/{capability}.ics",
     .operation = "get_calendar",
     .tag = expiry_tag,
     .summary = "Read a calendar of expiry dates",
     .description = "iCalendar (RFC 5545): an event for each credential with alarms 30, 14, 7, 3 "
                    "and 1 days before and at its expiry, cancelled when the credential is "
                    "replaced. The capability is all that is asked for.",
     .roles = open_to_all,
     .handler = get_calendar,
     .answer = "Calendar",
     .shape = Shape::resource,
     .media = "text/calendar",
     .problems = throttled},
};

}  // namespace

std::span<const Route> expiry_routes() {
  return expiry_route_table;
}

}  // namespace evidenced::api
