// The answering half of a session.
#include "api/route.hpp"
#include "api/target.hpp"
#include "config/log.hpp"
#include "server/session.hpp"

#include <exception>
#include <utility>

namespace evidenced::server {
namespace {

constexpr std::size_t small_body = 16 * 1024;  // copied behind the head: one packet, one TLS record

/// Pulls one piece; whatever goes wrong inside is an Error here.
Task<Result<std::string>> next_piece(api::BodyStream& stream) {
  std::string failure;
  try {
    Result<std::string> piece = co_await stream.next();
    co_return piece;
  } catch (const std::exception& error) {
    failure = error.what();
  } catch (...) {
    failure = "an exception that is no std::exception";
  }
  co_return fail("internal.error", failure);
}

/// What may be asked at `path`; where there is nothing, what may be asked anywhere.
std::string allowed_on(std::string_view path) {
  const api::Match match = api::match_route(api::Method::options, path);
  return match.allowed.empty() ? std::string(allowed_methods) : api::allow_header(match);
}

}  // namespace

/// A refused message is the last of its connection: what follows it may be part of it.
Task<bool> Session::refuse(Error error) {
  if (channel_.broken()) co_return false;
  ++exchange_.counters.refused;
  if (turn_.id.empty()) begin_refused_turn();
  turn_.close = refused_ = true;
  api::Response response = problem(error);
  if (error.code == Code("request.method")) response.set("Allow", allowed_on(turn_.path));
  const bool alive = co_await reply(std::move(response));
  co_return alive;
}

void Session::begin_refused_turn() {
  turn_.id = exchange_.ids.next(exchange_.clock.now());
  turn_.begin = exchange_.clock.steady();
  turn_.client = peer_.remote;
  turn_.path = api::path_of(reader_.seen_target());
  turn_.instance = api::instance_of(reader_.seen_target());
}

api::Response Session::problem(const Error& error) const {
  return api::problem_response(error, turn_.id, turn_.instance);
}

/// True when another request may follow.
Task<bool> Session::reply(api::Response response) {
  ++exchange_.counters.requests;
  ++requests_;
  turn_.close = turn_.close || response.close || exchange_.draining ||
                requests_ >= exchange_.limits.requests_per_connection;
  if (response.stream && turn_.version < 11) {
    Error error;
    error.code = "request.not_implemented";
    error.detail = "A streamed answer needs HTTP/1.1: HTTP/1.0 cannot tell its end from a break.";
    response = problem(error);
  }
  std::string head = frame(response);
  const int status = response.status;
  const bool has_body = !turn_.head_only && !has_no_body(status);
  bool sent = false;
  if (response.stream && has_body) {
    sent = co_await send_stream(std::move(head), std::move(response.stream));
  } else {
    if (!has_body) response.drop_bytes();
    const bool joined = response.bytes().size() <= small_body;
    if (joined) head += response.bytes();
    const std::string_view rest = joined ? std::string_view() : response.bytes();
    sent = co_await channel_.write(head, rest);
    exchange_.buffers.give_back(std::move(head));
    exchange_.buffers.give_back(std::move(response.body));
  }
  log_turn(status);
  co_return sent && !turn_.close;
}

Framing Session::framing(const api::Response& response) const {
  Framing framing;
  framing.date = exchange_.date.at(exchange_.clock.now());
  framing.request_id = turn_.id;
  framing.close = turn_.close;
  framing.keep_alive = turn_.version < 11 && !turn_.close;
  if (response.stream) framing.trailer_names = response.stream->trailer_names();
  return framing;
}

/// The head of `response`; of a 500 in its place when it cannot be sent as it is.
std::string Session::frame(api::Response& response) {
  std::string head = exchange_.buffers.take();
  const Result<void> written = write_head(head, response, framing(response));
  if (written) return head;
  log::error("answer with an unsafe header field", {{"request_id", turn_.id}});
  response = problem(Error{});
  head.clear();
  // Our own fields are safe.
  [[maybe_unused]] const Result<void> safe = write_head(head, response, framing(response));
  return head;
}

Task<bool> Session::send_stream(std::string out, std::unique_ptr<api::BodyStream> stream) {
  bool sent = true;
  bool ended = false;
  while (sent && !ended) {
    channel_.enter(Phase::handler);
    Result<std::string> piece = co_await next_piece(*stream);
    if (!piece) {
      // The client sees a body that has no end.
      log::warning("streamed answer cut off",
                   {{"request_id", turn_.id}, {"code", piece.error().code.text()}});
      co_return false;
    }
    ended = piece->empty();
    if (!ended) {
      write_chunk(out, *piece);
    } else if (!write_last_chunk(out, stream->trailers())) {
      log::error("answer with an unsafe trailer", {{"request_id", turn_.id}});
      co_return false;
    }
    sent = co_await channel_.write(out);
    out.clear();
  }
  exchange_.buffers.give_back(std::move(out));
  co_return sent;
}

void Session::log_turn(int status) const {
  const log::Level level = status == 500 ? log::Level::warning : log::Level::debug;
  if (!log::enabled(level)) return;
  const std::chrono::duration<double, std::milli> took = exchange_.clock.steady() - turn_.begin;
  log::write(level, "request",
             {{"request_id", turn_.id},
              {"method", turn_.method},
              {"path", std::string_view(turn_.path).substr(0, 200)},
              {"status", status},
              {"ms", took.count()},
              {"client", turn_.client.to_string()}});
}

}  // namespace evidenced::server
