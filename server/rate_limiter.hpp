#pragma once

#include "config/time.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace evidenced::server {

/// One client, as far as limits are concerned: an IPv4 address, or the /64 of an IPv6 one, because
/// whoever has one address of those has them all.
using ClientKey = std::uint64_t;
ClientKey client_key(const boost::asio::ip::address& address);

/// The same in words: "192.0.2.7", "2001:db8:0:7::/64".
std::string client_name(const boost::asio::ip::address& address);

/// Token buckets by client: `rate` requests a second, `burst` at once. A machine without a clock.
class RateLimiter {
 public:
  RateLimiter(double rate, double burst) : rate_(rate), burst_(burst) {}

  /// Takes one token. 0 when there was one, else the seconds until there will be.
  int take(ClientKey client, SteadyTime now);

  std::size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    double tokens = 0;
    SteadyTime at;
  };

  void forget_full(SteadyTime now);

  double rate_;
  double burst_;
  std::unordered_map<ClientKey, Bucket> buckets_;
};

}  // namespace evidenced::server
