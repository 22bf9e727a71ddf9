#include "connector/sync/position.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace evidenced::connector {

namespace {

std::string_view take_word(std::string_view& text) {
  const std::size_t end = text.find(' ');
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

template <class Number>
bool read_number(std::string_view word, Number& number) {
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  return error == std::errc() && stop == end && !word.empty();
}

/// "3@2.7": three, the first of them on page 2, entry 7.
bool read_malformed(std::string_view word, Malformed& malformed) {
  const std::size_t at = std::min(word.find('@'), word.size());
  const std::size_t dot = std::min(word.find('.', at), word.size());
  if (dot == word.size()) return false;
  return read_number(word.substr(0, at), malformed.count) &&
         read_number(word.substr(at + 1, dot - at - 1), malformed.page) &&
         read_number(word.substr(dot + 1), malformed.entry);
}

/// What is told by a letter and a number.
bool read_fact(std::string_view word, Position& position) {
  const std::string_view value = word.substr(std::min<std::size_t>(1, word.size()));
  switch (word.empty() ? '\0' : word.front()) {
    case 't': {
      std::int64_t milliseconds = 0;
      const bool read = read_number(value, milliseconds);
      position.begun = Timestamp(std::chrono::milliseconds(milliseconds));
      return read;
    }
    case 'm':
      return read_malformed(value, position.malformed);
    case 'l':
      return read_number(value, position.left);
    case 's':
      return read_number(value, position.size.emplace());
    case 'n':
      return read_number(value, position.least_size.emplace());
    case 'd':
      return read_number(value, position.dropped);
    default:
      return false;
  }
}

}  // namespace

void Malformed::add(std::int64_t more, std::int64_t on_page, std::int64_t first_entry) {
  if (count == 0 && more > 0) {
    page = on_page;
    entry = first_entry;
  }
  count += more;
}

void Position::count(std::optional<std::int64_t> told, std::int64_t uncounted) {
  dropped += uncounted;
  if (!told) return;
  if (size && *told < *size) left += *size - *told;
  size = told;
  least_size = std::min(*told, least_size.value_or(*told));
}

std::optional<std::int64_t> Position::growth(std::optional<std::int64_t> told) const {
  if (!told) return std::nullopt;
  return std::max<std::int64_t>(0, *told - size.value_or(*told));
}

void Position::enter(std::size_t next_leg, std::optional<std::int64_t> rows) {
  leg = next_leg;
  rows_before = rows;
  size.reset();
  least_size.reset();
  dropped = 0;
}

std::string write_position(const Position& position) {
  const std::string rows = position.rows_before ? fmt::to_string(*position.rows_before) : "?";
  std::string text = fmt::format("{} {} {} t{} ", position.leg, position.split ? "split" : "whole",
                                 rows, position.begun.time_since_epoch().count());
  const Malformed& bad = position.malformed;
  if (bad.count > 0) text += fmt::format("m{}@{}.{} ", bad.count, bad.page, bad.entry);
  if (position.left > 0) text += fmt::format("l{} ", position.left);
  if (position.size) text += fmt::format("s{} ", *position.size);
  if (position.least_size) text += fmt::format("n{} ", *position.least_size);
  if (position.dropped > 0) text += fmt::format("d{} ", position.dropped);
  return text + position.target;
}

std::optional<Position> read_position(std::string_view text) {
  Position position;
  if (!read_number(take_word(text), position.leg)) return std::nullopt;
  const std::string_view form = take_word(text);
  if (form != "split" && form != "whole") return std::nullopt;
  position.split = form == "split";
  const std::string_view rows = take_word(text);
  position.rows_before.reset();
  if (rows != "?" && !read_number(rows, position.rows_before.emplace())) return std::nullopt;
  while (!text.empty() && text.front() != '/') {
    if (!read_fact(take_word(text), position)) return std::nullopt;
  }
  if (text.empty()) return std::nullopt;
  position.target = text;
  return position;
}

}  // namespace evidenced::connector
