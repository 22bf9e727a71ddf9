#pragma once

#include "config/error.hpp"

#include <string>
#include <string_view>

namespace evidenced::connector {

/// The one host that requests go to.
struct BaseUrl {
  std::string host;       ///< lower case; addresses without brackets
  std::string port;       ///< decimal
  std::string authority;  ///< as in the Host header: "api.bitbucket.org", "127.0.0.1:8443"
  std::string origin;     ///< "https://" + authority
  bool is_address = false;
};

/// Reads "https://host[:port][/]". Errors: config.invalid for everything else: another scheme, user
/// info, a path, a query, percent-encoded or non-ASCII host names.
Result<BaseUrl> parse_base_url(std::string_view text);

}  // namespace evidenced::connector
