#pragma once

#include "config/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace evidenced::connector {

/// What a compressed body may grow to.
struct GunzipLimits {
  std::size_t output = 4 * 1024 * 1024;
  std::size_t ratio = 100;  ///< output : input, looked at from 64 KiB of output on
};

/// Undoes gzip (RFC 1952, one member). Errors: upstream.oversized (a limit), upstream.truncated
/// (the input ends early), upstream.malformed (no gzip, a wrong checksum, bytes after the end).
/// Stops at the limit: memory never passes it by more than 64 KiB.
Result<std::string> gunzip(std::string_view input, GunzipLimits limits);

}  // namespace evidenced::connector
