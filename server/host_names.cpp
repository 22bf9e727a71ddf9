#include "server/host_names.hpp"

#include "config/ascii.hpp"

#include <boost/url/parse.hpp>

#include <algorithm>
#include <cctype>

namespace evidenced::server {
namespace {

bool is_port(std::string_view text) {
  return text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// A registered name or IPv4 address as our hosts have them: letters, digits, dot, hyphen, low
/// line.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](unsigned char c) {
    return (std::isalnum(c) != 0 && c < 128) || c == '.' || c == '-' || c == '_';
  });
}

bool is_v6(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isxdigit(c) != 0 || c == ':' || c == '.';
  });
}

}  // namespace

std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return {};
    const std::string_view rest = authority.substr(end + 1);
    const bool port_fine = rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
    const std::string_view host = authority.substr(1, end - 1);
    return port_fine && is_v6(host) ? host : std::string_view();
  }
  const std::size_t colon = authority.find(':');
  const std::string_view host = authority.substr(0, colon);
  const bool port_fine = colon == std::string_view::npos || is_port(authority.substr(colon + 1));
  return port_fine && is_name(host) ? host : std::string_view();
}

HostNames::HostNames(const Settings::Server& settings) {
  names_.push_back(to_lower(host_of(settings.listen)));
  if (!settings.public_url.empty()) {
    const auto url = boost::urls::parse_uri(settings.public_url);
    if (url.has_value()) names_.push_back(to_lower(std::string(url->encoded_host_address())));
  }
}

bool HostNames::answer_for(std::string_view host, const boost::asio::ip::address& local) const {
  std::string name = to_lower(host);
  if (name.ends_with('.')) name.pop_back();
  if (std::ranges::find(names_, name) != names_.end()) return true;
  if (local.is_loopback() && name == "localhost") return true;
  boost::system::error_code not_an_address;
  const auto address = boost::asio::ip::make_address(name, not_an_address);
  return !not_an_address && (address == local || (local.is_loopback() && address.is_loopback()));
}

}  // namespace evidenced::server
