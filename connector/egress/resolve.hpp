#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace evidenced::connector {

/// The addresses of `host`, in the order in which they should be tried; an address stands for
/// itself. Errors: upstream.dns (also when `limit` has passed), upstream.cancelled. The system's
/// resolver cannot be interrupted: a look-up that is given up ends in the background.
Task<Result<std::vector<boost::asio::ip::tcp::endpoint>>> resolve(std::string host,
                                                                  std::string port,
                                                                  std::chrono::nanoseconds limit);

}  // namespace evidenced::connector
