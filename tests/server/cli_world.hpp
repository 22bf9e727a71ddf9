#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace evidenced::test {

/// A request as the tiny server got it; names of headers in lower case.
struct Seen {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;
  std::string body;

  std::string header(const std::string& name) const;
};

/// An answer of the tiny server. `raw` replaces everything else.
struct CliReply {
  int status = 200;
  std::string body;
  std::vector<std::string> headers;  ///< "ETag: \"1\""
  std::string raw;
};

/// An answer with a body.
CliReply reply(int status, std::string body, std::vector<std::string> headers = {});

/// These bytes and nothing else.
CliReply raw_reply(std::string bytes);

/// The text at a path of a JSON body: "credential.email".
std::string text_in(const std::string& json, std::string_view path);

/// The answer to a request that the daemon refuses.
CliReply problem(int status, const std::string& code, const std::string& title);

/// An HTTP server on a real socket, one connection after the other, that answers as it is told.
class TinyServer {
 public:
  explicit TinyServer(std::function<CliReply(const Seen&)> answer);
  ~TinyServer();
  TinyServer(const TinyServer&) = delete;
  TinyServer& operator=(const TinyServer&) = delete;

  std::string url() const;
  int port() const { return port_; }
  std::vector<Seen> seen() const;

 private:
  void serve();
  void converse(int connection);

  std::function<CliReply(const Seen&)> answer_;
  int listener_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<Seen> seen_;
  std::thread thread_;
};

/// What a command did.
struct CliResult {
  int exit_code = 0;
  std::string out;
  std::string err;
};

/// Runs commands in this process, with streams and variables of its own.
struct Cli {
  std::string input;
  std::map<std::string, std::string> environment;
  bool terminal = false;  ///< whether the streams pretend to be one
  std::size_t columns = 80;
  std::vector<bool> echoes;  ///< how echo was switched

  CliResult run(const std::vector<std::string>& arguments);
};

/// A Cli that talks to `server` with the key "ev_test".
Cli cli_for(const TinyServer& server);

}  // namespace evidenced::test
