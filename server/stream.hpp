#pragma once

#include "config/clock.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <tuple>

namespace evidenced::server {

/// One connection's bytes, in clear or in TLS. Every wait ends at the caller's cancellation, with
/// operation_aborted; deadlines are the caller's.
class Stream {
 public:
  using Transferred = std::tuple<boost::system::error_code, std::size_t>;
  using Done = std::tuple<boost::system::error_code>;
  using Buffers = std::array<boost::asio::const_buffer, 2>;

  virtual ~Stream() = default;

  /// Before the first byte: the TLS handshake; nothing in clear.
  virtual Task<Done> handshake() = 0;
  virtual Task<Transferred> read_some(boost::asio::mutable_buffer into) = 0;
  virtual Task<Transferred> write_some(Buffers from) = 0;

  /// Says that no more will be sent: TLS close_notify, then FIN.
  virtual Task<void> end() = 0;

  /// Reads what the peer still sends after `end`, past TLS, to throw it away.
  virtual Task<Transferred> discard_some(boost::asio::mutable_buffer into) = 0;

  /// Bytes that were written and that the peer has not acknowledged.
  std::size_t unsent();

  /// Whether the peer has closed its side, or the connection is broken: bytes that came before, and
  /// are not read yet, hide neither.
  bool peer_gone();

  virtual boost::asio::ip::tcp::socket& socket() = 0;
  virtual bool is_tls() const = 0;
};

std::unique_ptr<Stream> make_plain_stream(boost::asio::ip::tcp::socket socket);

}  // namespace evidenced::server
