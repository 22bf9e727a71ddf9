#include "server/request_reader.hpp"

#include <boost/beast/http/error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace evidenced::server {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t small_room = 2048;  // what a request without a body needs
constexpr std::size_t body_room = 16384;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::unexpected<Error> parse_failure(const boost::beast::error_code& error) {
  if (error == http::error::body_limit) return fail("request.too_large");
  if (error == http::error::header_limit) return fail("request.header_too_large");
  if (error == http::error::bad_version) {
    return fail("request.malformed", "This server speaks HTTP/1.1 and nothing else.");
  }
  return fail("request.malformed", fmt::format("The parser says: {}.", error.message()));
}

}  // namespace

RequestReader::RequestReader(const Limits& limits)
    : limits_(limits), buffer_(limits.read_buffer), scan_(limits) {}

boost::asio::mutable_buffer RequestReader::room() {
  const std::size_t left = limits_.read_buffer - buffer_.size();
  return buffer_.prepare(std::min(left, parser_ ? body_room : small_room));
}

void RequestReader::commit(std::size_t bytes) {
  buffer_.commit(bytes);
}

std::string_view RequestReader::unread() const {
  const auto data = buffer_.cdata();
  return {static_cast<const char*>(data.data()), data.size()};
}

/// Some clients send a line end too many after a body; RFC 9112 (2.2) says to overlook it.
void RequestReader::skip_empty_lines() {
  while (unread().starts_with("\r\n")) {
    buffer_.consume(2);
    scan_ = HeadScan(limits_);
  }
}

Result<bool> RequestReader::head() {
  skip_empty_lines();
  Result<std::optional<std::size_t>> length = scan_.scan(unread());
  if (!length) return fail(length);
  if (!*length) return false;

  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(**length + 1));
  parser_->body_limit(boost::none);  // the route's limit is set when the route is known
  boost::beast::error_code error;
  try {
    const std::size_t used = parser_->put({unread().data(), **length}, error);
    if (error) return parse_failure(error);
    buffer_.consume(used);
  } catch (const std::exception&) {
    return fail("request.malformed", "The header cannot be parsed.");
  }
  if (!parser_->is_header_done()) return fail("request.malformed", "The header does not end.");
  copy_head();
  return true;
}

std::string_view RequestReader::seen_target() const {
  std::string_view line = unread();
  const std::size_t end = line.find("\r\n");
  if (end == std::string_view::npos) return {};
  line = line.substr(0, end);
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == last) return {};
  return line.substr(first + 1, last - first - 1);
}

void RequestReader::copy_head() {
  const auto& message = parser_->get();
  head_.method = std::string_view(message.method_string());
  head_.target = std::string_view(message.target());
  head_.version = static_cast<int>(message.version());
  head_.headers.clear();
  for (const auto& field : message) {
    const std::string_view name = field.name_string();
    auto& [key, value] = head_.headers.emplace_back();
    key.resize(name.size());
    std::ranges::transform(name, key.begin(), lower);
    value = std::string_view(field.value());
  }
}

void RequestReader::begin_body(std::size_t limit) {
  body_limit_ = limit;
  wire_bytes_ = 0;
  parser_->body_limit(limit);
  parser_->eager(true);
}

Result<bool> RequestReader::body() {
  while (!parser_->is_done() && buffer_.size() > 0) {
    const std::size_t before = buffer_.size();
    boost::beast::error_code error;
    try {
      const std::size_t used = parser_->put({unread().data(), before}, error);
      buffer_.consume(used);
      wire_bytes_ += used;
    } catch (const std::exception&) {
      return fail("request.malformed", "The body cannot be parsed.");
    }
    if (error && error != http::error::need_more) return parse_failure(error);
    if (buffer_.size() == before) break;
  }
  if (parser_->is_done()) return true;
  const bool stuck = buffer_.size() >= limits_.read_buffer;
  if (stuck || wire_bytes_ > body_limit_ + limits_.chunk_overhead) {
    return fail("request.too_large", "The body's framing is larger than its content allows.");
  }
  return false;
}

std::string RequestReader::take_body() {
  return std::move(parser_->get().body());
}

void RequestReader::next() {
  parser_.reset();
  scan_ = HeadScan(limits_);
  if (buffer_.size() == 0 && buffer_.capacity() > small_room) buffer_.shrink_to_fit();
}

}  // namespace evidenced::server
