#pragma once

#include <string_view>

namespace evidenced {

/// The version of this program, as CMake knows it.
inline constexpr std::string_view version = EVIDENCED_VERSION;

}  // namespace evidenced
