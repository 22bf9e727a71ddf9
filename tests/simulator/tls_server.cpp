#include "tests/simulator/tls_server.hpp"

#include "tests/simulator/gzip.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

namespace evidenced::simulator {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

struct TlsServer::State {
  State(TlsServerOptions given, Handler answer)
      : options(std::move(given)), handler(std::move(answer)) {}

  TlsServerOptions options;
  Handler handler;
  asio::io_context io;
  asio::ssl::context tls{asio::ssl::context::tls_server};
  tcp::acceptor acceptor{io};
  std::mutex answering;  ///< held while the handler runs
  std::mutex mutex;      ///< guards the list and wakes sleepers
  std::condition_variable wake;
  std::list<std::unique_ptr<Connection>> open;
  std::atomic<bool> stopping = false;
  std::atomic<std::uint64_t> connections = 0;
  std::atomic<std::uint64_t> failed_handshakes = 0;
  std::thread accepting;

  void accept_all();
  void reap();
};

class TlsServer::Connection {
 public:
  Connection(State& state, tcp::socket socket)
      : state_(state), stream_(std::move(socket), state.tls) {}

  void start() {
    thread_ = std::thread([this] {
      serve();
      const std::lock_guard lock(state_.mutex);
      boost::system::error_code ignored;
      stream_.lowest_layer().close(ignored);  // RST when linger is zero, else FIN
      done = true;
    });
  }
  /// Wakes the thread from whatever it reads or writes. Called with the lock held.
  void break_off() {
    if (stream_.lowest_layer().is_open())
      ::shutdown(stream_.lowest_layer().native_handle(), SHUT_RDWR);
  }
  void join() { thread_.join(); }
  std::atomic<bool> done = false;

 private:
  void serve() {
    boost::system::error_code failed;
    stream_.lowest_layer().set_option(tcp::no_delay(true), failed);
    stream_.handshake(asio::ssl::stream_base::server, failed);
    if (failed) {
      ++state_.failed_handshakes;
      return;
    }
    while (!state_.stopping) {
      http::request_parser<http::string_body> parser;
      parser.header_limit(64U << 10U);
      parser.body_limit(8U << 20U);
      http::read(stream_, buffer_, parser, failed);
      if (failed) return;
      if (!answer(parser.get())) return;
    }
  }

  bool answer(const http::request<http::string_body>& received) {
    SimRequest request;
    request.method = std::string(received.method_string());
    request.target = std::string(received.target());
    for (const auto& field : received) {
      std::string name(field.name_string());
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      request.headers.emplace_back(std::move(name), std::string(field.value()));
    }
    SimResponse response;
    {
      const std::lock_guard lock(state_.answering);
      response = state_.handler(request, received.body());
    }
    const bool zipped = request.header("accept-encoding").find("gzip") != std::string_view::npos;
    return send(std::move(response), zipped, received.keep_alive(), request.method == "HEAD");
  }

  bool send(SimResponse response, bool zipped, bool keep, bool head) {
    if (response.damage == Damage::never) {
      wait_for_the_end();
      return false;
    }
    if (response.damage == Damage::reset_before) return reset();
    std::string body = std::move(response.body);
    const bool forced = response.damage == Damage::gzip_truncate ||
                        response.damage == Damage::gzip_corrupt ||
                        response.damage == Damage::gzip_bomb;
    zipped = (zipped && body.size() > 200) || forced;
    if (response.damage == Damage::gzip_bomb) {
      body = gzip_bomb(response.inflated);
    } else if (zipped) {
      body = gzip(body);
    }
    if (response.damage == Damage::gzip_truncate) body.resize(body.size() / 2);
    if (response.damage == Damage::gzip_corrupt) {
      for (std::size_t i = body.size() / 2; i < body.size(); i += 3) body[i] ^= 0x55;
    }
    const std::string header = header_of(response, zipped, keep, body.size());
    if (head) return write(header) && keep;
    switch (response.damage) {
      case Damage::reset_mid_body:
        write(header + body.substr(0, body.size() / 2));
        return reset();
      case Damage::truncate:
        write(header + body.substr(0, body.size() / 2));
        return close();
      case Damage::slow:
        return drip(header, body, response.delay) && keep;
      default:
        if (state_.options.chunked) return write(header + in_chunks(body)) && keep;
        return write(header + body) && (keep || close());
    }
  }

  std::string header_of(const SimResponse& response, bool zipped, bool keep,
                        std::size_t length) const {
    const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
    std::string text = fmt::format("HTTP/1.1 {} {}\r\n", response.status,
                                   std::string_view(reason.data(), reason.size()));
    for (const auto& [name, value] : response.headers)
      text += fmt::format("{}: {}\r\n", name, value);
    if (zipped) text += "content-encoding: gzip\r\n";
    const bool chunks = state_.options.chunked && response.damage == Damage::none;
    text +=
        chunks ? "transfer-encoding: chunked\r\n" : fmt::format("content-length: {}\r\n", length);
    text += keep ? "connection: keep-alive\r\n\r\n" : "connection: close\r\n\r\n";
    return text;
  }

  static std::string in_chunks(std::string_view body) {
    std::string text;
    for (std::size_t size = 1; !body.empty(); size = size * 3 + 7) {
      const std::string_view part = body.substr(0, size);
      text += fmt::format("{:x}\r\n{}\r\n", part.size(), part);
      body.remove_prefix(part.size());
    }
    return text + "0\r\n\r\n";
  }

  /// The header at once, the body in pieces over `time`.
  bool drip(const std::string& header, std::string_view body, std::chrono::milliseconds time) {
    constexpr std::size_t pieces = 20;
    if (!write(header)) return false;
    const std::size_t piece = body.size() / pieces + 1;
    for (std::size_t i = 0; i < pieces; ++i) {
      if (!nap(time / pieces)) return false;
      if (!body.empty() && !write(std::string(body.substr(0, piece)))) return false;
      body.remove_prefix(std::min(piece, body.size()));
    }
    return true;
  }

  bool write(const std::string& bytes) {
    boost::system::error_code failed;
    asio::write(stream_, asio::buffer(bytes), failed);
    return !failed;
  }

  /// Ends with RST instead of FIN.
  bool reset() {
    boost::system::error_code ignored;
    stream_.lowest_layer().set_option(asio::socket_base::linger(true, 0), ignored);
    return false;
  }

  /// A proper end: close_notify, then FIN.
  bool close() {
    boost::system::error_code ignored;
    stream_.lowest_layer().non_blocking(true, ignored);  // does not wait for the client's own
    stream_.shutdown(ignored);
    return false;
  }

  bool nap(std::chrono::milliseconds time) {
    std::unique_lock lock(state_.mutex);
    return !state_.wake.wait_for(lock, time, [&] { return state_.stopping.load(); });
  }

  void wait_for_the_end() {
    pollfd watched{stream_.lowest_layer().native_handle(), POLLIN | POLLRDHUP, 0};
    while (!state_.stopping && ::poll(&watched, 1, 50) == 0) {
    }
  }

  State& state_;
  asio::ssl::stream<tcp::socket> stream_;
  boost::beast::flat_buffer buffer_;
  std::thread thread_;
};

void TlsServer::State::reap() {
  const std::lock_guard lock(mutex);
  for (auto it = open.begin(); it != open.end();) {
    if (!(*it)->done) {
      ++it;
      continue;
    }
    (*it)->join();
    it = open.erase(it);
  }
}

void TlsServer::State::accept_all() {
  while (!stopping) {
    pollfd watched{acceptor.native_handle(), POLLIN, 0};
    const int ready = ::poll(&watched, 1, 20);
    reap();
    if (ready <= 0) continue;
    boost::system::error_code failed;
    tcp::socket socket(io);
    acceptor.accept(socket, failed);
    if (failed) continue;
    ++connections;
    const std::lock_guard lock(mutex);
    open.push_back(std::make_unique<Connection>(*this, std::move(socket)));
    open.back()->start();
  }
}

TlsServer::TlsServer(TlsServerOptions options, Handler handler)
    : state_(std::make_unique<State>(std::move(options), std::move(handler))) {
  State& state = *state_;
  const Certificate& own = state.options.certificate;
  state.tls.use_certificate_chain(asio::buffer(own.certificate));
  state.tls.use_private_key(asio::buffer(own.key), asio::ssl::context::pem);
  if (state.options.only_tls_1_1) {
    SSL_CTX_set_security_level(state.tls.native_handle(), 0);
    SSL_CTX_set_min_proto_version(state.tls.native_handle(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(state.tls.native_handle(), TLS1_1_VERSION);
  } else {
    SSL_CTX_set_min_proto_version(state.tls.native_handle(), TLS1_2_VERSION);
  }
  const tcp::endpoint where(asio::ip::address_v4::loopback(), state.options.port);
  state.acceptor.open(where.protocol());
  state.acceptor.set_option(asio::socket_base::reuse_address(true));
  state.acceptor.bind(where);
  state.acceptor.listen();
  state.accepting = std::thread([&state] { state.accept_all(); });
}

TlsServer::~TlsServer() {
  stop();
}

std::uint16_t TlsServer::port() const {
  return state_->acceptor.local_endpoint().port();
}

void TlsServer::locked(const std::function<void()>& work) {
  const std::lock_guard lock(state_->answering);
  work();
}

std::uint64_t TlsServer::connections() const {
  return state_->connections;
}
std::uint64_t TlsServer::failed_handshakes() const {
  return state_->failed_handshakes;
}

void TlsServer::stop() {
  if (state_->stopping.exchange(true)) return;
  {
    const std::lock_guard lock(state_->mutex);
    state_->wake.notify_all();
  }
  state_->accepting.join();
  {
    const std::lock_guard lock(state_->mutex);
    for (auto& connection : state_->open) connection->break_off();
  }
  for (auto& connection : state_->open) connection->join();
  state_->open.clear();
  state_->acceptor.close();
}

}  // namespace evidenced::simulator
