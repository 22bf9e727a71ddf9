#include "tests/connector/tls_fixture.hpp"

#include "tests/catch.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

namespace evidenced::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using connector::HttpResponse;

/// Whether a request is what the transport may send, and nothing else.
bool is_expected(const std::string& head) {
  static const std::set<std::string> allowed = {"Host", "User-Agent", "Accept", "Accept-Encoding",
                                                "Authorization"};
  std::set<std::string> seen;
  std::size_t line = head.find("\r\n") + 2;
  while (line + 2 < head.size()) {
    const std::size_t end = head.find("\r\n", line);
    const std::string name = head.substr(line, head.find(':', line) - line);
    if (!allowed.contains(name) || !seen.insert(name).second) return false;
    line = end + 2;
  }
  return seen.size() == allowed.size() && head.starts_with("GET /") &&
         head.find(" HTTP/1.1\r\n") == head.find("\r\n") - 9;
}

/// Runs handlers one by one; a loop that ran out of work before is started again.
template <class Done>
void run_until(asio::io_context& io, Done done) {
  while (!done()) {
    io.restart();
    io.run_one();
  }
}

}  // namespace

struct TlsServer::Peer {
  Peer(asio::io_context& io, asio::ssl::context& context) : stream(io, context) {}
  asio::ssl::stream<tcp::socket> stream;
  std::string input;
};

TlsServer::TlsServer(asio::io_context& io, const Identity& identity, Script script, Options options)
    : io_(io),
      context_(asio::ssl::context::tls_server),
      acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      script_(std::move(script)),
      options_(options),
      group_(io.get_executor()) {
  context_.use_certificate_chain(asio::buffer(identity.certificate));
  context_.use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
  SSL_CTX* native = context_.native_handle();
  if (options.tls12_only) SSL_CTX_set_max_proto_version(native, TLS1_2_VERSION);
  if (options.tls11_only) {
    SSL_CTX_set_min_proto_version(native, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(native, TLS1_1_VERSION);
    SSL_CTX_set_cipher_list(native, "ALL:@SECLEVEL=0");
  }
  group_.spawn("accept", accept());
}

TlsServer::~TlsServer() {
  stop();
}

void TlsServer::stop() {
  error_code ignored;
  acceptor_.close(ignored);
  for (const auto& peer : peers_) {
    if (const auto open = peer.lock()) open->stream.lowest_layer().close(ignored);
  }
  // From within the loop: outside of it Asio 1.81 delivers a cancellation late, to a coroutine that
  // may have ended meanwhile.
  bool cancelled = false;
  asio::post(io_, [&] {
    cancelled = true;
    group_.cancel();
  });
  run_until(io_, [&] { return cancelled && group_.size() == 0; });
}

Task<void> TlsServer::accept() {
  error_code code;
  while (!code) {
    auto peer = std::make_shared<Peer>(io_, context_);
    co_await acceptor_.async_accept(peer->stream.lowest_layer(),
                                    asio::redirect_error(asio::use_awaitable, code));
    if (code) break;
    peers_.push_back(peer);
    ++connections;
    if (!options_.silent) {
      group_.spawn("serve", serve(peer, connections));
    } else {
      silent_.push_back(peer);
    }
  }
}

Task<void> TlsServer::serve(std::shared_ptr<Peer> peer, int connection) {
  error_code code;
  co_await peer->stream.async_handshake(asio::ssl::stream_base::server,
                                        asio::redirect_error(asio::use_awaitable, code));
  if (code) co_return;
  SSL* native = peer->stream.native_handle();
  if (SSL_session_reused(native) == 1) ++resumed;
  const char* name = SSL_get_servername(native, TLSEXT_NAMETYPE_host_name);
  names.emplace_back(name == nullptr ? "" : name);
  for (int request = 1;; ++request) {
    const bool got = co_await read_head(peer);
    if (!got) co_return;
    Reply reply = script_(connection, request);
    const auto end = reply.end;
    co_await act(peer, std::move(reply));
    if (end != Reply::End::keep) co_return;
  }
}

Task<bool> TlsServer::read_head(std::shared_ptr<Peer> peer) {
  std::array<char, 4096> buffer;
  while (!peer->input.contains("\r\n\r\n")) {
    error_code code;
    const std::size_t count = co_await peer->stream.async_read_some(
        asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, code));
    if (code) co_return false;
    http_bytes += count;
    peer->input.append(buffer.data(), count);
  }
  const std::size_t end = peer->input.find("\r\n\r\n") + 4;
  heads.push_back(peer->input.substr(0, end));
  peer->input.erase(0, end);
  co_return true;
}

Task<void> TlsServer::act(std::shared_ptr<Peer> peer, Reply reply) {
  error_code code;
  asio::steady_timer timer(io_);
  bool first = true;
  for (const std::string& bytes : reply.writes) {
    if (!first && reply.pause.count() > 0) {
      timer.expires_after(reply.pause);
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, code));
    }
    first = false;
    co_await asio::async_write(peer->stream, asio::buffer(bytes),
                               asio::redirect_error(asio::use_awaitable, code));
    if (code) co_return;
  }
  if (reply.end == Reply::End::hang) {
    timer.expires_at(asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, code));
  }
  auto& socket = peer->stream.lowest_layer();
  if (reply.end == Reply::End::close) {
    // Not awaited: it sends close_notify at once and then waits for the client's, who may not care.
    peer->stream.async_shutdown([peer](error_code) {});
    socket.shutdown(tcp::socket::shutdown_send, code);
    co_return;
  }
  if (reply.end == Reply::End::reset) socket.set_option(asio::socket_base::linger(true, 0), code);
  if (reply.end != Reply::End::keep) socket.close(code);
}

TlsWorld::TlsWorld(Script script, const Setup& setup) {
  const Authority authority;
  const Authority impostor;
  const Authority stranger("another test authority");
  const Identity identity =
      setup.self_signed ? self_signed(setup.certificate) : authority.issue(setup.certificate);
  server_ = std::make_unique<TlsServer>(io_, identity, std::move(script), setup.server);
  const TemporaryFolder folder;
  connector::TlsTransportOptions options;
  options.base_url = "https://" + setup.host + ":" + std::to_string(server_->port());
  const Authority* trusted = setup.trust == Setup::Trust::authority  ? &authority
                             : setup.trust == Setup::Trust::stranger ? &stranger
                                                                     : &impostor;
  options.ca_file = folder.file("ca.pem", trusted->certificate());
  auto transport = connector::make_tls_transport(io_.get_executor(), clock_, options);
  REQUIRE(transport);
  transport_ = std::move(*transport);
}

TlsWorld::~TlsWorld() {
  for (const std::string& head : server_->heads) {
    CAPTURE(head);
    CHECK(is_expected(head));
  }
  transport_.reset();
  server_->stop();
}

connector::GetRequest TlsWorld::request(std::string target, std::chrono::seconds timeout) const {
  connector::GetRequest get;
  get.target = std::move(target);
  get.authorization = Secret("Basic YWRhQGV4YW1wbGUuY29tOnRva2Vu");
  get.timeout = timeout;
  return get;
}

Result<HttpResponse> TlsWorld::get(std::string target, std::chrono::seconds timeout) {
  std::optional<Result<HttpResponse>> result;
  std::exception_ptr failed;
  asio::co_spawn(io_, transport_->get(request(std::move(target), timeout)),
                 [&](std::exception_ptr e, Result<HttpResponse> r) {
                   failed = e;
                   result = std::move(r);
                 });
  run_until(io_, [&] { return result.has_value(); });
  if (failed) std::rethrow_exception(failed);
  return std::move(*result);
}

std::vector<Result<HttpResponse>> TlsWorld::get_many(int count) {
  std::vector<Result<HttpResponse>> results;
  for (int n = 0; n < count; ++n) {
    asio::co_spawn(
        io_, transport_->get(request("/2.0/user", std::chrono::seconds(20))),
        [&](std::exception_ptr, Result<HttpResponse> r) { results.push_back(std::move(r)); });
  }
  run_until(io_, [&] { return results.size() == static_cast<std::size_t>(count); });
  return results;
}

void TlsWorld::wait(std::chrono::milliseconds duration) {
  bool over = false;
  asio::steady_timer timer(io_, duration);
  timer.async_wait([&](error_code) { over = true; });
  run_until(io_, [&] { return over; });
}

std::string TlsWorld::failure(std::chrono::seconds timeout) {
  const Result<HttpResponse> result = get("/2.0/user", timeout);
  return result ? "answered" : std::string(result.error().code.text());
}

Result<HttpResponse> TlsWorld::get_cancelled_after(int steps, bool& was_done) {
  std::optional<Result<HttpResponse>> result;
  asio::cancellation_signal signal;
  asio::co_spawn(io_, transport_->get(request("/2.0/user", std::chrono::seconds(20))),
                 asio::bind_cancellation_slot(signal.slot(),
                                              [&](std::exception_ptr e, Result<HttpResponse> r) {
                                                CHECK_FALSE(e);
                                                result = std::move(r);
                                              }));
  for (int n = 0; n < steps && !result; ++n) io_.run_one();
  was_done = result.has_value();
  bool emitted = false;
  asio::post(io_, [&] {
    emitted = true;
    signal.emit(asio::cancellation_type::terminal);
  });
  run_until(io_, [&] { return result && emitted; });
  return std::move(*result);
}

std::string http_ok(const std::string& body, const std::string& headers) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "evidenced-tls-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::filesystem::remove_all(path_);
}

std::string TemporaryFolder::file(const std::string& name, const std::string& content) const {
  const std::string path = path_ + "/" + name;
  std::ofstream(path) << content;
  return path;
}

Script always(Reply reply) {
  return [reply](int, int) { return reply; };
}

Script good() {
  return always({.writes = {http_ok(page)}});
}

}  // namespace evidenced::test
