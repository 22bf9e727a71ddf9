#include "server/response_writer.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace evidenced::server {
namespace {

using boost::beast::iequals;

/// Fields that only the server writes.
constexpr std::array own_fields =
    std::to_array<std::string_view>({"connection", "content-length", "date", "keep-alive",
                                     "trailer", "transfer-encoding", "x-request-id"});

bool is_own(std::string_view name) {
  return std::ranges::any_of(own_fields,
                             [name](std::string_view own) { return iequals(own, name); });
}

/// RFC 9110, 5.1: a token.
bool is_token(std::string_view name) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [marks](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           marks.find(c) != std::string_view::npos;
  });
}

/// RFC 9110, 5.5: no control character but the tab.
bool is_field_value(std::string_view value) {
  return std::ranges::all_of(value,
                             [](unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7f); });
}

void append(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

Result<void> append_checked(std::string& out, std::string_view name, std::string_view value) {
  if (!is_token(name) || !is_field_value(value)) {
    return fail("internal.error", "A header field of the answer could not be sent.");
  }
  append(out, name, value);
  return {};
}

void append_status(std::string& out, int status) {
  const auto reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", status,
                 std::string_view(reason.data(), reason.size()));
}

void append_framing(std::string& out, const api::Response& response, const Framing& framing) {
  if (response.stream) {
    append(out, "Transfer-Encoding", "chunked");
    if (!framing.trailer_names.empty()) {
      append(out, "Trailer", fmt::format("{}", fmt::join(framing.trailer_names, ", ")));
    }
  } else if (!has_no_body(response.status)) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.bytes().size());
  }
  if (framing.close) {
    append(out, "Connection", "close");
  } else if (framing.keep_alive) {
    append(out, "Connection", "keep-alive");
  }
}

}  // namespace

bool has_no_body(int status) {
  return status == 204 || status == 304 || status / 100 == 1;
}

Result<void> write_head(std::string& out, const api::Response& response, const Framing& framing) {
  append_status(out, response.status);
  append(out, "Date", framing.date);
  append(out, "X-Request-Id", framing.request_id);
  bool nosniff = false;
  for (const auto& [name, value] : response.headers) {
    if (is_own(name)) continue;
    if (Result<void> done = append_checked(out, name, value); !done) return done;
    nosniff = nosniff || iequals(name, "x-content-type-options");
  }
  if (!nosniff) append(out, "X-Content-Type-Options", "nosniff");
  for (const std::string& name : framing.trailer_names) {
    if (!is_token(name)) return fail("internal.error", "A trailer could not be announced.");
  }
  append_framing(out, response, framing);
  out.append("\r\n");
  return {};
}

void write_chunk(std::string& out, std::string_view data) {
  fmt::format_to(std::back_inserter(out), "{:x}\r\n", data.size());
  out.append(data).append("\r\n");
}

Result<void> write_last_chunk(std::string& out,
                              const std::vector<std::pair<std::string, std::string>>& trailers) {
  out.append("0\r\n");
  for (const auto& [name, value] : trailers) {
    if (Result<void> done = append_checked(out, name, value); !done) return done;
  }
  out.append("\r\n");
  return {};
}

}  // namespace evidenced::server
