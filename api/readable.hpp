#pragma once

#include <string_view>

namespace evidenced::api {

/// What is wrong with a name or a tag that people are to read in lists, in logs, beside others; ""
/// when nothing is.
std::string_view unreadable(std::string_view name);

}  // namespace evidenced::api
