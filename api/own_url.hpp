#pragma once

#include "api/exchange.hpp"

#include <string>
#include <string_view>

namespace evidenced::api {

/// Where a path of this server is for whoever asks: below `server.public_url`, else at the host
/// that the request names; the path alone where nothing tells.
std::string own_url(const Exchange& exchange, std::string_view path);

}  // namespace evidenced::api
