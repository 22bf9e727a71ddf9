#pragma once

#include "api/message.hpp"
#include "config/error.hpp"

#include <boost/asio/ip/address.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::server {

/// The proxies whose X-Forwarded-For is believed: addresses and CIDRs of server.trusted_proxies.
class Proxies {
 public:
  /// Errors: config.invalid.
  static Result<Proxies> parse(const std::vector<std::string>& entries);

  bool trusts(const boost::asio::ip::address& address) const;

  /// The client behind `peer`: `peer` itself unless it is trusted; else the last address of
  /// `forwarded_for` that is not a trusted proxy's. What stands left of it anybody may have
  /// written.
  boost::asio::ip::address client(const boost::asio::ip::address& peer,
                                  std::string_view forwarded_for) const;

 private:
  struct Network {
    boost::asio::ip::address_v6 base;  ///< IPv4 as v4-mapped
    int bits = 128;
  };
  std::vector<Network> networks_;
};

}  // namespace evidenced::server
