#pragma once

#include "config/settings.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace evidenced::server {

/// What an unauthenticated stranger may make the daemon do, all in one place. The defaults are the
/// documented ones; tests shorten the times. Times are on the steady clock and are looked at every
/// `sweep`, so that a limit may be passed by one sweep.
struct Limits {
  using milliseconds = std::chrono::milliseconds;

  // Sizes, in bytes.
  std::size_t request_line = 8 * 1024;   ///< longer: 414
  std::size_t header_block = 8 * 1024;   ///< all fields with their line ends; longer: 431
  std::size_t fields = 100;              ///< more: 431
  std::size_t read_buffer = 32 * 1024;   ///< whatever has to be in memory at once to be understood
  std::size_t ignored_body = 64 * 1024;  ///< of a GET, HEAD, DELETE or OPTIONS: dropped
  std::size_t chunk_overhead = 64 * 1024;  ///< chunk framing, extensions and trailers of a message

  // Times of the phases of a connection.
  milliseconds handshake{5000};
  milliseconds header{10000};   ///< from its first byte (of a new connection: from accepting it)
  milliseconds body{10000};     ///< plus what has arrived at `minimum_rate`
  milliseconds handler{90000};  ///< 30 s of work on top of the longest long poll (60 s)
  milliseconds write{10000};    ///< plus what was taken at `minimum_rate`
  milliseconds idle{60000};     ///< between requests
  milliseconds stall{60000};    ///< the most time that bytes moved can buy ahead
  milliseconds linger{2000};    ///< waiting for the peer to close after our last byte
  std::size_t minimum_rate = 1024;  ///< bytes a second, both ways
  milliseconds sweep{1000};

  // Connections and requests.
  std::size_t connections = 10000;
  std::size_t tls_connections = 2000;  ///< each costs 84 KB
  std::size_t connections_per_address = 256;
  std::uint32_t requests_per_connection = 1000;
  double anonymous_rate = 10;  ///< requests a second and address without a key
  double anonymous_burst = 50;
  std::size_t memory_budget = 512 * 1024 * 1024;  ///< at 90 % of it requests are shed
};

/// The limits of `settings`; connections stay 256 below what RLIMIT_NOFILE allows.
Limits limits_from(const Settings::Server& settings);

}  // namespace evidenced::server
