#pragma once

#include <string>
#include <string_view>

namespace evidenced::connector::bitbucket {

/// What becomes of an escape that is half a surrogate pair, which UTF-8 cannot say.
enum class LoneSurrogate {
  as_replacement,  ///< U+FFFD: for people
  as_three_bytes   ///< its generalised UTF-8 (WTF-8): for comparison, keeps different halves apart
};

/// The text that the inside of a JSON string means (RFC 8259, section 7). `inside` was validated by
/// read_json.
std::string decode_escapes(std::string_view inside, LoneSurrogate lone);

}  // namespace evidenced::connector::bitbucket
