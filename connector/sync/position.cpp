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

}  // namespace

void Malformed::add(std::int64_t more, std::int64_t on_page, std::int64_t first_entry) {
  if (count == 0 && more > 0) {
    page = on_page;
    entry = first_entry;
  }
  count += more;
}

std::string write_position(const Position& position) {
  const std::string rows = position.rows_before ? fmt::to_string(*position.rows_before) : "?";
  const Malformed& bad = position.malformed;
  const std::string malformed =
      bad.count > 0 ? fmt::format("{}@{}.{} ", bad.count, bad.page, bad.entry) : std::string();
  return fmt::format("{} {} {} {}{}", position.leg, position.split ? "split" : "whole", rows,
                     malformed, position.target);
}

std::optional<Position> read_position(std::string_view text) {
  Position position;
  if (!read_number(take_word(text), position.leg)) return std::nullopt;
  const std::string_view form = take_word(text);
  if (form != "split" && form != "whole") return std::nullopt;
  position.split = form == "split";
  const std::string_view rows = take_word(text);
  if (rows == "?") {
    position.rows_before.reset();
  } else if (std::int64_t number = 0; read_number(rows, number)) {
    position.rows_before = number;
  } else {
    return std::nullopt;
  }
  const bool spoilt = !text.empty() && text.front() != '/';
  if (spoilt && !read_malformed(take_word(text), position.malformed)) return std::nullopt;
  if (text.empty() || text.front() != '/') return std::nullopt;
  position.target = text;
  return position;
}

}  // namespace evidenced::connector
