#include "api/readable.hpp"

#include "config/utf8.hpp"

namespace evidenced::api {
namespace {

/// Characters that print, but print nothing.
bool is_blank(char32_t c) {
  constexpr std::u32string_view alone =
      U" \u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5"
      U"\u180e\u202f\u205f\u2800\u3000\u3164\ufeff\uffa0";
  return alone.contains(c) || (c >= 0x2000 && c <= 0x200f) || (c >= 0x2060 && c <= 0x206f) ||
         (c >= 0xfe00 && c <= 0xfe0f);
}

}  // namespace

std::string_view unreadable(std::string_view name) {
  bool visible = false;
  while (!name.empty()) {
    const CodePoint next = first_code_point(name);
    if (is_unprintable(next.value)) return "has a character that controls the text";
    visible = visible || !is_blank(next.value);
    name.remove_prefix(next.size);
  }
  return visible ? "" : "has no visible character";
}

}  // namespace evidenced::api
