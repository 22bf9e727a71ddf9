// The simulator over sockets: certificates, keep-alive, compression, and damage that is really
// done.
#include "tests/simulator/tls_server.hpp"

#include "tests/catch.hpp"
#include "tests/simulator/control.hpp"
#include "tests/simulator/gzip.hpp"
#include "tests/simulator_tests/bench.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <optional>
#include <thread>

using namespace evidenced;
using namespace evidenced::simulator;
namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

struct Got {
  int status = 0;
  std::string encoding;
  std::string body;
  boost::system::error_code failed;
};

/// One connection of a client that checks certificates.
class Client {
 public:
  Client(std::uint16_t port, const std::string& ca) : tls_(asio::ssl::context::tls_client) {
    tls_.add_certificate_authority(asio::buffer(ca));
    tls_.set_verify_mode(asio::ssl::verify_peer);
    stream_.emplace(io_, tls_);
    stream_->set_verify_callback(asio::ssl::host_name_verification("localhost"));
    stream_->lowest_layer().connect({asio::ip::address_v4::loopback(), port});
    stream_->handshake(asio::ssl::stream_base::client, failed);
  }

  Got get(const std::string& target, const std::string& authorization,
          const std::string& extra = "", const std::string& method = "GET") {
    const std::string request = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" +
                                "Authorization: " + authorization + "\r\n" + extra + "\r\n";
    Got got;
    asio::write(*stream_, asio::buffer(request), got.failed);
    http::response_parser<http::string_body> parser;
    parser.body_limit(1ULL << 30U);
    if (!got.failed) http::read(*stream_, buffer_, parser, got.failed);
    got.status = parser.get().result_int();
    got.encoding = std::string(parser.get()[http::field::content_encoding]);
    got.body = parser.get().body();
    return got;
  }
  boost::system::error_code failed;

 private:
  asio::io_context io_;
  asio::ssl::context tls_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket>> stream_;
  boost::beast::flat_buffer buffer_;
};

/// A served bench.
struct Stand {
  explicit Stand(TlsServerOptions options = {}) : control(bench.simulator) {
    control.add_token(bench.token);
    if (options.certificate.key.empty()) options.certificate = ca.issue();
    server.emplace(options, [this](const SimRequest& request, const std::string& body) {
      return Control::owns(request) ? control.answer(request, body)
                                    : bench.simulator.answer(request);
    });
  }
  Client client() { return {server->port(), ca.certificate()}; }
  Got damaged(FaultKind kind, std::uint64_t size = 1U << 20U) {
    Fault fault;
    fault.kind = kind;
    fault.size = size;
    fault.delay = std::chrono::milliseconds(40);
    server->locked([&] {
      bench.simulator.clear_faults();
      bench.simulator.add_fault(fault);
    });
    return client().get("/2.0/user", bench.token.authorization);
  }

  Bench bench;
  PrivateCa ca;
  Control control;
  std::optional<TlsServer> server;
};

}  // namespace

TEST_CASE("many requests go over one connection, compressed when asked") {
  Stand stand;
  auto client = stand.client();
  REQUIRE_FALSE(client.failed);
  const std::string list = "/2.0/repositories/" + stand.bench.workspace().slug;
  for (int i = 0; i < 3; ++i) {
    const Got plain = client.get(list, stand.bench.token.authorization);
    CHECK(plain.status == 200);
    CHECK(plain.encoding.empty());
    const Got small =
        client.get(list, stand.bench.token.authorization, "Accept-Encoding: gzip\r\n");
    CHECK(small.encoding == "gzip");
    CHECK(small.body.size() < plain.body.size() / 2);
    CHECK(small.body == gzip(plain.body));
  }
  CHECK(stand.server->connections() == 1);
}

TEST_CASE("bodies may come in chunks") {
  TlsServerOptions options;
  options.chunked = true;
  Stand stand(options);
  const Got got = stand.client().get("/2.0/user", stand.bench.token.authorization);
  CHECK_FALSE(got.failed);
  CHECK(json::parse(got.body).at("type") == "user");
}

TEST_CASE("damage is done to the bytes") {
  Stand stand;
  CHECK(stand.damaged(FaultKind::reset_before).failed);
  const Got broken = stand.damaged(FaultKind::reset_mid_body);
  CHECK(broken.failed == asio::error::connection_reset);
  CHECK(stand.damaged(FaultKind::truncate).failed == http::error::partial_message);
  const Got half = stand.damaged(FaultKind::gzip_truncate);
  CHECK_FALSE(half.failed);
  CHECK(half.encoding == "gzip");
  const Got bomb = stand.damaged(FaultKind::gzip_bomb, 8U << 20U);
  CHECK(bomb.encoding == "gzip");
  CHECK(bomb.body.size() < 100'000);
  CHECK(stand.damaged(FaultKind::gzip_corrupt).encoding == "gzip");
  const auto begin = std::chrono::steady_clock::now();
  CHECK(stand.damaged(FaultKind::slow).status == 200);
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(30));
}

TEST_CASE("a server that never answers still stops") {
  Stand stand;
  Fault never;
  never.kind = FaultKind::never;
  stand.bench.simulator.add_fault(never);
  auto client = stand.client();
  std::thread asking([&] { CHECK(client.get("/2.0/user", "x").failed); });
  while (stand.server->connections() == 0) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  stand.server->stop();
  asking.join();
}

TEST_CASE("certificates of another host, expired ones and strangers' are refused by a client") {
  const PrivateCa ca;
  CertificateOptions other;
  other.hosts = {"elsewhere.example.com"};
  CertificateOptions old;
  old.valid_from_seconds = -100;
  old.valid_to_seconds = -10;
  for (const Certificate& certificate :
       {ca.issue(other), ca.issue(old), PrivateCa::self_signed(), PrivateCa().issue()}) {
    TlsServerOptions options;
    options.certificate = certificate;
    int requests = 0;
    TlsServer server(options, [&](const SimRequest&, const std::string&) {
      ++requests;
      return SimResponse{};
    });
    const Client client(server.port(), ca.certificate());
    CHECK(client.failed);
    server.stop();
    CHECK(requests == 0);
    CHECK(server.failed_handshakes() == 1);
  }
}

TEST_CASE("the controls change the world, count, script and tell what is expected") {
  Stand stand;
  auto client = stand.client();
  const auto ask = [&](const std::string& target) { return client.get("/_sim/" + target, "x"); };
  const auto post = [&](const std::string& target, const std::string& body) {
    SimRequest request;
    request.method = "POST";
    request.target = "/_sim/" + target;
    return stand.control.answer(request, body);
  };
  CHECK(json::parse(ask("expected?counts=1").body).at("repository") == 10);
  CHECK(json::parse(post("mutate?n=5", "").body).at("changes").as_array().size() == 5);
  CHECK(post("switches", R"({"empty_401": true})").status == 200);
  CHECK(post("switches", R"({"nonsense": true})").status == 400);
  CHECK(post("faults", R"({"kind": "status", "path": "/2.0/user", "status": 502})").status == 200);
  CHECK(client.get("/2.0/user", stand.bench.token.authorization).status == 502);
  const json::value issued = json::parse(post("tokens", R"({"role": "none"})").body);
  CHECK(issued.at("index") == 1);
  CHECK(post("tokens/0", R"({"revoked": true})").status == 200);
  CHECK(client.get("/2.0/user", stand.bench.token.authorization).status == 401);
  CHECK(post("tokens/7", R"({"revoked": true})").status == 400);
  const json::value status = json::parse(ask("status").body);
  CHECK(status.at("requests") == 2);
  CHECK(status.at("by_status").at("502") == 1);
  CHECK(ask("requests").body.find("\"target\":\"/2.0/user\"") != std::string::npos);
  CHECK(json::parse(ask("repositories").body).as_array().size() >= 8);
  CHECK(ask("nonsense").status == 404);
}
