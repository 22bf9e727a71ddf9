#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::server {

/// The head of a request as the parser understood it, before the guard has looked at it.
struct RequestHead {
  std::string method;
  std::string target;
  int version = 11;                                          ///< 10 or 11
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case

  /// The first header of that (lower-case) name, "" when there is none.
  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

}  // namespace evidenced::server
