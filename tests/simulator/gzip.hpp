#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace evidenced::simulator {

/// RFC 1952.
std::string gzip(std::string_view plain);

/// A stream of few bytes that grows to `size` zeros.
std::string gzip_bomb(std::uint64_t size);

}  // namespace evidenced::simulator
