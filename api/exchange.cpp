#include "api/exchange.hpp"

#include "api/console/session_guard.hpp"
#include "api/limits.hpp"
#include "config/secret.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace evidenced::api {

Exchange::Exchange(Core& owner, Request received, std::string reuse)
    : core(owner),
      request(std::move(received)),
      buffer(std::move(reuse)),
      now(owner.services.clock.now()),
      began(owner.services.clock.steady()) {
  buffer.clear();
}

Exchange::~Exchange() {
  wipe(request.body);
  if (!in_flight.empty()) core.requests_in_flight.erase(in_flight);
}

bool Exchange::has_role(Roles roles) const {
  return key && std::ranges::any_of(key->key.roles, [&](storage::Role role) {
           return (role_bit(role) & roles) != 0;
         });
}

bool Exchange::sees_source(std::string_view id) const {
  const auto& allowed = key->key.source_ids;
  return allowed.empty() || std::ranges::find(allowed, id) != allowed.end();
}

Response Exchange::reply(int status) {
  Response response;
  response.status = status;
  response.body = std::move(buffer);
  if (!response.body.empty()) response.set("Content-Type", std::string(json_media));
  return response;
}

/// What a replay says again.
constexpr std::array<std::string_view, 4> kept_headers = {"ETag", "Location", "Link",
                                                          "Retry-After"};

Result<void> Exchange::remember(storage::Connection& connection, const Response& response,
                                std::string_view stored_body) const {
  if (idempotency_key.empty()) return {};
  storage::IdempotencyRecord record;
  record.key_id = key->key.id;
  record.idempotency_key = idempotency_key;
  record.method_path = fmt::format("{} {}", method_name(request.method), path());
  record.fingerprint = fingerprint;
  record.status = response.status;
  record.body = stored_body;
  record.created_at = now;
  JsonOut kept(record.headers);
  kept.begin_object();
  for (const auto& [name, value] : response.headers) {
    if (std::ranges::find(kept_headers, name) != kept_headers.end()) kept.member(name, value);
  }
  kept.end_object();
  return storage::store_idempotency(connection, record);
}

std::unexpected<Error> not_found() {
  return fail("resource.not_found");
}

Result<void> take_wait(Exchange& exchange, std::optional<Places::Place>& place) {
  if (!place) place = exchange.core.waits.take(exchange.key->key.id);
  if (place) return {};
  return fail("quota.exceeded",
              fmt::format("A key has at most {} requests that wait at once", limits::waits));
}

Task<Result<void>> check_key_again(Call call) {
  if (call->session) {
    Result<void> there = co_await check_session_again(call);
    co_return there;
  }
  std::string authorization(call->request.header("authorization"));
  std::string peer = call->request.peer_address;
  Core& core = call->core;
  auto key = co_await core.authenticator.authenticate(std::move(authorization), std::move(peer),
                                                      core.anonymous_quota);
  if (!key) co_return fail(key);
  co_return Result<void>();
}

Task<bool> is_cancelled() {
  const boost::asio::cancellation_state state = co_await boost::asio::this_coro::cancellation_state;
  co_return state.cancelled() != boost::asio::cancellation_type::none;
}

namespace {

CursorScope scope_of(const Exchange& exchange, std::string_view filters) {
  return {exchange.tenant().id(), exchange.path(), filters};
}

}  // namespace

Result<Paging> read_paging(const Exchange& exchange) {
  Paging paging;
  const std::int64_t limit = exchange.query.count("limit").value_or(limits::page_default);
  paging.limit = static_cast<int>(std::min(limit, limits::page_maximum));
  if (!exchange.query.has("cursor")) return paging;
  const std::string filters = exchange.query.filters();
  Result<Position> position = read_cursor(exchange.core.services.vault, scope_of(exchange, filters),
                                          exchange.query.text("cursor"), exchange.now);
  if (!position) return fail(position);
  paging.position = std::move(*position);
  paging.first = false;
  return paging;
}

void write_paging(const Exchange& exchange, JsonOut& json, Response& response, const Paging& paging,
                  std::string_view last) {
  const bool more = !last.empty();
  std::string next;
  if (more) {
    const std::string filters = exchange.query.filters();
    // Whole hours: the same page asked for twice is the same answer, cursor included.
    const Timestamp made_at = std::chrono::floor<std::chrono::hours>(exchange.now);
    Position position{std::string(last), paging.position.as_of_seq, made_at};
    const std::string cursor =
        make_cursor(exchange.core.services.vault, scope_of(exchange, filters), position);
    next = fmt::format("{}?{}{}limit={}&cursor={}", exchange.path(), filters,
                       filters.empty() ? "" : "&", paging.limit, cursor);
    response.set("Link", fmt::format("<{}>; rel=\"next\"", next));
  }
  json.text_or_null("next", next);
  json.member("has_more", more);
  json.member("as_of_seq", paging.position.as_of_seq);
}

}  // namespace evidenced::api
