#include "server/limits.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace evidenced::server {
namespace {

constexpr std::size_t descriptors_kept = 256;  // database, upstream, logs, and room to accept

std::size_t descriptor_room() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return descriptors_kept;
  // What an operator left below is still enough for a health check.
  return std::max<std::size_t>(limit.rlim_cur, descriptors_kept + 16) - descriptors_kept;
}

}  // namespace

Limits limits_from(const Settings::Server& settings) {
  Limits limits;
  limits.idle = settings.idle_timeout;
  limits.connections =
      std::min(static_cast<std::size_t>(settings.max_connections), descriptor_room());
  limits.tls_connections = std::min(limits.tls_connections, limits.connections);
  limits.connections_per_address = static_cast<std::size_t>(settings.max_connections_per_address);
  return limits;
}

}  // namespace evidenced::server
