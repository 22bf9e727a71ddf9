#pragma once

#include "api/message.hpp"
#include "config/settings.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace evidenced::api {

// The cookie of a session (RFC 6265bis).

/// Whether browsers reach this server by TLS, its own or that of a proxy: only then do they keep a
/// cookie that is `Secure`.
bool reached_by_tls(const Settings::Server& server);

/// "__Host-evidenced": no other host or path can have set it. Over plain HTTP, which no address but
/// the loopback speaks, browsers take no such name: "evidenced".
std::string_view session_cookie_name(const Settings::Server& server);

/// What a request says of its session.
struct SessionCookie {
  bool sent = false;
  std::string secret;  ///< "" when there is more than one, or what no session can have
};
SessionCookie read_session_cookie(const Request& request, const Settings::Server& server);

/// Whether a `Cookie` field looks as if it held a session: who shows one is not anonymous, and held
/// back by the look-up of the session if it is made up.
bool claims_session(std::string_view cookie_field);

/// The value of Set-Cookie: `secret` for so long; "" and 0 take the cookie away.
std::string set_session_cookie(const Settings::Server& server, std::string_view secret,
                               std::chrono::seconds life);

}  // namespace evidenced::api
