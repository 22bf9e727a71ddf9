#include "server/head_scan.hpp"

#include <fmt/format.h>

namespace evidenced::server {

Result<std::optional<std::size_t>> HeadScan::scan(std::string_view bytes) {
  for (;;) {
    const std::size_t feed = bytes.find('\n', seen_);
    const bool ended = feed != std::string_view::npos;
    Result<void> lengths = check_lengths(ended ? feed + 1 : bytes.size());
    if (!lengths) return fail(lengths);
    if (!ended) {
      seen_ = bytes.size();
      return std::nullopt;
    }
    Result<bool> last = end_line(bytes.substr(line_start_, feed - line_start_));
    if (!last) return fail(last);
    seen_ = line_start_ = feed + 1;
    if (*last) return seen_;
    if (header_start_ == 0) header_start_ = seen_;
  }
}

/// `line` is without its line feed. True for the empty line that ends the head.
Result<bool> HeadScan::end_line(std::string_view line) {
  if (!line.ends_with('\r')) return fail("request.malformed", "A line ends without CR LF.");
  line.remove_suffix(1);
  if (header_start_ == 0) return false;
  if (line.empty()) return true;
  if (line.front() == ' ' || line.front() == '\t') {
    return fail("request.malformed", "A header field is folded over several lines.");
  }
  if (++fields_ > limits_->fields) {
    return fail("request.header_too_large",
                fmt::format("More than {} header fields.", limits_->fields));
  }
  return false;
}

Result<void> HeadScan::check_lengths(std::size_t received) const {
  if (header_start_ == 0 && received > limits_->request_line) {
    return fail("request.uri_too_long",
                fmt::format("The request line is longer than {} bytes.", limits_->request_line));
  }
  if (header_start_ != 0 && received - header_start_ > limits_->header_block) {
    return fail("request.header_too_large",
                fmt::format("The header is longer than {} bytes.", limits_->header_block));
  }
  return {};
}

}  // namespace evidenced::server
