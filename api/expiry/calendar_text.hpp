#pragma once

#include "storage/expiry_store.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace evidenced::api {

/// What a calendar shows.
struct CalendarContent {
  std::string_view name;
  bool with_names = true;                 ///< of the sources; else their ids stand there
  std::vector<storage::Expiry> expiries;  ///< ended ones among them
};

/// The iCalendar object (RFC 5545): an event at each expiry with an alarm at each threshold, and a
/// cancelled event for each credential that ended. The UID is made of source and version of the
/// credential, so an event is the same one in every calendar and every reading; SEQUENCE is 0, and
/// 1 once cancelled. Depends on `content` alone: DTSTAMP is when the credential came or ended.
std::string calendar_text(const CalendarContent& content);

}  // namespace evidenced::api
