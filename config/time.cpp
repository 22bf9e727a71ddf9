#include "config/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace evidenced {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Reads a text from left to right; after the first mismatch everything fails.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  /// Exactly `width` digits.
  int digits(std::size_t width) {
    if (rest_.size() < width) return failed();
    int value = 0;
    for (const char c : rest_.substr(0, width)) {
      if (!is_digit(c)) return failed();
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(width);
    return value;
  }

  /// One of `choices`; '\0' when it is another.
  char one_of(std::string_view choices) {
    if (rest_.empty() || !choices.contains(rest_.front())) return static_cast<char>(failed());
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  void literal(std::string_view text) {
    if (rest_.starts_with(text)) {
      rest_.remove_prefix(text.size());
    } else {
      failed();
    }
  }

  /// The position of the next three letters in `names`.
  int name(std::span<const std::string_view> names) {
    const auto it = std::ranges::find(names, rest_.substr(0, 3));
    if (it == names.end()) return failed();
    rest_.remove_prefix(3);
    return static_cast<int>(it - names.begin());
  }

  bool next_is(std::string_view choices) const {
    return !rest_.empty() && choices.contains(rest_.front());
  }
  bool at_end() const { return ok_ && rest_.empty(); }
  bool ok() const { return ok_; }

 private:
  int failed() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

struct TimeOfDay {
  int hour = 0;
  int minute = 0;
  int second = 0;

  bool valid() const { return hour <= 23 && minute <= 59 && second <= 60; }
  seconds since_midnight() const {
    return hours(hour) + minutes(minute) + seconds(std::min(second, 59));
  }
};

TimeOfDay read_time_of_day(Reader& reader) {
  TimeOfDay time;
  time.hour = reader.digits(2);
  reader.literal(":");
  time.minute = reader.digits(2);
  reader.literal(":");
  time.second = reader.digits(2);
  return time;
}

milliseconds read_fraction(Reader& reader) {
  if (!reader.next_is(".")) return milliseconds(0);
  reader.literal(".");
  int value = 0;
  int count = 0;
  while (reader.next_is("0123456789")) {
    const int digit = reader.digits(1);
    if (count < 3) value = value * 10 + digit;
    if (++count > 9) reader.literal("no tenth digit");
  }
  for (int i = count; i < 3; ++i) value *= 10;
  return milliseconds(value);
}

/// The offset east of UTC.
minutes read_zone(Reader& reader) {
  if (!reader.next_is("Zz+-")) return minutes(0);
  const char sign = reader.one_of("Zz+-");
  if (sign == 'Z' || sign == 'z') return minutes(0);
  const int hour = reader.digits(2);
  reader.literal(":");
  const int minute = reader.digits(2);
  if (hour > 23 || minute > 59) reader.literal("no such offset");
  const minutes offset = hours(hour) + minutes(minute);
  return sign == '-' ? -offset : offset;
}

constexpr std::array<std::string_view, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekday_names = {"Sun", "Mon", "Tue", "Wed",
                                                           "Thu", "Fri", "Sat"};

std::chrono::year_month_day date_of(int year, int month, int day) {
  return std::chrono::year(year) / std::chrono::month(static_cast<unsigned>(month)) /
         std::chrono::day(static_cast<unsigned>(day));
}

struct Unit {
  char letter;
  bool after_t;
  std::int64_t seconds;
};
constexpr std::array<Unit, 5> duration_units = {{{'W', false, 7 * 86400},
                                                 {'D', false, 86400},
                                                 {'H', true, 3600},
                                                 {'M', true, 60},
                                                 {'S', true, 1}}};

}  // namespace

namespace {

void put_digits(std::string& text, std::size_t at, std::size_t count, std::int64_t number) {
  for (std::size_t digit = at + count; digit > at; number /= 10) {
    text[--digit] = static_cast<char>('0' + number % 10);
  }
}

}  // namespace

std::string format_rfc3339(Timestamp time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  // By hand: a list of artifacts formats hundreds of times.
  std::string text = "0000-00-00T00:00:00.000Z";
  put_digits(text, 0, 4, static_cast<int>(date.year()));
  put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text, 11, 2, clock.hours().count());
  put_digits(text, 14, 2, clock.minutes().count());
  put_digits(text, 17, 2, clock.seconds().count());
  put_digits(text, 20, 3, clock.subseconds().count());
  return text;
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Reader reader(text);
  const int year = reader.digits(4);
  reader.literal("-");
  const int month = reader.digits(2);
  reader.literal("-");
  const int day = reader.digits(2);
  reader.one_of("Tt ");
  const TimeOfDay time = read_time_of_day(reader);
  const milliseconds fraction = read_fraction(reader);
  const minutes offset = read_zone(reader);
  const std::chrono::year_month_day date = date_of(year, month, day);
  if (!reader.at_end() || !date.ok() || !time.valid()) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date)) + time.since_midnight() + fraction - offset;
}

std::optional<seconds> parse_duration(std::string_view text) {
  if (!text.starts_with('P')) return std::nullopt;
  text.remove_prefix(1);
  std::int64_t total = 0;
  bool after_t = false;
  std::size_t unit = 0;
  bool needs_component = true;
  while (!text.empty()) {
    if (text.front() == 'T' && !after_t) {
      after_t = true;
      needs_component = true;
      text.remove_prefix(1);
      continue;
    }
    std::size_t width = 0;
    std::int64_t value = 0;
    while (width < text.size() && is_digit(text[width])) {
      if (width == 9) return std::nullopt;
      value = value * 10 + (text[width++] - '0');
    }
    if (width == 0 || width == text.size()) return std::nullopt;
    const auto* found = std::ranges::find_if(duration_units, [&](const Unit& u) {
      return u.letter == text[width] && u.after_t == after_t;
    });
    const auto position = static_cast<std::size_t>(found - duration_units.begin());
    if (found == duration_units.end() || position < unit) return std::nullopt;
    // Weeks stand alone.
    if (found->letter == 'W' && width + 1 != text.size()) return std::nullopt;
    total += value * found->seconds;
    unit = position + 1;
    needs_component = false;
    text.remove_prefix(width + 1);
  }
  if (needs_component) return std::nullopt;
  return seconds(total);
}

std::string format_duration(seconds duration) {
  const std::int64_t total = duration.count();
  if (total == 0) return "PT0S";
  const auto* unit = std::ranges::find_if(
      duration_units, [&](const Unit& u) { return u.letter != 'W' && total % u.seconds == 0; });
  return fmt::format("P{}{}{}", unit->after_t ? "T" : "", total / unit->seconds, unit->letter);
}

std::optional<Timestamp> parse_http_date(std::string_view text) {
  Reader reader(text);
  reader.name(weekday_names);
  reader.literal(", ");
  const int day = reader.digits(2);
  reader.literal(" ");
  const int month = reader.name(month_names) + 1;
  reader.literal(" ");
  const int year = reader.digits(4);
  reader.literal(" ");
  const TimeOfDay time = read_time_of_day(reader);
  reader.literal(" GMT");
  const std::chrono::year_month_day date = date_of(year, month, day);
  if (!reader.at_end() || !date.ok() || !time.valid()) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date)) + time.since_midnight();
}

}  // namespace evidenced
