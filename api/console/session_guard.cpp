#include "api/console/session_guard.hpp"

#include "api/console/cookie.hpp"
#include "api/core.hpp"
#include "config/ascii.hpp"
#include "storage/session_store.hpp"

#include <boost/url/parse.hpp>

namespace evidenced::api {
namespace {

/// Scheme, host and port of a URL, as browsers write them in Origin.
std::string origin_of(const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  return parsed.has_value() ? to_lower(std::string(parsed->encoded_origin())) : "";
}

/// Below `server.public_url`, or at the host that the request was sent to, which the request guard
/// has found to be one of ours.
bool is_our_origin(const Exchange& exchange, std::string_view origin) {
  const Settings::Server& server = exchange.core.services.settings.server;
  const std::string given = to_lower(origin);
  if (!server.public_url.empty() && given == origin_of(server.public_url)) return true;
  const std::string host = to_lower(exchange.request.header("host"));
  if (host.empty()) return false;
  // A proxy on this machine may speak to browsers by TLS and to us without.
  const bool plain = server.tls_certificate.empty() && given == "http://" + host;
  return plain || (reached_by_tls(server) && given == "https://" + host);
}

bool changes_something(const Request& request) {
  return request.method != Method::get && request.method != Method::head &&
         request.method != Method::options;
}

Result<void> check_page(const Exchange& exchange) {
  const SentFrom from = sent_from(exchange);
  if (from == SentFrom::elsewhere) {
    return fail("session.csrf", "The request was sent by a page of another site");
  }
  if (from == SentFrom::unsaid && changes_something(exchange.request)) {
    return fail("session.csrf", "The request does not say which page sent it: Origin is missing");
  }
  return {};
}

Result<void> check_token(const Exchange& exchange, std::string_view secret) {
  if (!changes_something(exchange.request)) return {};
  const std::string_view shown = exchange.request.header("x-csrf-token");
  if (shown.empty()) return fail("session.csrf", "X-CSRF-Token is missing");
  const std::string expected = storage::csrf_token(secret, exchange.core.services.vault);
  if (!storage::equal_constant_time(shown, expected)) {
    return fail("session.csrf", "X-CSRF-Token is not that of the session");
  }
  return {};
}

/// The session of the cookie. `cookie` is what the request sent.
Task<Result<storage::SignedIn>> find_signed_in(Call call, SessionCookie cookie) {
  if (cookie.secret.empty()) co_return fail("session.ended", "The session cookie cannot be used");
  Core& core = call->core;
  std::string peer = call->request.peer_address;
  auto found =
      co_await core.sessions.open(std::move(cookie.secret), std::move(peer), core.anonymous_quota);
  co_return found;
}

SessionCookie cookie_of(const Exchange& exchange) {
  return read_session_cookie(exchange.request, exchange.core.services.settings.server);
}

}  // namespace

SentFrom sent_from(const Exchange& exchange) {
  const Request& request = exchange.request;
  SentFrom from = SentFrom::unsaid;
  if (request.has("origin")) {
    if (!is_our_origin(exchange, request.list_header("origin"))) return SentFrom::elsewhere;
    from = SentFrom::our_page;
  }
  const std::string site = request.list_header("sec-fetch-site");
  if (site == "same-origin") return SentFrom::our_page;
  // "none": a person typed the address.
  return site.empty() || site == "none" ? from : SentFrom::elsewhere;
}

bool uses_session(const Exchange& exchange) {
  return !exchange.request.has("authorization") && cookie_of(exchange).sent;
}

Task<Result<void>> admit_session(Call call) {
  Exchange& exchange = *call;
  Result<void> page = check_page(exchange);
  if (!page) co_return page;
  const SessionCookie cookie = cookie_of(exchange);
  Result<storage::SignedIn> found = co_await find_signed_in(call, cookie);
  if (!found) co_return fail(found);
  Result<void> token = check_token(exchange, cookie.secret);
  if (!token) co_return token;
  exchange.key = found->owner;
  exchange.session = found->session;
  const Timestamp used = co_await exchange.core.sessions.note_use(std::move(*found), cookie.secret);
  exchange.session->last_used_at = used;
  co_return Result<void>();
}

Task<Result<void>> check_session_again(Call call) {
  Result<storage::SignedIn> found = co_await find_signed_in(call, cookie_of(*call));
  if (!found) co_return fail(found);
  co_return Result<void>();
}

}  // namespace evidenced::api
