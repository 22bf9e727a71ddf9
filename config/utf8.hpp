#pragma once

#include <string>
#include <string_view>

namespace evidenced {

/// One step through text of unknown origin.
struct CodePoint {
  char32_t value = 0;    ///< the code point; of no meaning when not valid
  std::size_t size = 0;  ///< bytes it takes; 1 when not valid; 0 at the end of the text
  bool valid = false;    ///< false: the byte starts no well-formed UTF-8 sequence (RFC 3629)
};

/// The first code point of `text`.
CodePoint first_code_point(std::string_view text);

/// Whether a terminal, a log or a spreadsheet must not get the code point as it is: C0 and C1
/// controls, line and paragraph separators, and what turns the reading direction.
bool is_unprintable(char32_t code_point);

/// Whether `text` is printable ASCII without quotes and backslashes: the same inside a JSON string.
bool is_plain(std::string_view text);

/// Appends `text` as the inside of a JSON string (RFC 8259): quotes and backslashes escaped,
/// unprintable code points as \uXXXX, bytes that are no UTF-8 as \ufffd. Always one line.
void append_escaped(std::string& out, std::string_view text);

}  // namespace evidenced
