#pragma once

#include "config/settings.hpp"

#include <boost/asio/ip/address.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace evidenced::server {

/// The host names that the server answers for: its listen address, the name in server.public_url,
/// and on loopback also "localhost". A request for any other is misdirected (RFC 9110, 7.4): that
/// is what stops DNS rebinding. Ports are not compared, because a forwarder may change them.
class HostNames {
 public:
  explicit HostNames(const Settings::Server& settings);

  /// `host` is the Host field without its port, in any case; `local` is the address at which the
  /// client reached us, which it may always name.
  bool answer_for(std::string_view host, const boost::asio::ip::address& local) const;

 private:
  std::vector<std::string> names_;  ///< lower case
};

/// The host of "host", "host:port", "[v6]" or "[v6]:port", without brackets; "" when `authority` is
/// no such thing.
std::string_view host_of(std::string_view authority);

}  // namespace evidenced::server
