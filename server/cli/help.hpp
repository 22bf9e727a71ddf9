#pragma once

#include <string>
#include <string_view>

namespace evidenced::cli {

/// The help of a command ("source add"), of a group of them ("source"), or of the whole program
/// (""), from the table of commands, in lines of at most 80 columns.
std::string help_text(std::string_view path);

}  // namespace evidenced::cli
