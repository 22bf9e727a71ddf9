#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace evidenced::cli {

/// Text that cannot move a terminal's cursor or turn its reading direction: unprintable code points
/// are escaped as in JSON, broken UTF-8 becomes U+FFFD. Every text that is not our own passes
/// through it before it is shown to a person.
std::string printable(std::string_view text);

/// Terminal columns that printable text takes: two for wide East Asian characters and emoji, none
/// for combining marks.
std::size_t display_width(std::string_view text);

/// At most `width` columns of `text`, ending in "…" when something was cut.
std::string clipped(std::string_view text, std::size_t width);

/// Rows under a head, in columns two blanks apart. With `width` > 0 the widest columns are clipped
/// until a line fits.
std::string text_table(const std::vector<std::string>& head,
                       const std::vector<std::vector<std::string>>& rows, std::size_t width);

/// One line of CSV (RFC 4180, ended by CR LF). A value that a spreadsheet would take for a formula
/// (= + - @ TAB CR) gets a leading apostrophe; plain numbers stay numbers.
std::string csv_line(const std::vector<std::string>& values);

}  // namespace evidenced::cli
