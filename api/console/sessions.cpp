#include "api/console/cookie.hpp"
#include "api/console/session_guard.hpp"
#include "api/exchange.hpp"
#include "api/keys/rights.hpp"
#include "api/own_url.hpp"
#include "config/log.hpp"
#include "config/version.hpp"
#include "storage/session_store.hpp"

#include <fmt/format.h>

namespace evidenced::api {
namespace {

using storage::AuthenticatedKey;
using storage::NewSession;
using storage::SignedIn;

/// What somebody signs in with: one of them.
struct SignIn {
  Secret key;
  Secret code;
};

SignIn take_sign_in(Json& body) {
  SignIn shown;
  if (Json* key = body.find("key")) shown.key = Secret(std::exchange(key->text, {}));
  if (Json* code = body.find("code")) shown.code = Secret(std::exchange(code->text, {}));
  return shown;
}

void write_session(Exchange& exchange, const SignedIn& signed_in, std::string_view secret) {
  JsonOut json(exchange.buffer);
  json.begin_object();
  json.key("principal");
  write_principal(json, signed_in.owner);
  json.member("csrf_token", storage::csrf_token(secret, exchange.core.services.vault));
  json.member("expires_at", signed_in.session.expires_at);
  json.member("idle_expires_at", signed_in.session.idle_expires_at());
  json.member("version", version);
  json.end_object();
}

/// The session that the browser had before, which ends when it gets another one.
Task<std::optional<SignedIn>> former_session(Call call) {
  Core& core = call->core;
  SessionCookie cookie = read_session_cookie(call->request, core.services.settings.server);
  if (cookie.secret.empty()) co_return std::nullopt;
  std::string peer = call->request.peer_address;
  Result<SignedIn> found =
      co_await core.sessions.open(std::move(cookie.secret), std::move(peer), core.anonymous_quota);
  if (!found) co_return std::nullopt;
  co_return std::move(*found);
}

/// The owner of the key that was shown; nullopt where a code was shown in its place, which is
/// looked up where it is used up.
Task<Result<std::optional<AuthenticatedKey>>> owner_shown(Call call, std::string key) {
  Core& core = call->core;
  std::string peer = call->request.peer_address;
  if (key.empty()) {
    const Result<void> admitted = core.sessions.admit_code(peer, core.anonymous_quota);
    if (!admitted) co_return fail(admitted);
    co_return std::optional<AuthenticatedKey>();
  }
  std::string authorization = "Bearer " + key;
  wipe(key);
  auto found = co_await core.authenticator.authenticate(std::move(authorization), std::move(peer),
                                                        core.anonymous_quota);
  if (!found) co_return fail(found);
  co_return std::optional<AuthenticatedKey>(std::move(*found));
}

Task<Result<NewSession>> make_session(Call call, SignIn shown) {
  Exchange& exchange = *call;
  Core& core = exchange.core;
  const storage::Vault& vault = core.services.vault;
  std::string key(shown.key.reveal());
  auto owner = co_await owner_shown(call, std::move(key));
  if (!owner) co_return fail(owner);
  const std::optional<SignedIn> former = co_await former_session(call);
  auto work = [&](storage::Connection& connection) -> Result<NewSession> {
    std::optional<AuthenticatedKey> who = *owner;
    if (!who) {
      auto linked = storage::use_sign_in_link(connection, shown.code.reveal(), vault, exchange.now);
      if (!linked) return fail(linked);
      who = std::move(*linked);
    }
    if (former) storage::end_session(connection, *former, "replaced", exchange.now);
    return storage::create_session(connection, *who, vault, exchange.now, core.services.random);
  };
  Result<NewSession> made = co_await writing(call, std::move(work));
  const std::string& peer = exchange.request.peer_address;
  const bool wrong_code = !made && made.error().code == Code("session.link_invalid");
  if (wrong_code) core.sessions.refused_code(peer);
  if (!*owner && !wrong_code) core.anonymous_quota.give_back(peer);
  if (!made) co_return made;
  if (former || made->ended_others) core.sessions.forget();
  core.sessions.remember(made->secret.reveal(), made->signed_in);
  co_return made;
}

void log_session(const Exchange& exchange, std::string_view what, const SignedIn& signed_in) {
  log::info(what, {{"session_id", signed_in.session.id},
                   {"key_id", signed_in.owner.key.id},
                   {"key", signed_in.owner.key.name},
                   {"address", exchange.request.peer_address}});
}

Result<SignIn> read_sign_in(Exchange& exchange) {
  if (sent_from(exchange) == SentFrom::elsewhere) {
    return fail("session.csrf", "The request was sent by a page of another site");
  }
  SignIn shown = take_sign_in(exchange.body);
  if (shown.key.empty() == shown.code.empty()) {
    return fail("request.invalid_field", "Send either key or code");
  }
  return shown;
}

/// Strangers reach this: a line in the log, no event, which would push others out of the feed.
Task<Result<Response>> sign_in(Call call) {
  Exchange& exchange = *call;
  Result<SignIn> shown = read_sign_in(exchange);
  if (!shown) co_return fail(shown);
  Result<NewSession> made = co_await make_session(call, std::move(*shown));
  if (!made) {
    log::info("sign-in refused",
              {{"code", made.error().code.text()}, {"address", exchange.request.peer_address}});
    co_return fail(made);
  }
  log_session(exchange, "signed in", made->signed_in);
  write_session(exchange, made->signed_in, made->secret.reveal());
  Response response = exchange.reply(201);
  response.set("Location", "/ui/session");
  response.set("Set-Cookie", set_session_cookie(exchange.core.services.settings.server,
                                                made->secret.reveal(), storage::session_life));
  co_return response;
}

std::unexpected<Error> no_session() {
  return fail("resource.not_found", "A request with an API key has no session");
}

/// A page asks before anybody has signed in: that nobody has is an answer, no error.
Task<Result<Response>> get_session(Call call) {
  Exchange& exchange = *call;
  if (exchange.request.has("authorization")) co_return no_session();
  if (!uses_session(exchange)) co_return exchange.reply(204);
  Result<void> admitted = co_await admit_session(call);
  if (!admitted) co_return fail(admitted);
  const Settings::Server& server = exchange.core.services.settings.server;
  const SessionCookie cookie = read_session_cookie(exchange.request, server);
  write_session(exchange, {*exchange.key, *exchange.session}, cookie.secret);
  co_return exchange.reply(200);
}

Task<Result<Response>> sign_out(Call call) {
  Exchange& exchange = *call;
  if (!exchange.session) co_return no_session();
  const SignedIn signed_in{*exchange.key, *exchange.session};
  auto work = [&](storage::Connection& connection) -> Result<void> {
    storage::end_session(connection, signed_in, "signed_out", exchange.now);
    return {};
  };
  Result<void> ended = co_await writing(call, std::move(work));
  if (!ended) co_return fail(ended);
  exchange.core.sessions.forget();
  log_session(exchange, "signed out", signed_in);
  Response response = exchange.reply(204);
  response.set("Set-Cookie", set_session_cookie(exchange.core.services.settings.server, "",
                                                std::chrono::seconds(0)));
  co_return response;
}

void write_link(JsonOut& json, const storage::SignInLink& link, const std::string& url) {
  json.begin_object();
  json.text_or_null("url", url);
  json.member("expires_at", link.expires_at);
  json.end_object();
}

Task<Result<Response>> create_link(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    const Services& services = exchange.core.services;
    const storage::SignInLink link = storage::create_sign_in_link(
        connection, *exchange.key, services.vault, exchange.now, services.random);
    JsonOut json(exchange.buffer);
    // Behind the #: no browser sends it in a request, so it is in no log and no Referer.
    write_link(json, link,
               own_url(exchange, fmt::format("/ui/sign-in#code={}", link.code.reveal())));
    Response response = exchange.reply(201);
    std::string stored;
    JsonOut without(stored);
    write_link(without, link, "");
    Result<void> remembered = exchange.remember(connection, response, stored);
    if (!remembered) return fail(remembered);
    log::info("sign-in link made", {{"link_id", link.id},
                                    {"key_id", exchange.key->key.id},
                                    {"key", exchange.key->key.name},
                                    {"address", exchange.request.peer_address}});
    return response;
  };
  co_return co_await writing(call, std::move(work));
}

constexpr std::string_view console_tag = "console";
constexpr int sign_in_problems[] = {401, 403};
constexpr int session_problems[] = {404};
constexpr int reading_problems[] = {401, 403, 404};
constexpr OtherAnswer nobody[] = {{204, ""}};

const Route console_route_table[] = {
    {.method = Method::post,
     .pattern = "/ui/session",
     .operation = "sign_in",
     .tag = console_tag,
     .summary = "Sign in to the console",
     .description = "With an API key, or with the code of a sign-in link. The answer sets the "
                    "cookie of a new session, which has the rights of the key: 8 hours without "
                    "use, or 24 hours, end it, and so does the end of its key. A session that the "
                    "request brings ends.",
     .roles = open_to_all,
     .handler = sign_in,
     .status = 201,
     .answer = "ConsoleSession",
     .body = "SignIn",
     .body_required = true,
     .problems = sign_in_problems},
    {.method = Method::get,
     .pattern = "/ui/session",
     .operation = "get_session",
     .tag = console_tag,
     .summary = "Read the session of the cookie",
     .description =
         "204 when no cookie is sent; 401 when its session is over. 404 for who sends an "
         "API key.",
     .roles = open_to_all,
     .handler = get_session,
     .answer = "ConsoleSession",
     .problems = reading_problems,
     .others = nobody},
    {.method = Method::delete_,
     .pattern = "/ui/session",
     .operation = "sign_out",
     .tag = console_tag,
     .summary = "Sign out: the session ends at once",
     .handler = sign_out,
     .status = 204,
     .problems = session_problems},
    {.method = Method::post,
     .pattern = "/v1/sign-in-links",
     .operation = "create_sign_in_link",
     .tag = console_tag,
     .summary = "Make a link that signs in to the console",
     .description = "With the rights of the key that asks; once, and within 5 minutes.",
     .handler = create_link,
     .status = 201,
     .answer = "SignInLink"},
};

}  // namespace

std::span<const Route> console_routes() {
  return console_route_table;
}

}  // namespace evidenced::api
