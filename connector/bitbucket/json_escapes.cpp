#include "connector/bitbucket/json_escapes.hpp"

#include <cstdint>

namespace evidenced::connector::bitbucket {

namespace {

std::uint32_t hex4(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    value = value * 16 + static_cast<std::uint32_t>(digit);
  }
  return value;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | code >> 6);
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3F));
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

bool is_high(std::uint32_t code) {
  return code >= 0xD800 && code < 0xDC00;
}
bool is_low(std::uint32_t code) {
  return code >= 0xDC00 && code < 0xE000;
}

/// The character of the `\uXXXX` at `at` (two escapes for a pair), which moves behind it.
std::uint32_t unicode_escape(std::string_view text, std::size_t& at) {
  const std::uint32_t first = hex4(text.substr(at + 2, 4));
  at += 6;
  if (!is_high(first) || text.size() < at + 6 || text.substr(at, 2) != "\\u") return first;
  const std::uint32_t second = hex4(text.substr(at + 2, 4));
  if (!is_low(second)) return first;
  at += 6;
  return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

char simple_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

std::string decode_escapes(std::string_view inside, LoneSurrogate lone) {
  std::string out;
  out.reserve(inside.size());
  std::size_t at = 0;
  while (at < inside.size()) {
    const std::size_t escape = inside.find('\\', at);
    out += inside.substr(at, escape - at);
    if (escape == std::string_view::npos) break;
    at = escape;
    if (inside[at + 1] != 'u') {
      out += simple_escape(inside[at + 1]);
      at += 2;
      continue;
    }
    std::uint32_t code = unicode_escape(inside, at);
    const bool half = is_high(code) || is_low(code);
    if (half && lone == LoneSurrogate::as_replacement) code = 0xFFFD;
    append_utf8(out, code);
  }
  return out;
}

}  // namespace evidenced::connector::bitbucket
