#pragma once

#include "config/secret.hpp"
#include "server/cli/failure.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::cli {

/// The server that a command talks to.
struct Endpoint {
  bool tls = false;
  std::string host;
  std::string port;
  std::string prefix;   ///< path before /v1, no slash at its end
  std::string ca_file;  ///< further trusted certificates, PEM; "" for those of the system alone
  bool verify = true;   ///< false: the certificate is not looked at (the health check of oneself)
};

/// Reads "http://host:port" or "https://host/prefix"; errors: cli.usage.
Outcome<Endpoint> parse_endpoint(std::string_view url);

struct ClientRequest {
  std::string method = "GET";
  std::string target;  ///< "/v1/sources?limit=5", percent-encoded
  std::vector<std::pair<std::string, std::string>> headers;
  Secret bearer;                     ///< API key; empty: none is sent
  Secret body;                       ///< JSON; it may hold a token
  std::chrono::seconds timeout{30};  ///< of the whole exchange; with `on_body` of each step
};

struct ClientResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case, trailers too
  std::string body;

  std::string_view header(std::string_view name) const;
};

/// Called with each piece of a body as it comes; false ends the exchange.
using BodySink = std::function<bool(std::string_view)>;

/// Sends one request on a connection of its own and waits for the whole answer. Errors:
/// cli.unreachable (DNS, connect, TLS, time, an answer that ends early or is no HTTP). With
/// `on_body` the body of a 2xx answer goes there instead of into `body`.
Outcome<ClientResponse> exchange(const Endpoint& endpoint, const ClientRequest& request,
                                 const BodySink& on_body = {});

}  // namespace evidenced::cli
