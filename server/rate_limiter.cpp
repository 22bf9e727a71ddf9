#include "server/rate_limiter.hpp"

#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace evidenced::server {
namespace {

constexpr std::size_t most_buckets = 65536;  // 4 MiB; beyond it everybody starts anew

}  // namespace

ClientKey client_key(const boost::asio::ip::address& address) {
  if (address.is_v4()) return address.to_v4().to_uint();
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_uint();
  }
  // The upper half of a real IPv6 address is never below 2^32, so the two kinds do not meet.
  ClientKey key = 0;
  const auto bytes = v6.to_bytes();
  for (std::size_t i = 0; i < 8; ++i) key = key << 8 | bytes[i];
  return v6.is_loopback() ? boost::asio::ip::address_v4::loopback().to_uint() : key;
}

std::string client_name(const boost::asio::ip::address& address) {
  using namespace boost::asio::ip;
  if (address.is_v4() || address.is_loopback()) return address.to_string();
  const address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return make_address_v4(v4_mapped, v6).to_string();
  return make_network_v6(v6, 64).canonical().to_string();
}

int RateLimiter::take(ClientKey client, SteadyTime now) {
  if (buckets_.size() >= most_buckets && !buckets_.contains(client)) forget_full(now);
  auto [found, fresh] = buckets_.try_emplace(client, Bucket{.tokens = burst_, .at = now});
  Bucket& bucket = found->second;
  const std::chrono::duration<double> passed = now - bucket.at;
  bucket.tokens = std::min(burst_, bucket.tokens + passed.count() * rate_);
  bucket.at = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return 0;
  }
  return std::max(1, static_cast<int>(std::ceil((1 - bucket.tokens) / rate_)));
}

void RateLimiter::forget_full(SteadyTime now) {
  const std::chrono::duration<double> refill(burst_ / rate_);
  std::erase_if(buckets_, [&](const auto& entry) { return now - entry.second.at >= refill; });
  if (buckets_.size() >= most_buckets) buckets_.clear();
}

}  // namespace evidenced::server
