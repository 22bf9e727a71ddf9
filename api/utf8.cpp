#include "api/utf8.hpp"

namespace evidenced::api {
namespace {

struct Lead {
  unsigned char first, last;                ///< range of the lead byte
  unsigned char second_first, second_last;  ///< range of the byte after it
  std::size_t length;
};

constexpr Lead leads[] = {
    {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

bool between(unsigned char c, unsigned char first, unsigned char last) {
  return c >= first && c <= last;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  for (const Lead& lead : leads) {
    if (!between(byte(0), lead.first, lead.last)) continue;
    if (text.size() < lead.length) return 0;
    if (lead.length > 1 && !between(byte(1), lead.second_first, lead.second_last)) return 0;
    for (std::size_t at = 2; at < lead.length; ++at) {
      if (!between(byte(at), 0x80, 0xbf)) return 0;
    }
    return lead.length;
  }
  return 0;
}

bool utf8_valid(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace evidenced::api
