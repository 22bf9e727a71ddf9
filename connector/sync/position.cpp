#include "connector/sync/position.hpp"

#include <fmt/format.h>

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

}  // namespace

std::string write_position(const Position& position) {
  const std::string rows = position.rows_before ? fmt::to_string(*position.rows_before) : "?";
  return fmt::format("{} {} {} {}", position.leg, position.split ? "split" : "whole", rows,
                     position.target);
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
  if (text.empty() || text.front() != '/') return std::nullopt;
  position.target = text;
  return position;
}

}  // namespace evidenced::connector
