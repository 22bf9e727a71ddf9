#include "connector/egress/connection.hpp"

#include "connector/egress/io_failure.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace evidenced::connector {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds attempt_limit{4};  ///< one address
constexpr std::chrono::seconds connect_limit{10};
constexpr std::chrono::seconds handshake_limit{10};

/// Looked at before each wait: a cancellation that came between two operations is not seen by the
/// second.
Task<bool> was_cancelled() {
#ifdef __clang_analyzer__
  co_return false;  // it takes Asio's frame for uninitialised here
#else
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
#endif
}

}  // namespace

HttpConnection::~HttpConnection() {
  // OpenSSL never resumes the session of a connection that ended without close_notify. Messages are
  // framed, so nothing needs one (RFC 8446, 6.1), and waiting to send it is not worth the while.
  if (stream_)
    SSL_set_shutdown(stream_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

void HttpConnection::expire(SteadyTime deadline) {
  boost::beast::get_lowest_layer(*stream_).expires_after(
      std::max(deadline - clock_.steady(), SteadyTime::duration(0)));
}

Task<Result<void>> HttpConnection::open(std::vector<tcp::endpoint> endpoints, SteadyTime deadline) {
  Result<void> connected = co_await connect(std::move(endpoints), deadline);
  if (!connected) co_return connected;
  Result<void> secured = co_await shake_hands(deadline);
  co_return secured;
}

Task<Result<void>> HttpConnection::connect(std::vector<tcp::endpoint> endpoints,
                                           SteadyTime deadline) {
  const SteadyTime phase_end = std::min(deadline, clock_.steady() + connect_limit);
  error_code code = asio::error::host_not_found;
  for (const tcp::endpoint& endpoint : endpoints) {
    const bool cancelled = co_await was_cancelled();
    if (cancelled) co_return fail("upstream.cancelled");
    stream_ = factory_.make_stream(io_);
    boost::beast::tcp_stream& socket = boost::beast::get_lowest_layer(*stream_);
    expire(std::min(phase_end, clock_.steady() + attempt_limit));
    co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, code));
    if (!code) {
      socket.socket().set_option(tcp::no_delay(true), code);
      co_return Result<void>();
    }
    if (code == asio::error::operation_aborted || clock_.steady() >= phase_end) break;
  }
  co_return std::unexpected(connect_failure(code));
}

Task<Result<void>> HttpConnection::shake_hands(SteadyTime deadline) {
  const bool cancelled = co_await was_cancelled();
  if (cancelled) co_return fail("upstream.cancelled");
  expire(std::min(deadline, clock_.steady() + handshake_limit));
  error_code code;
  co_await stream_->async_handshake(asio::ssl::stream_base::client,
                                    asio::redirect_error(asio::use_awaitable, code));
  if (!code) co_return Result<void>();
  factory_.forget_session();
  co_return std::unexpected(handshake_failure(code, stream_->native_handle()));
}

Task<Result<void>> HttpConnection::exchange(std::string_view head, ResponseReader* reader,
                                            SteadyTime deadline) {
  const bool late = co_await was_cancelled();
  if (late) co_return fail("upstream.cancelled");
  expire(deadline);
  error_code code;
  const asio::const_buffer bytes(head.data(), head.size());
  co_await asio::async_write(*stream_, bytes, asio::redirect_error(asio::use_awaitable, code));
  if (code) co_return std::unexpected(io_failure(code));
  for (bool whole = false; !whole;) {
    const bool cancelled = co_await was_cancelled();
    if (cancelled) co_return fail("upstream.cancelled");
    const std::span<char> room = reader->room();
    const asio::mutable_buffer space(room.data(), room.size());
    const std::size_t count =
        co_await stream_->async_read_some(space, asio::redirect_error(asio::use_awaitable, code));
    if (is_end_of_stream(code)) co_return std::unexpected(reader->ended());
    if (code) co_return std::unexpected(io_failure(code));
    const Result<bool> progress = reader->received(count);
    if (!progress) co_return fail(progress);
    whole = *progress;
  }
  boost::beast::get_lowest_layer(*stream_).expires_never();
  co_return Result<void>();
}

bool HttpConnection::quiet() const {
  SSL* native = stream_->native_handle();
  if (SSL_has_pending(native) != 0 || BIO_pending(SSL_get_rbio(native)) > 0) return false;
  auto& socket = boost::beast::get_lowest_layer(*stream_).socket();
  char byte = 0;
  const ssize_t peeked = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return peeked < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace evidenced::connector
