#include "connector/egress/response_reader.hpp"

#include "config/ascii.hpp"
#include "connector/egress/gunzip.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <string>

namespace evidenced::connector {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Parser = http::response_parser<http::string_body>;

constexpr std::size_t receive_step = 16 * 1024;
/// Chunk headers and trailers may cost this much over header and body.
constexpr std::size_t framing_allowance = 64 * 1024;
constexpr int informational_limit = 8;
constexpr std::size_t field_limit = 256;

std::unexpected<Error> oversized(const char* detail) {
  return fail("upstream.oversized", detail);
}
std::unexpected<Error> malformed(std::string detail) {
  return fail("upstream.malformed", std::move(detail));
}

std::unexpected<Error> parser_failure(error_code code) {
  if (code == http::error::header_limit) return oversized("the header is larger than the limit");
  if (code == http::error::body_limit || code == http::error::buffer_overflow)
    return oversized("the body is larger than the limit");
  return malformed("the answer breaks HTTP: " + code.message());
}

/// Beast takes other transfer codings for no body at all, repeated lengths for one, and both on
/// HTTP/1.0: what follows would be read as the next answer.
Result<void> check_framing(const http::response_header<>& header, unsigned version) {
  if (header.count(http::field::content_length) > 1) return malformed("the answer has two lengths");
  const std::string_view length = header[http::field::content_length];
  if (length.find_first_not_of("0123456789") != std::string_view::npos)
    return malformed("the length is not a number");
  if (header.count(http::field::transfer_encoding) == 0) return {};
  const bool chunked = header.count(http::field::transfer_encoding) == 1 &&
                       equal_without_case(header[http::field::transfer_encoding], "chunked");
  if (!chunked || version < 11 || header.count(http::field::content_length) > 0)
    return malformed("the answer has a transfer coding other than chunked");
  return {};
}

}  // namespace

struct ResponseReader::State {
  explicit State(Limits l) : limits(l), buffer(l.header + receive_step) { start(); }

  void start() {
    parser.emplace();
    parser->header_limit(static_cast<std::uint32_t>(limits.header));
    parser->body_limit(limits.body);
    // Not eager: the parser stops after the header, which is judged before any byte of the body.
    parser->eager(false);
    header_seen = false;
  }

  Result<void> judge_header();
  Result<bool> parse();

  Limits limits;
  beast::flat_buffer buffer;
  std::optional<Parser> parser;
  HttpResponse response;
  std::size_t wire_bytes = 0;
  int informational = 0;
  bool header_seen = false;
};

ResponseReader::ResponseReader(Limits limits) : state_(std::make_unique<State>(limits)) {}
ResponseReader::~ResponseReader() = default;

std::span<char> ResponseReader::room() {
  beast::flat_buffer& buffer = state_->buffer;
  const std::size_t size = std::min(buffer.max_size() - buffer.size(), receive_step);
  const auto space = buffer.prepare(size);
  return {static_cast<char*>(space.data()), space.size()};
}

Result<void> ResponseReader::State::judge_header() {
  header_seen = true;
  parser->eager(true);
  const auto& message = parser->get();
  const int status = static_cast<int>(message.result_int());
  if (status == 101 || status < 100) return malformed("the answer has a status out of range");
  if (status < 200) return {};
  if (Result<void> framing = check_framing(message.base(), message.version()); !framing)
    return framing;
  if (parser->need_eof())
    return fail("upstream.truncated", "the body has no length, so its end cannot be known");
  response.status = status;
  response.headers.clear();
  for (const auto& field : message.base()) {
    if (response.headers.size() == field_limit) return oversized("the header has too many fields");
    response.headers.emplace_back(to_lower(std::string_view(field.name_string())),
                                  std::string(field.value()));
  }
  return {};
}

Result<bool> ResponseReader::State::parse() {
  while (buffer.size() > 0) {
    error_code code;
    const std::size_t used = parser->put(buffer.data(), code);
    buffer.consume(used);
    if (code == http::error::need_more) break;
    if (code) return parser_failure(code);
    if (parser->is_header_done() && !header_seen) {
      if (Result<void> verdict = judge_header(); !verdict) return fail(verdict);
    }
    if (parser->is_done()) {
      if (response.status != 0) return true;
      if (++informational > informational_limit) return malformed("too many 1xx answers");
      start();
    } else if (used == 0) {
      break;
    }
  }
  if (buffer.size() == buffer.max_size()) return oversized("a field is larger than the limit");
  return false;
}

Result<bool> ResponseReader::received(std::size_t count) {
  state_->buffer.commit(count);
  state_->wire_bytes += count;
  const Limits& limits = state_->limits;
  if (state_->wire_bytes > limits.header + limits.body + framing_allowance)
    return oversized("the answer is larger than the limit");
  try {
    return state_->parse();
  } catch (const std::exception&) {
    // Beast 345 throws length_error for fields that a message cannot hold.
    return oversized("the answer has a field that cannot be held");
  }
}

Error ResponseReader::ended() const {
  if (!anything_received())
    return fail("upstream.reset", "the connection ended before any answer").error();
  return fail("upstream.truncated", "the connection ended within the answer").error();
}

bool ResponseReader::anything_received() const {
  return state_->wire_bytes > 0;
}

bool ResponseReader::reusable() const {
  return state_->parser->is_done() && state_->parser->keep_alive() && state_->buffer.size() == 0;
}

Result<HttpResponse> ResponseReader::take() {
  HttpResponse response = std::move(state_->response);
  std::string& body = state_->parser->get().body();
  const std::string coding = to_lower(response.header("content-encoding"));
  if (coding.empty() || coding == "identity") {
    response.body = std::move(body);
    return response;
  }
  if (coding != "gzip" && coding != "x-gzip")
    return malformed("the body has a content coding that was not asked for");
  if (body.empty()) return response;
  Result<std::string> decoded =
      gunzip(body, {.output = state_->limits.body, .ratio = state_->limits.gzip_ratio});
  if (!decoded) return fail(decoded);
  response.body = std::move(*decoded);
  return response;
}

}  // namespace evidenced::connector
