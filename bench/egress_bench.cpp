// The TLS transport beside a bare OpenSSL client: the same requests, one after the other over one
// kept connection, against the same server in another thread. What is gated is the ratio of the
// CPU time of the client's thread (medians of the rounds); rates by the wall clock are only shown.
// Arguments: [requests a round] [rounds].
#include "config/clock.hpp"
#include "connector/egress/tls_transport.hpp"

#include <arpa/inet.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace evidenced;

constexpr double target = 0.4;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Deleter<SSL_free>>;

void must(bool success, const char* what) {
  if (!success) throw std::runtime_error(what);
}

/// A certificate for 127.0.0.1 in a folder that goes with the object.
class Certificate {
 public:
  Certificate() {
    std::string pattern = (std::filesystem::temp_directory_path() / "egress-bench-XXXXXX").string();
    must(::mkdtemp(pattern.data()) != nullptr, "mkdtemp");
    folder_ = pattern;
    const std::string command = fmt::format(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=b "
        "-addext subjectAltName=IP:127.0.0.1 -keyout {} -out {} 2>/dev/null",
        key(), path());
    must(std::system(command.c_str()) == 0, "openssl req");
  }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;
  ~Certificate() { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ + "/c.pem"; }
  std::string key() const { return folder_ + "/k.pem"; }

 private:
  std::string folder_;
};

/// Answers every request with the same bytes, one thread a connection, until the peer closes.
class Server {
 public:
  Server(const Certificate& certificate, std::string answer) : answer_(std::move(answer)) {
    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate_file(context_.get(), certificate.path().c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context_.get(), certificate.key().c_str(), SSL_FILETYPE_PEM);
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    auto* address = reinterpret_cast<sockaddr*>(&address_);
    must(::bind(listener_, address, size) == 0 && ::listen(listener_, 8) == 0, "listen");
    ::getsockname(listener_, address, &size);
    acceptor_ = std::thread([this] { accept(); });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& peer : peers_) peer.join();
    ::close(listener_);
  }
  sockaddr_in address() const { return address_; }
  int port() const { return ntohs(address_.sin_port); }

 private:
  void accept() {
    for (int peer = 0; (peer = ::accept(listener_, nullptr, nullptr)) >= 0;)
      peers_.emplace_back([this, peer] { serve(peer); });
  }
  void serve(int peer) const {
    const int on = 1;
    ::setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const Session session(SSL_new(context_.get()));
    SSL_set_fd(session.get(), peer);
    std::array<char, 16384> buffer;
    std::size_t match = 0;
    if (SSL_accept(session.get()) == 1) {
      for (int count = 0; (count = SSL_read(session.get(), buffer.data(), buffer.size())) > 0;) {
        for (int i = 0; i < count; ++i) {
          const char c = buffer[static_cast<std::size_t>(i)];
          match = c == "\r\n\r\n"[match] ? match + 1 : (c == '\r' ? 1 : 0);
          if (match < 4) continue;
          match = 0;
          SSL_write(session.get(), answer_.data(), static_cast<int>(answer_.size()));
        }
      }
    }
    ::close(peer);
  }

  std::string answer_;
  Context context_;
  int listener_ = -1;
  sockaddr_in address_{};
  std::thread acceptor_;
  std::vector<std::thread> peers_;
};

struct Cost {
  double cpu_us = 0;   ///< of the client's thread, a request
  double wall_us = 0;  ///< a request
};

double thread_cpu_us() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

template <class Work>
Cost measure(int requests, Work work) {
  const auto start = std::chrono::steady_clock::now();
  const double cpu = thread_cpu_us();
  work();
  const std::chrono::duration<double, std::micro> wall = std::chrono::steady_clock::now() - start;
  return {(thread_cpu_us() - cpu) / requests, wall.count() / requests};
}

/// The least that a client can do: blocking, no parsing, the size of the answer known beforehand.
Cost bare(const Server& server, int requests, std::size_t answer_size) {
  const Context context(SSL_CTX_new(TLS_client_method()));
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = server.address();
  must(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
       "connect");
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const Session session(SSL_new(context.get()));
  SSL_set_fd(session.get(), socket);
  must(SSL_connect(session.get()) == 1, "handshake");
  const std::string head =
      "GET /2.0/user HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bare\r\nAccept: "
      "application/json\r\n"
      "Accept-Encoding: gzip\r\nAuthorization: Basic YWRhQGV4YW1wbGUuY29tOnRva2Vu\r\n\r\n";
  std::array<char, 16384> buffer;
  const Cost cost = measure(requests, [&] {
    for (int n = 0; n < requests; ++n) {
      SSL_write(session.get(), head.data(), static_cast<int>(head.size()));
      for (std::size_t got = 0; got < answer_size;) {
        const int count = SSL_read(session.get(), buffer.data(), buffer.size());
        must(count > 0, "read");
        got += static_cast<std::size_t>(count);
      }
    }
  });
  ::close(socket);
  return cost;
}

Task<void> ask(connector::HttpTransport& transport, int requests) {
  for (int n = 0; n < requests; ++n) {
    connector::GetRequest request;
    request.target = "/2.0/user";
    request.authorization = Secret("Basic YWRhQGV4YW1wbGUuY29tOnRva2Vu");
    const Result<connector::HttpResponse> response = co_await transport.get(std::move(request));
    must(response && response->status == 200, "get");
  }
}

Cost ours(const Server& server, const Certificate& certificate, int requests) {
  boost::asio::io_context io{1};
  SystemClock clock;
  connector::TlsTransportOptions options;
  options.base_url = fmt::format("https://127.0.0.1:{}", server.port());
  options.ca_file = certificate.path();
  const auto transport = connector::make_tls_transport(io.get_executor(), clock, options);
  must(transport.has_value(), "transport");
  const auto run = [&](int count) {
    io.restart();
    boost::asio::co_spawn(io, ask(**transport, count), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
    io.run();
  };
  run(1);  // the handshake
  return measure(requests, [&] { run(requests); });
}

Cost median(std::vector<Cost> costs) {
  std::ranges::sort(costs, {}, &Cost::cpu_us);
  return costs[costs.size() / 2];
}

bool compare(const Certificate& certificate, std::size_t body, int requests, int rounds) {
  const std::string answer = fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-OAuth-Scopes: read:user:bitbucket\r\n"
      "Content-Length: {}\r\n\r\n{}",
      body, std::string(body, ' '));
  const Server server(certificate, answer);
  std::vector<Cost> bares;
  std::vector<Cost> mine;
  for (int round = 0; round < rounds; ++round) {
    bares.push_back(bare(server, requests, answer.size()));
    mine.push_back(ours(server, certificate, requests));
  }
  const Cost b = median(bares);
  const Cost m = median(mine);
  const double ratio = b.cpu_us / m.cpu_us;
  fmt::print(
      "{:>6} bytes: bare {:.1f} us CPU, ours {:.1f} us CPU, ratio {:.2f} (target {:.2f}); "
      "{:.0f} and {:.0f} requests/s\n",
      body, b.cpu_us, m.cpu_us, ratio, target, 1e6 / b.wall_us, 1e6 / m.wall_us);
  return ratio >= target;
}

}  // namespace

int main(int argc, char** argv) {
  const int requests = argc > 1 ? std::atoi(argv[1]) : 5000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  const Certificate certificate;
  bool good = true;
  for (const std::size_t body : {100U, 20'000U, 200'000U})
    good = compare(certificate, body, requests, rounds) && good;
  return good ? 0 : 1;
}
