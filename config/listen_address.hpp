#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace evidenced {

/// The address of `server.listen`, taken apart.
struct ListenAddress {
  std::string address;  ///< IPv4 or IPv6 literal, without brackets
  std::uint16_t port = 0;
  bool loopback = false;
};

/// Reads "127.0.0.1:8080", "[::1]:8080" or "localhost:8080" (= 127.0.0.1); nullopt for anything
/// else: other names may resolve differently tomorrow.
std::optional<ListenAddress> parse_listen_address(std::string_view text);

/// Whether `text` is an address or a CIDR ("10.0.0.0/8", "::1", "fd00::/8").
bool is_address_or_network(std::string_view text);

}  // namespace evidenced
