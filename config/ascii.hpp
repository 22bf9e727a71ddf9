#pragma once

#include <string>
#include <string_view>

namespace evidenced {

/// The text with the letters A to Z in lower case, for names that have no case: host names, media
/// types, hexadecimal digits. All other bytes stay as they are, in every locale.
std::string to_lower(std::string_view text);

}  // namespace evidenced
