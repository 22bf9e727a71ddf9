#include "config/redact.hpp"

#include <algorithm>
#include <array>

namespace evidenced {
namespace {

bool is_word(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_token(char c) {
  return is_word(c) || std::string_view("-+/=.~").contains(c);
}

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// A secret is `prefix` (kept when it is none of it) and at least `least` characters of a token.
struct Shape {
  std::string_view prefix;
  std::size_t least;
  bool keep_prefix;
};
constexpr std::array<Shape, 9> shapes = {{{"ATATT", 8, false},
                                          {"ATBB", 8, false},
                                          {"ATCTT", 8, false},
                                          {"ev_", 16, false},
                                          {"Basic ", 8, true},
                                          {"Bearer ", 8, true},
                                          {"/v1/calendar/", 32, true},
                                          {"#code=", 32, true},
                                          {"evidenced=", 32, true}}};

}  // namespace

std::string redact(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  const auto match_here = [&]() {
    for (const Shape& shape : shapes) {
      const std::string_view rest = text.substr(at);
      if (!same_letters(rest.substr(0, shape.prefix.size()), shape.prefix)) continue;
      const std::string_view value = rest.substr(shape.prefix.size());
      const auto end = std::ranges::find_if_not(value, is_token);
      const auto length = static_cast<std::size_t>(end - value.begin());
      if (length < shape.least) continue;
      if (shape.keep_prefix) out += rest.substr(0, shape.prefix.size());
      out += "[redacted]";
      at += shape.prefix.size() + length;
      return true;
    }
    return false;
  };
  while (at < text.size()) {
    // "ev_" starts many a word's middle ("dev_…"); the other prefixes are looked for anywhere.
    const bool inside_word =
        at > 0 && is_word(text[at - 1]) && same_letters(text.substr(at, 3), "ev_");
    if (!inside_word && match_here()) continue;
    out += text[at++];
  }
  return out;
}

}  // namespace evidenced
