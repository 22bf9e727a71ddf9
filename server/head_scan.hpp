#pragma once

#include "config/error.hpp"
#include "server/limits.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace evidenced::server {

/// Looks at the raw bytes of a request's head before any parser does, as they arrive: where it ends
/// (RFC 9112, 2.1), and what the parser would accept but must not (5.2: folded lines), or would
/// find out too late (length of line and block, number of fields, bare line feeds).
class HeadScan {
 public:
  explicit HeadScan(const Limits& limits) : limits_(&limits) {}

  /// `bytes` is everything received of this message so far; only what is new is looked at. The
  /// length of the head once it is complete, nullopt before. Errors: request.malformed,
  /// request.uri_too_long, request.header_too_large.
  Result<std::optional<std::size_t>> scan(std::string_view bytes);

 private:
  Result<bool> end_line(std::string_view line);
  Result<void> check_lengths(std::size_t received) const;

  const Limits* limits_;
  std::size_t line_start_ = 0;
  std::size_t seen_ = 0;
  std::size_t header_start_ = 0;  ///< 0 while the request line is not complete
  std::size_t fields_ = 0;
};

}  // namespace evidenced::server
