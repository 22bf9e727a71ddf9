#include "server/session.hpp"

#include "api/console/cookie.hpp"
#include "api/target.hpp"
#include "config/log.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

namespace evidenced::server {

namespace asio = boost::asio;

namespace {

/// Answered even when memory is short, and without a key from this machine as often as it likes.
constexpr std::array vital_paths =
    std::to_array<std::string_view>({"/livez", "/readyz", "/metrics"});

bool is_vital(std::string_view path) {
  return std::ranges::find(vital_paths, path) != vital_paths.end();
}

/// Whether a request claims to hold a key or a session: what has none is limited by address, what
/// has one by the key (and a false one by the throttle of failed authentication).
bool claims_key(const RequestHead& head) {
  const std::string_view authorization = head.header("authorization");
  if (authorization.starts_with("Bearer ev_") && authorization.size() >= 40) return true;
  return authorization.empty() && std::ranges::any_of(head.headers, [](const auto& field) {
           return field.first == "cookie" && api::claims_session(field.second);
         });
}

/// RFC 9110, 9.3.7: what every resource may be asked.
api::Response options_of_the_server() {
  api::Response response;
  response.status = 204;
  response.set("Allow", std::string(allowed_methods));
  return response;
}

Error wait_error(Code code, std::string detail, int seconds) {
  Error error;
  error.code = code;
  error.detail = std::move(detail);
  error.retry_after_seconds = seconds;
  return error;
}

}  // namespace

Session::Session(Exchange& exchange, std::unique_ptr<Stream> stream, Peer peer)
    : exchange_(exchange),
      channel_(std::move(stream), exchange.limits, exchange.clock),
      reader_(exchange.limits),
      peer_(std::move(peer)) {}

bool Session::due(SteadyTime now) {
  const bool before = channel_.expired();
  const bool due = channel_.due(now);
  if (due && !before) ++exchange_.counters.expired;
  return due;
}

bool Session::abandoned() {
  const bool reads = turn_.method == "GET" || turn_.method == "HEAD";
  if (!reads || turn_.abandoned || channel_.phase() != Phase::handler) return false;
  turn_.abandoned = channel_.peer_gone();
  if (turn_.abandoned) ++exchange_.counters.abandoned;
  return turn_.abandoned;
}

bool Session::retire() {
  if (!waiting_since() || reader_.has_bytes()) return false;
  channel_.expire();
  return true;
}

std::optional<SteadyTime> Session::waiting_since() const {
  const Phase phase = channel_.phase();
  const bool waits = phase == Phase::handshake || phase == Phase::idle || phase == Phase::header ||
                     phase == Phase::linger;
  return waits ? std::optional(channel_.since()) : std::nullopt;
}

Task<void> Session::run() {
  // A cancelled wait is an answer to write, not an exception.
  co_await asio::this_coro::throw_if_cancelled(false);
  bool go_on = co_await channel_.handshake();
  while (go_on) go_on = co_await serve_one();
  co_await channel_.finish(refused_ || reader_.has_bytes());
}

Task<bool> Session::serve_one() {
  turn_ = Turn{};
  // What ended a wait of the last request is not meant for this one.
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  const Result<bool> arrived = co_await read_head();
  if (!arrived) {
    const bool alive = co_await refuse(arrived.error());
    co_return alive;
  }
  if (!*arrived) co_return false;
  begin_turn();
  Result<Admission> admission = exchange_.guard.admit(reader_.parsed_head(), peer_.local);
  if (!admission) {
    const bool alive = co_await refuse(admission.error());
    co_return alive;
  }
  const bool alive = co_await serve_admitted(std::move(*admission));
  co_return alive;
}

/// True: there is a head. False: the connection ended between requests.
Task<Result<bool>> Session::read_head() {
  const bool first = requests_ == 0;
  bool begun = reader_.has_bytes();
  channel_.enter(begun || first ? Phase::header : Phase::idle);
  for (;;) {
    Result<bool> head = reader_.head();
    if (!head || *head) co_return head;
    if (exchange_.draining && !reader_.has_bytes()) co_return false;
    const asio::mutable_buffer room = reader_.room();
    const std::size_t bytes = co_await channel_.read(room);
    if (bytes == 0) {
      const bool late = channel_.expired() && !channel_.broken() && reader_.has_bytes();
      if (late) co_return fail("request.timeout", "The header did not arrive in time.");
      co_return false;
    }
    reader_.commit(bytes);
    if (!begun && !first) channel_.enter(Phase::header);
    begun = true;
  }
}

void Session::begin_turn() {
  const RequestHead& head = reader_.parsed_head();
  turn_.id = exchange_.ids.next(exchange_.clock.now());
  turn_.begin = exchange_.clock.steady();
  turn_.version = head.version;
  turn_.method = head.method;
  turn_.path = head.target.substr(0, head.target.find('?'));
  turn_.instance = api::instance_of(head.target);
  turn_.head_only = head.method == "HEAD";
  std::string forwarded;
  for (const auto& [name, value] : head.headers) {
    if (name == "x-forwarded-for") forwarded += (forwarded.empty() ? "" : ",") + value;
  }
  turn_.client = exchange_.proxies.client(peer_.remote, forwarded);
}

/// Whether the client is on this machine. A proxy on this machine that we were not told about gives
/// itself away by its fields.
bool Session::from_loopback() const {
  if (!turn_.client.is_loopback()) return false;
  const RequestHead& head = reader_.parsed_head();
  const bool forwarded =
      !head.header("x-forwarded-for").empty() || !head.header("forwarded").empty();
  return !forwarded || exchange_.proxies.trusts(peer_.remote);
}

Task<bool> Session::serve_admitted(Admission admission) {
  turn_.close = !admission.keep_alive;
  turn_.path = admission.target.substr(0, admission.target.find('?'));
  turn_.instance = api::instance_of(admission.target);
  std::optional<Error> refusal = overload(admission);
  const Result<std::size_t> limit = body_limit(admission);
  if (!refusal && !limit) refusal = limit.error();
  if (refusal) {
    // What has a body that nobody reads cannot be followed by a request.
    const bool unread = admission.chunked || admission.body_length > 0;
    if (!unread) reader_.next();
    turn_.close = turn_.close || unread;
    refused_ = unread;
    api::Response answer = problem(*refusal);
    const bool alive = co_await reply(std::move(answer));
    co_return alive;
  }
  reader_.begin_body(*limit);
  if (admission.expects_continue && !reader_.has_bytes()) {
    const bool sent = co_await channel_.write("HTTP/1.1 100 Continue\r\n\r\n");
    if (!sent) co_return false;
  }
  const Result<void> body = co_await read_body();
  if (!body) {
    const bool alive = co_await refuse(body.error());
    co_return alive;
  }
  api::Request request = make_request(admission);
  reader_.next();
  api::Response response = co_await ask(std::move(request));
  const bool alive = co_await reply(std::move(response));
  co_return alive;
}

std::optional<Error> Session::overload(const Admission& admission) {
  const std::string_view path = turn_.path;
  if (exchange_.shedding && !is_vital(path)) {
    return wait_error("capacity.reduced", "Memory is short.", 5);
  }
  if (claims_key(reader_.parsed_head())) return std::nullopt;
  if (is_vital(path) && from_loopback()) return std::nullopt;
  const auto& own_quota = exchange_.handler.own_quota;
  if (own_quota && own_quota(admission.method, admission.target)) return std::nullopt;
  const int wait = exchange_.anonymous.take(client_key(turn_.client), exchange_.clock.steady());
  if (wait == 0) return std::nullopt;
  return wait_error("quota.exceeded", "Too many requests without an API key from this address.",
                    wait);
}

Result<std::size_t> Session::body_limit(const Admission& admission) const {
  const std::size_t ignored = exchange_.limits.ignored_body;
  if (ignores_body(admission.method)) return ignored;
  if (!admission.chunked && admission.body_length == 0) return std::size_t{0};
  const Result<BodyRule> rule = exchange_.handler.body_rule(admission.method, admission.target);
  if (!rule) {
    // A small body is read all the same, so that the handler says what is wrong.
    const bool small = !admission.chunked && admission.body_length <= ignored;
    if (small && !admission.expects_continue) return ignored;
    return fail(rule);
  }
  if (admission.chunked && !rule->chunked) return fail("request.length_required");
  if (admission.body_length > rule->limit) {
    return fail("request.too_large", fmt::format("The limit is {} bytes.", rule->limit));
  }
  return rule->limit;
}

Task<Result<void>> Session::read_body() {
  channel_.enter(Phase::body);
  for (;;) {
    const Result<bool> done = reader_.body();
    if (!done) co_return fail(done);
    if (*done) co_return Result<void>();
    const asio::mutable_buffer room = reader_.room();
    const std::size_t bytes = co_await channel_.read(room);
    if (bytes == 0) co_return fail("request.timeout", "The body did not arrive in time.");
    reader_.commit(bytes);
  }
}

api::Request Session::make_request(const Admission& admission) {
  api::Request request;
  request.method = admission.method;
  request.target = admission.target;
  request.body = reader_.take_body();
  if (ignores_body(admission.method)) request.body.clear();
  request.peer_address = client_name(turn_.client);
  request.peer_is_loopback = from_loopback();
  request.request_id = turn_.id;
  request.headers = reader_.take_headers();
  return request;
}

Task<api::Response> Session::ask(api::Request request) {
  if (request.target == "*") co_return options_of_the_server();
  channel_.enter(Phase::handler);
  std::string failure;
  try {
    std::string buffer = exchange_.buffers.take();
    api::Response response =
        co_await exchange_.handler.handle(std::move(request), std::move(buffer));
    // A handler that was cancelled may only know that something went wrong.
    if (!channel_.expired() || response.status != 500) co_return response;
  } catch (const std::exception& error) {
    failure = error.what();
  } catch (...) {
    failure = "an exception that is no std::exception";
  }
  Error answer;
  if (channel_.expired()) {
    answer.code = "query.timeout";
  } else {
    ++exchange_.counters.exceptions;
    log::error("handler failed", {{"request_id", turn_.id}, {"error", failure}});
  }
  co_return problem(answer);
}

}  // namespace evidenced::server
