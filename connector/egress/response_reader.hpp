#pragma once

#include "config/error.hpp"
#include "connector/http_transport.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace evidenced::connector {

/// Turns the bytes of one connection into one answer (RFC 9112), without I/O: receive into
/// `room()`, report with `received()`, until it says true; then `take()`. The bytes come from a
/// stranger: every buffer is bounded, and after any error the connection is of no use.
class ResponseReader {
 public:
  struct Limits {
    std::size_t header = 64 * 1024;
    std::size_t body = 4 * 1024 * 1024;  ///< received, and again after decoding
    std::size_t gzip_ratio = 100;
  };

  explicit ResponseReader(Limits limits);
  ResponseReader(const ResponseReader&) = delete;
  ResponseReader& operator=(const ResponseReader&) = delete;
  ~ResponseReader();

  /// Where the next bytes go; never empty. Valid until the next call.
  std::span<char> room();

  /// `count` bytes are in `room()`. True: the answer is whole. Informational answers (1xx) are
  /// skipped. Errors: upstream.malformed (not HTTP/1.x; framing that is not a single
  /// Content-Length or exactly `chunked`; a switch of protocols), upstream.oversized (header, body,
  /// number of fields, or more wire bytes than they justify), upstream.truncated (a body that only
  /// the end of the connection would end: a cut could not be told from the end).
  Result<bool> received(std::size_t count);

  /// What it means that the connection ended now: upstream.reset when nothing was received,
  /// upstream.truncated otherwise.
  Error ended() const;
  bool anything_received() const;

  /// After the answer is whole: whether the connection can serve another request. Not when the
  /// server said so, and not when bytes arrived that nobody asked for.
  bool reusable() const;

  /// The answer; trailer fields are dropped, gzip is undone. Errors: those of gunzip(), and
  /// upstream.malformed for another content coding.
  Result<HttpResponse> take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace evidenced::connector
