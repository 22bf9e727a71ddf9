#pragma once

#include "config/clock.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::simulator {

/// A request as Bitbucket would get it.
struct SimRequest {
  std::string method = "GET";
  std::string target;                                        ///< "/2.0/user?pagelen=1"
  std::vector<std::pair<std::string, std::string>> headers;  ///< lower-case names
};

/// What the network does to an answer on its way.
enum class Damage { none, reset_before, reset_mid_body, truncate, slow, never };

struct SimResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< not encoded; whoever carries it may gzip it
  Damage damage = Damage::none;
};

/// One request and its answer, as kept in the log: what went over the wire.
struct LogEntry {
  SimRequest request;
  int status = 0;
};

/// Bitbucket Cloud's read API over a World (world.hpp): pure but for the world and the clock it is
/// given. Not thread-safe.
class Simulator;

}  // namespace evidenced::simulator
