#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace evidenced {

/// A moment on the wall clock, UTC, milliseconds: what is stored and shown. Never used to measure a
/// wait.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// A moment on the steady clock: what waits and intervals are measured with. Means nothing in
/// another process.
using SteadyTime = std::chrono::steady_clock::time_point;

/// "2026-11-24T05:09:25.000Z" (RFC 3339, UTC, always three decimals).
std::string format_rfc3339(Timestamp time);

/// Reads RFC 3339 and its looser relatives that Bitbucket sends: 0 to 9 decimals; `Z`, `±hh:mm` or
/// no zone (UTC). Digits below the millisecond are cut off. nullopt for anything else, and for
/// dates that do not exist.
std::optional<Timestamp> parse_timestamp(std::string_view text);

/// Reads an ISO 8601 duration of days, hours, minutes and seconds ("PT1H", "P1D", "PT90S"); nullopt
/// for anything else.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// "PT1H", "PT90M", "P1D": the ISO 8601 form in the largest unit that holds the duration exactly.
std::string format_duration(std::chrono::seconds duration);

/// "Wed, 21 Oct 2026 07:28:00 GMT" (RFC 9110 IMF-fixdate, as in Retry-After); nullopt for anything
/// else.
std::optional<Timestamp> parse_http_date(std::string_view text);

}  // namespace evidenced
