#pragma once

#include "server/cli/command_table.hpp"
#include "server/cli/http_client.hpp"
#include "server/cli/json_view.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::cli {

/// An answer of the daemon, read.
struct Answer {
  ClientResponse response;
  std::unique_ptr<std::string> body;  ///< the bytes that `json` looks at
  JsonText json;                      ///< null when the body is empty
};

/// Parameters of a query, in order; values are encoded here.
using Query = std::vector<std::pair<std::string, std::string>>;

/// The daemon's API as the commands use it: finds URL and key, and turns problem+json into
/// failures.
class ApiClient {
 public:
  /// From --url, --api-key-file, --ca-file and their variables. Errors: cli.usage, auth.missing.
  static Outcome<ApiClient> open(const Context& context);

  Outcome<Answer> get(std::string_view path, const Query& query = {}) const;

  /// GET that waits for a change: the answer comes when the ETag is not `etag` any more, or after
  /// about `seconds`. A 304 is an answer with an empty body.
  Outcome<Answer> wait(std::string_view path, std::string_view etag, int seconds) const;

  /// POST, PUT or DELETE with a JSON body ("" for none). POST carries an Idempotency-Key.
  Outcome<Answer> send(std::string_view method, std::string_view path, const Query& query = {},
                       std::string body = "") const;

  /// Streams the body of a GET into `sink`. The response holds the trailers.
  Outcome<ClientResponse> stream(std::string_view path, const Query& query, std::string accept,
                                 const BodySink& sink) const;

 private:
  ApiClient(Endpoint endpoint, Secret key) : endpoint_(std::move(endpoint)), key_(std::move(key)) {}
  Outcome<Answer> ask(const ClientRequest& request) const;

  Endpoint endpoint_;
  Secret key_;
};

/// "/v1/sources?state=active&tag=a%20b".
std::string target_of(std::string_view path, const Query& query);

/// The path of a resource; the id is encoded, so that it stays one segment.
std::string path_of(std::string_view collection, std::string_view id, std::string_view action = "");

/// The first line of a file that holds a secret, or all of standard input for "-". Warns when
/// others may read the file. Errors: cli.usage.
Outcome<Secret> read_secret_file(const Context& context, const std::string& path);

}  // namespace evidenced::cli
