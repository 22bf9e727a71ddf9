#include "config/listen_address.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <charconv>

namespace evidenced {

namespace ip = boost::asio::ip;

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";

  boost::system::error_code failure;
  const ip::address address = ip::make_address(host, failure);
  if (failure || address.is_v6() != bracketed) return std::nullopt;
  ListenAddress result{address.to_string(), 0, address.is_loopback()};
  const auto [stop, error] = std::from_chars(port_text.begin(), port_text.end(), result.port);
  if (error != std::errc() || stop != port_text.end() || port_text.empty()) return std::nullopt;
  return result;
}

bool is_address_or_network(std::string_view text) {
  boost::system::error_code failure;
  if (!text.contains('/')) {
    ip::make_address(text, failure);
    return !failure;
  }
  ip::make_network_v4(text, failure);
  if (!failure) return true;
  ip::make_network_v6(text, failure);
  return !failure;
}

}  // namespace evidenced
