#pragma once

#include "config/error.hpp"
#include "server/append_body.hpp"
#include "server/head_scan.hpp"
#include "server/limits.hpp"
#include "server/request_head.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::server {

/// Bytes of one connection → requests, one at a time; a machine without I/O. It drives Beast's
/// parser by hand over a buffer of at most `Limits::read_buffer` and counts the bytes of a message
/// on the wire, because the parser's own limits bound neither trailers nor chunk extensions, and
/// its buffer throws where ours refuses. Bytes past the end of a message stay for the next one.
///
/// `head` until it says true, then `begin_body` and `body` until it says true, then `take_body` and
/// `next`. After "need more" (false): read into `room`, `commit`, ask again. After an Error the
/// connection is over.
class RequestReader {
 public:
  explicit RequestReader(const Limits& limits);

  /// Where the next bytes go; never empty after a "need more".
  boost::asio::mutable_buffer room();
  void commit(std::size_t bytes);

  /// Whether bytes wait that no message has used yet.
  bool has_bytes() const { return buffer_.size() > 0; }

  /// Errors: request.malformed, request.uri_too_long, request.header_too_large.
  Result<bool> head();
  const RequestHead& parsed_head() const { return head_; }

  /// The target of a head that was refused or did not arrive whole, as received; "" when its first
  /// line is not there to its end. Valid until the next call that is not const.
  std::string_view seen_target() const;
  std::vector<std::pair<std::string, std::string>> take_headers() {
    return std::move(head_.headers);
  }

  /// From here on up to `limit` bytes of body are taken.
  void begin_body(std::size_t limit);

  /// Trailers are read and dropped: whoever authenticates has looked at the head alone. Errors:
  /// request.malformed, request.too_large.
  Result<bool> body();
  std::string take_body();

  /// Ready for the next message; gives memory back that an idle connection need not hold.
  void next();

 private:
  using Parser = boost::beast::http::request_parser<AppendBody>;

  std::string_view unread() const;
  void skip_empty_lines();
  void copy_head();

  const Limits& limits_;
  boost::beast::flat_buffer buffer_;
  HeadScan scan_;
  std::optional<Parser> parser_;
  RequestHead head_;
  std::size_t body_limit_ = 0;
  std::size_t wire_bytes_ = 0;  ///< of the body and its framing, as received
};

}  // namespace evidenced::server
