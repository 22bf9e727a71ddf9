#include "tests/simulator/stamp.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace evidenced::simulator {
namespace {

using Days = std::chrono::sys_days;
constexpr Micros second = 1'000'000;
constexpr Micros micros_a_day = 86400 * second;

struct Parts {
  std::chrono::year_month_day date;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int micros = 0;
  unsigned weekday = 0;
};

Parts split(Micros time) {
  Micros days = time / micros_a_day;
  if (time % micros_a_day < 0) --days;
  const Micros rest = time - days * micros_a_day;
  const Days date{std::chrono::days(days)};
  Parts parts;
  parts.date = std::chrono::year_month_day(date);
  parts.weekday = std::chrono::weekday(date).c_encoding();
  parts.hour = static_cast<int>(rest / (3600 * second));
  parts.minute = static_cast<int>(rest / (60 * second) % 60);
  parts.second = static_cast<int>(rest / second % 60);
  parts.micros = static_cast<int>(rest % second);
  return parts;
}

std::string moment(const Parts& parts) {
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(parts.date.year()),
                     static_cast<unsigned>(parts.date.month()),
                     static_cast<unsigned>(parts.date.day()), parts.hour, parts.minute,
                     parts.second);
}

std::string decimals(int micros) {
  if (micros == 0) return {};
  std::string text = fmt::format(".{:06}", micros);
  while (text.back() == '0') text.pop_back();
  return text;
}

std::string six(int micros) {
  return micros == 0 ? "" : fmt::format(".{:06}", micros);
}

/// Reads `count` digits; -1 when there are not that many.
int digits(std::string_view& text, int count) {
  int value = 0;
  for (int i = 0; i < count; ++i) {
    if (text.empty() || text.front() < '0' || text.front() > '9') return -1;
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  return value;
}

bool eat(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Micros> read_fraction(std::string_view& text) {
  if (!eat(text, '.')) return 0;
  Micros value = 0;
  int count = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (count < 6) value = value * 10 + (text.front() - '0');
    ++count;
    text.remove_prefix(1);
  }
  if (count == 0 || count > 9) return std::nullopt;
  for (int i = count; i < 6; ++i) value *= 10;
  return value;
}

std::optional<Micros> read_zone(std::string_view text) {
  if (text.empty() || text == "Z") return 0;
  const int sign = text.front() == '-' ? -1 : 1;
  if (text.front() != '+' && text.front() != '-') return std::nullopt;
  text.remove_prefix(1);
  const int hours = digits(text, 2);
  eat(text, ':');
  const int minutes = digits(text, 2);
  if (hours < 0 || minutes < 0 || !text.empty()) return std::nullopt;
  return sign * (hours * 60 + minutes) * 60 * second;
}

}  // namespace

std::string stamp(Micros time, Spelling spelling) {
  constexpr Micros east = 7200 * second;
  const Parts parts = split(spelling == Spelling::offset ? time + east : time);
  const std::string text = moment(parts);
  switch (spelling) {
    case Spelling::zulu:
      return text + decimals(parts.micros) + "Z";
    case Spelling::nine:
      return text + fmt::format(".{:06}000Z", parts.micros);
    case Spelling::bare:
      return text + six(parts.micros);
    case Spelling::offset:
      return text + six(parts.micros) + "+02:00";
    case Spelling::six:
      break;
  }
  return text + six(parts.micros) + "+00:00";
}

std::optional<Micros> read_stamp(std::string_view text) {
  const int year = digits(text, 4);
  if (year < 0 || !eat(text, '-')) return std::nullopt;
  const int month = digits(text, 2);
  if (month < 0 || !eat(text, '-')) return std::nullopt;
  const int number = digits(text, 2);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(number))};
  if (number < 0 || !date.ok()) return std::nullopt;
  const Micros base = Days(date).time_since_epoch().count() * micros_a_day;
  if (text.empty()) return base;
  if (!eat(text, 'T') && !eat(text, ' ')) return std::nullopt;
  const int hour = digits(text, 2);
  if (hour < 0 || hour > 23 || !eat(text, ':')) return std::nullopt;
  const int minute = digits(text, 2);
  if (minute < 0 || minute > 59 || !eat(text, ':')) return std::nullopt;
  const int seconds = digits(text, 2);
  if (seconds < 0 || seconds > 60) return std::nullopt;
  const auto fraction = read_fraction(text);
  if (!fraction) return std::nullopt;
  const auto zone = read_zone(text);
  if (!zone) return std::nullopt;
  return base + ((hour * 60 + minute) * 60 + seconds) * second + *fraction - *zone;
}

std::string http_date(Micros time) {
  static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Parts parts = split(time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days.at(parts.weekday),
                     static_cast<unsigned>(parts.date.day()),
                     months.at(static_cast<unsigned>(parts.date.month()) - 1),
                     static_cast<int>(parts.date.year()), parts.hour, parts.minute, parts.second);
}

}  // namespace evidenced::simulator
