#pragma once

#include "config/clock.hpp"
#include "config/task_group.hpp"
#include "connector/egress/tls_transport.hpp"
#include "tests/connector/certificates.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace evidenced::test {

/// What a scripted server does with one request.
struct Reply {
  enum class End {
    keep,   ///< waits for the next request
    close,  ///< ends TLS in order, then the connection
    cut,    ///< ends the connection without a word of TLS
    reset,  ///< resets the connection
    hang,   ///< does nothing more, and reads nothing
  };
  std::vector<std::string> writes;
  std::chrono::milliseconds pause{0};  ///< before each write but the first
  End end = End::keep;
};

/// Asked for each request: number of the connection, number of the request on it (both from 1).
using Script = std::function<Reply(int connection, int request)>;

/// A real TLS server on 127.0.0.1 that does what its script says and writes down what it got.
class TlsServer {
 public:
  struct Options {
    bool tls11_only = false;
    bool tls12_only = false;
    bool silent = false;  ///< accepts connections and never shakes hands
  };
  TlsServer(boost::asio::io_context& io, const Identity& identity, Script script, Options options);
  ~TlsServer();

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  /// Closes everything; nothing of the server is left when it returns.
  void stop();

  std::vector<std::string> heads;  ///< requests, as received
  std::vector<std::string> names;  ///< server names that clients indicated
  std::size_t http_bytes = 0;      ///< received inside TLS
  int connections = 0;
  int resumed = 0;  ///< handshakes that resumed a session

 private:
  struct Peer;
  Task<void> accept();
  Task<void> serve(std::shared_ptr<Peer> peer, int connection);
  Task<bool> read_head(std::shared_ptr<Peer> peer);
  Task<void> act(std::shared_ptr<Peer> peer, Reply reply);

  boost::asio::io_context& io_;
  boost::asio::ssl::context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  Script script_;
  Options options_;
  std::vector<std::weak_ptr<Peer>> peers_;
  std::vector<std::shared_ptr<Peer>> silent_;
  TaskGroup group_;
};

/// Client and server in one thread, over real sockets. The world checks at its end that every byte
/// that the server ever got was a GET with the expected header fields.
class TlsWorld {
 public:
  struct Setup {
    CertificateSpec certificate{};
    bool self_signed = false;
    /// Whom the client trusts; an impostor has the authority's name and another key.
    enum class Trust { authority, stranger, impostor } trust = Trust::authority;
    TlsServer::Options server{};
    std::string host = "127.0.0.1";
  };
  explicit TlsWorld(Script script) : TlsWorld(std::move(script), Setup{}) {}
  TlsWorld(Script script, const Setup& setup);
  ~TlsWorld();

  /// One GET, to its end.
  Result<connector::HttpResponse> get(std::string target = "/2.0/user",
                                      std::chrono::seconds timeout = std::chrono::seconds(5));
  /// `count` of them at once.
  std::vector<Result<connector::HttpResponse>> get_many(int count);

  /// Lets time pass; both sides go on meanwhile.
  void wait(std::chrono::milliseconds duration);

  /// The code of a GET that fails; "answered" when it does not.
  std::string failure(std::chrono::seconds timeout = std::chrono::seconds(5));

  /// Starts a GET, lets `steps` handlers of both sides run, cancels it, and waits for its end.
  Result<connector::HttpResponse> get_cancelled_after(int steps, bool& was_done);

  TlsServer& server() { return *server_; }
  connector::HttpTransport& transport() { return *transport_; }
  boost::asio::io_context& io() { return io_; }

 private:
  connector::GetRequest request(std::string target, std::chrono::seconds timeout) const;

  boost::asio::io_context io_{1};
  SystemClock clock_;
  std::unique_ptr<TlsServer> server_;
  std::unique_ptr<connector::HttpTransport> transport_;
};

/// "200 OK" with a JSON body and whatever `headers` (each ended by CR LF) say.
std::string http_ok(const std::string& body, const std::string& headers = "");

/// A page without rows, as `good` answers.
inline const std::string page = R"({"values":[]})";

/// A server that gives every request the same reply.
Script always(Reply reply);

/// A server that is as it should be.
Script good();

/// Open file descriptors of this process.
std::size_t open_descriptors();

/// A folder that goes with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string file(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

}  // namespace evidenced::test
