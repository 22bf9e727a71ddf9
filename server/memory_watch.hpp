#pragma once

#include <cstddef>

namespace evidenced::server {

/// The resident memory of this process in bytes, 0 when the system does not tell
/// (/proc/self/statm).
std::size_t resident_bytes();

/// Whether memory is short: more than 90 % of `budget` is in use even after what was free had been
/// given back to the system.
bool memory_is_short(std::size_t budget);

}  // namespace evidenced::server
