#pragma once

#include "api/message.hpp"
#include "config/error.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::server {

/// How an answer goes on the wire.
struct Framing {
  std::string_view date;  ///< IMF-fixdate
  std::string_view request_id;
  bool close = false;                      ///< the connection ends after it
  bool keep_alive = false;                 ///< said to HTTP/1.0, which would close
  std::vector<std::string> trailer_names;  ///< of a streamed body, which is chunked
};

/// Appends status line and fields (RFC 9112, 4 and 5) of `response`. The server's own fields are
/// added here and nowhere else; the handler's are left out where they would repeat them. Errors:
/// internal.error when a name or value could end its line: nothing of it may reach the wire.
Result<void> write_head(std::string& out, const api::Response& response, const Framing& framing);

/// Appends `data`, which is not empty, as one chunk (RFC 9112, 7.1).
void write_chunk(std::string& out, std::string_view data);

/// Appends the chunk that ends a body, with its trailers. Errors: as write_head.
Result<void> write_last_chunk(std::string& out,
                              const std::vector<std::pair<std::string, std::string>>& trailers);

/// Whether an answer of this status has no body, whatever its fields say (RFC 9110, 6.4.1).
bool has_no_body(int status);

}  // namespace evidenced::server
