#include "api/api.hpp"

#include "api/core.hpp"
#include "api/etag.hpp"
#include "api/exchange.hpp"
#include "api/intake.hpp"
#include "api/limits.hpp"
#include "api/openapi.hpp"
#include "config/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace evidenced::api {
namespace {

/// A request that may be a copy of an earlier one is told by everything that makes its effect.
std::string fingerprint_of(const Exchange& exchange) {
  const Request& request = exchange.request;
  std::string bytes =
      fmt::format("{} {}\n{}", method_name(request.method), request.target, request.body);
  std::string fingerprint =
      storage::to_hex(exchange.core.services.vault.peppered("idempotency", bytes));
  wipe(bytes);  // a body may have a token
  return fingerprint;
}

/// Finds the route, or says what there is instead.
Result<void> find_route(Exchange& exchange) {
  Match match = match_route(exchange.request.method, exchange.path());
  if (match.allowed.empty()) return not_found();
  if (match.route == nullptr) {
    exchange.headers.emplace_back("Allow", allow_header(match));
    return fail("request.method", "Allowed are " + allow_header(match));
  }
  exchange.route = match.route;
  exchange.ids = std::move(match.ids);
  return {};
}

Task<Result<Response>> answer(Call call) {
  Exchange& exchange = *call;
  if (key_in_target(exchange.request.target)) co_return fail("auth.key_in_url");
  Result<void> routed = find_route(exchange);
  if (exchange.request.method == Method::options && exchange.route == nullptr &&
      !exchange.headers.empty()) {
    co_return exchange.reply(204);
  }
  if (!routed) co_return fail(routed);
  const Route& route = *exchange.route;
  Result<void> admitted = co_await admit(call);
  if (!admitted) co_return fail(admitted);
  Result<Query> query = Query::read(query_of(exchange.request.target), route.parameters);
  if (!query) co_return fail(query);
  exchange.query = std::move(*query);
  Result<std::string_view> media =
      choose_media(exchange.request.list_header("accept"), route.media);
  if (!media) co_return fail(media);
  exchange.media = *media;
  if (!exchange.request.header("idempotency-key").empty()) {
    exchange.fingerprint = fingerprint_of(exchange);
  }
  Result<void> read = read_body(exchange);
  if (!read) co_return fail(read);
  Result<std::optional<Response>> replay = co_await find_replay(call);
  if (!replay) co_return fail(replay);
  if (*replay) co_return std::move(**replay);
  co_return co_await route.handler(call);
}

std::string_view header_of(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

/// ETag, and 304 where the client has the answer already.
void apply_etag(Exchange& exchange, Response& response) {
  const Route* route = exchange.route;
  const bool reads =
      exchange.request.method == Method::get || exchange.request.method == Method::head;
  if (route == nullptr || !reads || response.status != 200 || response.stream) return;
  if (header_of(response, "ETag").empty()) {
    if (route->shape == Shape::none) return;
    response.set("ETag", body_etag(response.body, route->shape == Shape::list));
  }
  const std::string known = exchange.request.list_header("if-none-match");
  if (known.empty() || !names_etag(known, header_of(response, "ETag"))) return;
  response.status = 304;
  response.drop_bytes();
  std::erase_if(response.headers,
                [](const auto& header) { return header.first == "Content-Type"; });
  if (exchange.key) exchange.core.key_quota.give_back(exchange.key->key.id);
}

void finish(Exchange& exchange, Response& response) {
  apply_etag(exchange, response);
  if (header_of(response, "X-Content-Type-Options").empty()) {
    response.set("X-Content-Type-Options", "nosniff");
  }
  if (header_of(response, "Cache-Control").empty()) response.set("Cache-Control", "no-store");
  std::ranges::move(exchange.headers, std::back_inserter(response.headers));
  const std::string_view operation =
      exchange.route == nullptr ? "unknown" : exchange.route->operation;
  exchange.core.metrics.count_request(operation, response.status,
                                      exchange.core.services.clock.steady() - exchange.began);
}

/// Answers that failed by an exception are bugs: the client gets the request id, the log the rest.
Error bug(const Exchange& exchange, std::string_view what) {
  log::error("request failed",
             {{"request_id", exchange.request.request_id},
              {"operation",
               exchange.route == nullptr ? std::string_view("unknown") : exchange.route->operation},
              {"what", what}});
  Error error;
  error.code = "internal.error";
  return error;
}

Task<Result<Response>> guarded_answer(Call call) {
  try {
    co_return co_await answer(call);
  } catch (const std::exception& exception) {
    co_return std::unexpected(bug(*call, exception.what()));
  } catch (...) {
    co_return std::unexpected(bug(*call, "not an exception"));
  }
}

/// A remedy and the causes it speaks of, in a line.
std::string remedy_in_a_line(const Error& error) {
  std::string text(error.code.problem().remedy);
  std::ranges::replace(text, '\n', ' ');
  for (const Cause& cause : error.causes) {
    text += fmt::format(" ({}: {})", cause.likelihood, cause.text);
  }
  return text;
}

/// What a person did wrong is worth a line at the usual level, what a client did wrong is not.
void log_refusal(const Exchange& call, int status, const Error& error) {
  const bool of_a_person = status == 409 || status == 422;
  const log::Level level = status >= 500 ? log::Level::warning
                           : of_a_person ? log::Level::info
                                         : log::Level::debug;
  log::write(level, "request refused",
             {{"request_id", call.request.request_id},
              {"status", status},
              {"code", error.code.text()},
              {"detail", error.detail},
              {"remedy", remedy_in_a_line(error)}});
}

}  // namespace

Core::Core(Services all)
    : services(all),
      authenticator(all.database, all.vault, all.clock),
      sessions(all.database, all.vault, all.clock),
      hooks(all.database, all.vault, all.clock),
      key_quota(all.settings.server.requests_per_second,
                std::int64_t{4} * all.settings.server.requests_per_second),
      anonymous_quota(limits::anonymous_per_second, limits::anonymous_burst),
      openapi(write_openapi(schemas)),
      started_at(all.clock.now()),
      started(all.clock.steady()) {}

struct Api::State {
  explicit State(Services services) : core(services) {}
  Core core;
};

Api::Api(Services services) : state_(std::make_unique<State>(services)) {}
Api::~Api() = default;

Task<Response> Api::handle(Request request, std::string buffer) {
  auto call = std::make_shared<Exchange>(state_->core, std::move(request), std::move(buffer));
  Result<Response> result = co_await guarded_answer(call);
  Response response;
  if (result) {
    response = std::move(*result);
  } else {
    response = problem_response(result.error(), call->request.request_id,
                                instance_of(call->request.target));
    log_refusal(*call, response.status, result.error());
  }
  finish(*call, response);
  co_return response;
}

Result<std::size_t> Api::body_limit(Method method, std::string_view target) const {
  const Match match = match_route(method, path_of(target));
  if (match.allowed.empty()) return not_found();
  if (match.route == nullptr && method != Method::options) {
    return fail("request.method", "Allowed are " + allow_header(match));
  }
  return match.route == nullptr ? 0 : body_limit_of(*match.route);
}

bool Api::has_own_quota(Method method, std::string_view target) {
  const Match match = match_route(method, path_of(target));
  return match.route != nullptr && match.route->own_quota;
}

void Api::drain() {
  state_->core.draining = true;
}

}  // namespace evidenced::api
