#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace evidenced {

/// Lower case for ASCII letters alone, whatever the locale: for names that have no case, as those
/// of headers, hosts and media types.
constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = to_lower(c);
  return out;
}

inline bool equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return to_lower(x) == to_lower(y); });
}

}  // namespace evidenced
