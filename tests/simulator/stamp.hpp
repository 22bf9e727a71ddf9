#pragma once

#include "config/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace evidenced::simulator {

/// Microseconds since 1970, UTC: the resolution of Bitbucket's own timestamps.
using Micros = std::int64_t;

inline Micros to_micros(Timestamp time) {
  return time.time_since_epoch().count() * 1000;
}

/// How a timestamp is spelled (reference: bitbucket, 11.8).
enum class Spelling {
  six,     ///< 2026-01-02T03:04:05.123456+00:00; without decimals when there are none
  zulu,    ///< …05.123Z: as many decimals as needed
  nine,    ///< …05.123456000Z
  bare,    ///< …05.123456, no zone
  offset,  ///< the same moment two hours east: …+02:00
};

std::string stamp(Micros time, Spelling spelling = Spelling::six);

/// The simulator's own reading of what clients send in `q`; nullopt when it is no timestamp.
std::optional<Micros> read_stamp(std::string_view text);

/// "Tue, 24 Nov 2026 06:00:00 GMT".
std::string http_date(Micros time);

}  // namespace evidenced::simulator
