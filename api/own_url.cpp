#include "api/own_url.hpp"

#include <fmt/format.h>

namespace evidenced::api {

std::string own_url(const Exchange& exchange, std::string_view path) {
  const Settings::Server& server = exchange.core.services.settings.server;
  std::string origin = server.public_url;
  while (origin.ends_with('/')) origin.pop_back();
  const std::string_view host = exchange.request.header("host");
  if (origin.empty() && !host.empty()) {
    origin = fmt::format("{}://{}", server.tls_certificate.empty() ? "http" : "https", host);
  }
  return fmt::format("{}{}", origin, path);
}

}  // namespace evidenced::api
