#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::api {

enum class Method { get, head, post, put, patch, delete_, options };

/// A request as the API sees it: no sockets, already past the request guard.
struct Request {
  Method method = Method::get;
  std::string target;  ///< origin form, as received
  std::vector<std::pair<std::string, std::string>>
      headers;  ///< names in lower case, as received otherwise
  std::string body;
  /// Of the client, behind a trusted proxy the one that it names; of IPv6 the network (/64).
  std::string peer_address;
  bool peer_is_loopback = false;
  std::string request_id;  ///< also in the X-Request-Id of the answer

  bool has(std::string_view name) const {
    return std::ranges::find(headers, name, &std::pair<std::string, std::string>::first) !=
           headers.end();
  }

  /// All lines of a field that holds a list, as one (RFC 9110, section 5.3).
  std::string list_header(std::string_view name) const {
    std::string joined;
    for (const auto& [key, value] : headers) {
      if (key != name) continue;
      if (!joined.empty()) joined += ", ";
      joined += value;
    }
    return joined;
  }

  /// The first line of the field; "" when there is none.
  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

/// The body of a streamed answer, pulled in pieces of about 64 KiB.
class BodyStream {
 public:
  virtual ~BodyStream() = default;

  /// The next piece; an empty one ends the body. After an Error the connection is cut, so that the
  /// client sees it.
  virtual Task<Result<std::string>> next() = 0;

  /// Names announced in `Trailer`, and their values once the body has ended.
  virtual std::vector<std::pair<std::string, std::string>> trailers() const { return {}; }
  virtual std::vector<std::string> trailer_names() const { return {}; }
};

/// An answer. `body`, `kept`, `lasting` or `stream`, one of them. To HEAD the API answers as to
/// GET, body or stream and all: whoever writes it sends the headers, with the body's length where
/// there is a body, and leaves the bytes out.
struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>>
      headers;  ///< Content-Length, Date and X-Request-Id are the server's
  std::string body;
  std::shared_ptr<const std::string> kept;  ///< a body that others send, too
  std::string_view lasting;                 ///< a body that is there as long as the program
  std::unique_ptr<BodyStream> stream;
  bool close = false;  ///< end the connection after it

  std::string_view bytes() const {
    if (kept) return *kept;
    return lasting.empty() ? std::string_view(body) : lasting;
  }
  void drop_bytes() {
    body.clear();
    lasting = {};
    kept.reset();
  }

  void set(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
  }
};

/// The problem+json answer (RFC 9457) for an error: from the API, from the request guard, from the
/// parser. Sets Retry-After and WWW-Authenticate where they belong. `instance` is the path asked
/// for (instance_of in api/target.hpp); empty: not said.
Response problem_response(const Error& error, std::string_view request_id,
                          std::string_view instance = {});

/// The steps of a remedy, one a line.
std::vector<std::string> lines_of(std::string_view text);

}  // namespace evidenced::api
