#pragma once

#include "config/time.hpp"

#include <optional>
#include <string_view>

namespace evidenced::api {

/// A time as clients must send it: RFC 3339 with its zone. The looser forms that Bitbucket sends
/// are not taken.
inline std::optional<Timestamp> parse_strict_time(std::string_view text) {
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't')) return std::nullopt;
  const bool utc = text.back() == 'Z' || text.back() == 'z';
  if (!utc && text.find_first_of("+-", 19) == std::string_view::npos) return std::nullopt;
  return parse_timestamp(text);
}

}  // namespace evidenced::api
