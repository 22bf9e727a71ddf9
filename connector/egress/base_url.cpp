#include "connector/egress/base_url.hpp"

#include "config/ascii.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace evidenced::connector {
namespace {

constexpr std::string_view https_port = "443";

std::unexpected<Error> refuse(const char* reason) {
  return fail("config.invalid", std::string("connector.base_url: ") + reason);
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

}  // namespace

Result<BaseUrl> parse_base_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) return refuse("not a URL");
  const boost::urls::url_view& url = *parsed;
  if (url.scheme_id() != boost::urls::scheme::https) return refuse("the scheme is not https");
  if (url.has_userinfo()) return refuse("a user or password in the URL");
  if (url.has_query() || url.has_fragment()) return refuse("a query or fragment");
  if (const std::string_view path = url.encoded_path(); !path.empty() && path != "/")
    return refuse("a path: give scheme and host alone");
  if (url.has_port() && url.port_number() == 0) return refuse("no such port");

  BaseUrl base;
  base.host = to_lower(std::string_view(url.encoded_host_address()));
  boost::system::error_code not_an_address;
  const auto address = boost::asio::ip::make_address(base.host, not_an_address);
  base.is_address = !not_an_address;
  if (!base.is_address && (base.host.empty() || !std::ranges::all_of(base.host, is_host_character)))
    return refuse("the host has characters that no host name has");
  base.port = url.has_port() ? std::to_string(url.port_number()) : std::string(https_port);
  base.authority = base.is_address && address.is_v6() ? "[" + base.host + "]" : base.host;
  if (base.port != https_port) base.authority += ":" + base.port;
  base.origin = "https://" + base.authority;
  return base;
}

}  // namespace evidenced::connector
