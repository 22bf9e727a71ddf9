#include "server/proxies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace evidenced::server {

namespace ip = boost::asio::ip;

namespace {

ip::address_v6 widened(const ip::address& address) {
  return address.is_v6() ? address.to_v6() : ip::make_address_v6(ip::v4_mapped, address.to_v4());
}

std::optional<ip::address> parse_address(std::string_view text) {
  boost::system::error_code error;
  const ip::address address = ip::make_address(text, error);
  if (error) return std::nullopt;
  return address;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool same_prefix(const ip::address_v6& a, const ip::address_v6& b, int bits) {
  const auto left = a.to_bytes();
  const auto right = b.to_bytes();
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(whole), right.begin())) {
    return false;
  }
  const int rest = bits % 8;
  return rest == 0 || (left[whole] ^ right[whole]) >> (8 - rest) == 0;
}

}  // namespace

Result<Proxies> Proxies::parse(const std::vector<std::string>& entries) {
  Proxies proxies;
  for (const std::string& entry : entries) {
    const std::size_t slash = entry.find('/');
    const auto address = parse_address(std::string_view(entry).substr(0, slash));
    int bits = address && address->is_v4() ? 32 : 128;
    bool fine = address.has_value();
    if (fine && slash != std::string::npos) {
      const char* end = entry.data() + entry.size();
      const int widest = bits;
      const auto [stop, error] = std::from_chars(entry.data() + slash + 1, end, bits);
      fine = error == std::errc() && stop == end && bits >= 0 && bits <= widest;
    }
    if (!fine) {
      return fail("config.invalid",
                  fmt::format("server.trusted_proxies: \"{}\" is no address and no CIDR.", entry));
    }
    proxies.networks_.push_back({widened(*address), address->is_v4() ? bits + 96 : bits});
  }
  return proxies;
}

bool Proxies::trusts(const ip::address& address) const {
  const ip::address_v6 wide = widened(address);
  return std::ranges::any_of(networks_, [&wide](const Network& network) {
    return same_prefix(network.base, wide, network.bits);
  });
}

ip::address Proxies::client(const ip::address& peer, std::string_view forwarded_for) const {
  ip::address client = peer;
  while (!forwarded_for.empty() && trusts(client)) {
    const std::size_t comma = forwarded_for.rfind(',');
    const bool last = comma == std::string_view::npos;
    const auto named = parse_address(trimmed(forwarded_for.substr(last ? 0 : comma + 1)));
    if (!named) break;
    client = *named;
    forwarded_for = last ? std::string_view() : forwarded_for.substr(0, comma);
  }
  return client;
}

}  // namespace evidenced::server
