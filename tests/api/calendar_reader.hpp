#pragma once

#include "tests/catch.hpp"

#include <libical/ical.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace evidenced::api::tests {

/// An event of a calendar, as libical reads it.
struct CalendarEvent {
  std::string uid, summary, status;
  int sequence = 0;
  std::int64_t start = 0;
  std::vector<int> alarm_days;
};

/// Reads a calendar strictly: no line is too long or ends otherwise, libical finds nothing to
/// complain about, and no event has anything that it should not have.
inline std::vector<CalendarEvent> read_calendar(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find("\r\n", at);
    REQUIRE(end != std::string::npos);
    CHECK(end - at <= 75);
    CHECK(text.substr(at, end - at).find_first_of("\r\n") == std::string::npos);
    at = end + 2;
  }
  const std::unique_ptr<icalcomponent, decltype(&icalcomponent_free)> calendar(
      icalparser_parse_string(text.c_str()), icalcomponent_free);
  REQUIRE(calendar);
  CHECK(icalcomponent_isa(calendar.get()) == ICAL_VCALENDAR_COMPONENT);
  CHECK(icalcomponent_count_errors(calendar.get()) == 0);
  CHECK(icalrestriction_check(calendar.get()) != 0);
  CHECK(icalcomponent_count_errors(calendar.get()) == 0);
  std::vector<CalendarEvent> events;
  for (auto* at = icalcomponent_get_first_component(calendar.get(), ICAL_ANY_COMPONENT);
       at != nullptr; at = icalcomponent_get_next_component(calendar.get(), ICAL_ANY_COMPONENT)) {
    CHECK(icalcomponent_isa(at) == ICAL_VEVENT_COMPONENT);
    CalendarEvent event;
    event.uid = icalcomponent_get_uid(at);
    event.summary = icalcomponent_get_summary(at);
    event.status = icalproperty_enum_to_string(icalcomponent_get_status(at));
    event.sequence = icalcomponent_get_sequence(at);
    event.start = icaltime_as_timet(icalcomponent_get_dtstart(at));
    for (auto* alarm = icalcomponent_get_first_component(at, ICAL_VALARM_COMPONENT);
         alarm != nullptr; alarm = icalcomponent_get_next_component(at, ICAL_VALARM_COMPONENT)) {
      auto* trigger = icalcomponent_get_first_property(alarm, ICAL_TRIGGER_PROPERTY);
      const int seconds = icaldurationtype_as_int(icalproperty_get_trigger(trigger).duration);
      event.alarm_days.push_back(-seconds / 86400);
    }
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace evidenced::api::tests
