#include "api/json_pen.hpp"

#include "config/utf8.hpp"

#include <array>
#include <charconv>

namespace evidenced::api {
namespace {

using Pair = std::array<char, 2>;

constexpr std::array<Pair, 256> hex_pairs = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<Pair, 256> pairs{};
  for (std::size_t byte = 0; byte < pairs.size(); ++byte) {
    pairs[byte] = {digits[byte >> 4], digits[byte & 15]};
  }
  return pairs;
}();

constexpr std::ptrdiff_t most_digits = 20;

}  // namespace

void JsonPen::text(std::string_view text) {
  *at_++ = '"';
  if (is_plain(text)) {
    raw(text);
  } else {
    std::string escaped;
    append_escaped(escaped, text);
    raw(escaped);
  }
  *at_++ = '"';
}

void JsonPen::text_or_null(std::string_view value) {
  if (value.empty()) {
    raw("null");
  } else {
    text(value);
  }
}

void JsonPen::number(std::int64_t number) {
  at_ = std::to_chars(at_, at_ + most_digits, number).ptr;
}

void JsonPen::time(Timestamp time) {
  *at_++ = '"';
  raw(format_rfc3339(time));
  *at_++ = '"';
}

void JsonPen::hex(std::span<const std::byte> bytes) {
  *at_++ = '"';
  for (const std::byte byte : bytes) {
    std::memcpy(at_, hex_pairs[std::to_integer<std::size_t>(byte)].data(), 2);
    at_ += 2;
  }
  *at_++ = '"';
}

}  // namespace evidenced::api
