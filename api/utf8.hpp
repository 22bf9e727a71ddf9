#pragma once

#include <cstddef>
#include <string_view>

namespace evidenced::api {

/// The length of the well-formed UTF-8 sequence that `text` begins with (Unicode, table 3-7: no
/// overlong forms, no surrogates, nothing above U+10FFFF); 0 when it begins with none.
std::size_t utf8_sequence(std::string_view text);

bool utf8_valid(std::string_view text);

}  // namespace evidenced::api
