#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"
#include "config/secret.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::connector {

/// A request to the configured host. There is no method in it: the transport knows nothing but GET.
struct GetRequest {
  std::string target;    ///< origin form, percent-encoded: "/2.0/user?pagelen=100"
  Secret authorization;  ///< the value of the Authorization header; empty: none is sent
  std::chrono::seconds timeout{30};
};

/// An answer, whole and decoded (gzip undone).
struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;

  /// The first header of that (lower-case) name, "" when there is none.
  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

/// The way out: one host, fixed at construction, GET only by type. Any HTTP status is a success
/// here; an Error means that no whole answer came: upstream.timeout, truncated, reset, oversized,
/// malformed (no HTTP), tls_*, dns, connect, cancelled, and upstream.foreign_link when the target
/// is not a path. Bodies are not looked at, so never upstream.invalid_json.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual Task<Result<HttpResponse>> get(GetRequest request) = 0;

  /// "https://api.bitbucket.org": scheme, lower-case host, port when it is not the default.
  virtual std::string_view origin() const = 0;
};

}  // namespace evidenced::connector
