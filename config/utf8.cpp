#include "config/utf8.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <iterator>

namespace evidenced {
namespace {

struct Lead {
  std::size_t size;
  char32_t bits;
  char32_t least;  // below it a shorter form exists
};

Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xc2 && byte < 0xe0) return {2, byte & 0x1fU, 0x80};
  if (byte >= 0xe0 && byte < 0xf0) return {3, byte & 0x0fU, 0x800};
  if (byte >= 0xf0 && byte < 0xf5) return {4, byte & 0x07U, 0x10000};
  return {0, 0, 0};
}

bool between(char32_t value, char32_t low, char32_t high) {
  return value >= low && value <= high;
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
  if (text.empty()) return {};
  const Lead lead = lead_of(static_cast<unsigned char>(text.front()));
  if (lead.size == 0 || lead.size > text.size()) return {0, 1, false};
  char32_t value = lead.bits;
  for (const char c : text.substr(1, lead.size - 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0U) != 0x80U) return {0, 1, false};
    value = (value << 6U) | (byte & 0x3fU);
  }
  const bool surrogate = between(value, 0xd800, 0xdfff);
  if (value < lead.least || surrogate || value > 0x10ffff) return {0, 1, false};
  return {value, lead.size, true};
}

bool is_unprintable(char32_t c) {
  return c < 0x20 || between(c, 0x7f, 0x9f) || between(c, 0x200e, 0x200f) ||
         between(c, 0x2028, 0x202e) || between(c, 0x2066, 0x2069) || c == 0x061c || c == 0xfeff;
}

namespace {

constexpr std::size_t word_size = sizeof(std::uint64_t);

constexpr std::uint64_t in_each_byte(unsigned char byte) {
  return 0x0101010101010101U * byte;
}

constexpr std::uint64_t tops = in_each_byte(0x80);

/// Not 0 when a byte of `word` is below `bound`, which is at most 0x80; bytes from 0x80 on do not
/// count (Anderson, Bit Twiddling Hacks, hasless).
constexpr std::uint64_t any_below(std::uint64_t word, unsigned char bound) {
  return (word - in_each_byte(bound)) & ~word & tops;
}

constexpr std::uint64_t any_equal(std::uint64_t word, char c) {
  return any_below(word ^ in_each_byte(static_cast<unsigned char>(c)), 1);
}

/// Not 0 when one of eight bytes at once is not plain.
constexpr std::uint64_t needs_care(std::uint64_t word) {
  return (word & tops) | any_below(word, 0x20) | any_equal(word, '"') | any_equal(word, '\\') |
         any_equal(word, 0x7f);
}

std::uint64_t word_at(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, word_size);
  return word;
}

bool byte_is_plain(char c) {
  return needs_care(in_each_byte(static_cast<unsigned char>(c))) == 0;
}

std::size_t plain_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at + word_size <= text.size() && needs_care(word_at(text.data() + at)) == 0) {
    at += word_size;
  }
  while (at < text.size() && byte_is_plain(text[at])) ++at;
  return at;
}

}  // namespace

bool is_plain(std::string_view text) {
  return plain_prefix(text) == text.size();
}

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    // Nearly all text is plain ASCII: it goes in as one piece.
    const std::size_t plain = plain_prefix(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const CodePoint point = first_code_point(text);
    if (!point.valid) {
      out += "\\ufffd";
    } else if (point.value == '"' || point.value == '\\') {
      out += '\\';
      out += static_cast<char>(point.value);
    } else if (point.value == '\n') {
      out += "\\n";
    } else if (is_unprintable(point.value)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(point.value));
    } else {
      out += text.substr(0, point.size);
    }
    text.remove_prefix(point.size);
  }
}

}  // namespace evidenced
