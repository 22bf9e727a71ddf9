#include "api/console/cookie.hpp"

#include "storage/session_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::api {
namespace {

constexpr std::string_view secure_name = "__Host-evidenced";
constexpr std::string_view plain_name = "evidenced";

/// Calls `on_cookie(name, value)` for each pair of a `Cookie` field.
template <class F>
void each_cookie(std::string_view field, F on_cookie) {
  while (!field.empty()) {
    const std::size_t end = std::min(field.find(';'), field.size());
    std::string_view pair = field.substr(0, end);
    field.remove_prefix(std::min(end + 1, field.size()));
    pair.remove_prefix(std::min(pair.find_first_not_of(" \t"), pair.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    on_cookie(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
  }
}

}  // namespace

bool reached_by_tls(const Settings::Server& server) {
  return !server.tls_certificate.empty() || server.behind_proxy ||
         server.public_url.starts_with("https://");
}

std::string_view session_cookie_name(const Settings::Server& server) {
  return reached_by_tls(server) ? secure_name : plain_name;
}

SessionCookie read_session_cookie(const Request& request, const Settings::Server& server) {
  const std::string_view wanted = session_cookie_name(server);
  SessionCookie cookie;
  for (const auto& [name, value] : request.headers) {
    if (name != "cookie") continue;
    each_cookie(value, [&](std::string_view key, std::string_view secret) {
      if (key != wanted) return;
      // Of two nobody knows which one the console set.
      const bool usable = !cookie.sent && storage::session_secret_well_formed(secret);
      cookie.secret = usable ? secret : std::string_view();
      cookie.sent = true;
    });
  }
  return cookie;
}

bool claims_session(std::string_view cookie_field) {
  bool claims = false;
  each_cookie(cookie_field, [&](std::string_view key, std::string_view secret) {
    const bool ours = key == secure_name || key == plain_name;
    claims = claims || (ours && storage::session_secret_well_formed(secret));
  });
  return claims;
}

std::string set_session_cookie(const Settings::Server& server, std::string_view secret,
                               std::chrono::seconds life) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}",
                     session_cookie_name(server), secret, life.count(),
                     reached_by_tls(server) ? "; Secure" : "");
}

}  // namespace evidenced::api
