#include "api/expiry/calendar_text.hpp"

#include "config/utf8.hpp"
#include "config/version.hpp"
#include "connector/expiry.hpp"

#include <fmt/format.h>
#include <libical/ical.h>

#include <algorithm>
#include <chrono>
#include <memory>

namespace evidenced::api {
namespace {

using storage::Expiry;

using Component = std::unique_ptr<icalcomponent, decltype(&icalcomponent_free)>;
using Text = std::unique_ptr<char, decltype(&icalmemory_free_buffer)>;

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

/// libical escapes what has a meaning in iCalendar; what controls the text it would pass on, and at
/// a NUL it would stop.
std::string plain(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    const bool shown = next.valid && !is_unprintable(next.value);
    out += shown ? text.substr(0, next.size) : replacement;
    text.remove_prefix(next.size);
  }
  return out;
}

/// libical escapes nothing in what is no iCalendar of its own: what has a meaning there is left out
/// (RFC 5545, section 3.3.11).
std::string unescapable(std::string text) {
  std::ranges::replace_if(text, [](char c) { return c == ';' || c == ',' || c == '\\'; }, ' ');
  return text;
}

icaltimetype time_of(Timestamp time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  return icaltime_from_timet_with_zone(static_cast<time_t>(seconds), 0,
                                       icaltimezone_get_utc_timezone());
}

/// A component that takes what is added to it.
class Builder {
 public:
  explicit Builder(icalcomponent_kind kind)
      : component_(icalcomponent_new(kind), icalcomponent_free) {}

  Builder& add(icalproperty* property) {
    icalcomponent_add_property(component_.get(), property);
    return *this;
  }
  Builder& add(Builder part) {
    icalcomponent_add_component(component_.get(), part.component_.release());
    return *this;
  }
  Builder& add_extension(const char* name, const std::string& value) {
    icalproperty* property = icalproperty_new_x(value.c_str());
    icalproperty_set_x_name(property, name);
    return add(property);
  }
  std::string text() const {
    const Text bytes(icalcomponent_as_ical_string_r(component_.get()), icalmemory_free_buffer);
    return bytes.get();
  }

 private:
  Component component_;
};

Builder alarm(int threshold_days, const std::string& summary) {
  constexpr int day = 24 * 60 * 60;
  Builder built(ICAL_VALARM_COMPONENT);
  built.add(icalproperty_new_action(ICAL_ACTION_DISPLAY))
      .add(icalproperty_new_trigger(icaltriggertype_from_int(-threshold_days * day)))
      .add(icalproperty_new_description(summary.c_str()));
  return built;
}

std::string summary_of(const Expiry& expiry, bool with_name) {
  const std::string name = with_name ? plain(expiry.source_name) : expiry.source_id;
  return fmt::format("Bitbucket token of {} expires{}", name,
                     expiry.declared ? "" : " (date assumed)");
}

std::string description_of(const Expiry& expiry) {
  return fmt::format(
      "Create a new API token with the same scopes before then and replace it: evidenced source "
      "rotate {} (or PUT /v1/sources/{}/credential). Nothing is interrupted.{}",
      expiry.source_id, expiry.source_id,
      expiry.declared ? ""
                      : " The date was not declared: it is a year after the token was first seen.");
}

Builder event(const Expiry& expiry, bool with_name) {
  const bool ended = expiry.ended_at.has_value();
  const std::string summary = summary_of(expiry, with_name);
  const std::string uid = fmt::format("{}-{}@evidenced", expiry.source_id, expiry.version);
  const icaltimetype changed = time_of(expiry.ended_at.value_or(expiry.created_at));
  Builder built(ICAL_VEVENT_COMPONENT);
  built.add(icalproperty_new_uid(uid.c_str()))
      .add(icalproperty_new_sequence(ended ? 1 : 0))
      .add(icalproperty_new_status(ended ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED))
      .add(icalproperty_new_dtstamp(changed))
      .add(icalproperty_new_created(time_of(expiry.created_at)))
      .add(icalproperty_new_lastmodified(changed))
      .add(icalproperty_new_dtstart(time_of(expiry.expires_at)))
      .add(icalproperty_new_transp(ICAL_TRANSP_TRANSPARENT))
      .add(icalproperty_new_summary(summary.c_str()))
      .add(icalproperty_new_description(description_of(expiry).c_str()));
  if (ended) return built;
  for (const int threshold : connector::expiry_thresholds) built.add(alarm(threshold, summary));
  return built;
}

}  // namespace

std::string calendar_text(const CalendarContent& content) {
  const std::string product = fmt::format("-//evidenced//evidenced {}//EN", version);
  Builder calendar(ICAL_VCALENDAR_COMPONENT);
  calendar.add(icalproperty_new_version("2.0"))
      .add(icalproperty_new_prodid(product.c_str()))
      .add(icalproperty_new_calscale("GREGORIAN"))
      // As RFC 7986 has it, and as calendars that are older do.
      .add(icalproperty_new_name(plain(content.name).c_str()))
      .add_extension("X-WR-CALNAME", unescapable(plain(content.name)))
      .add_extension("X-PUBLISHED-TTL", "PT1H");
  for (const Expiry& expiry : content.expiries) calendar.add(event(expiry, content.with_names));
  return calendar.text();
}

}  // namespace evidenced::api
