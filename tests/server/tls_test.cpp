// Goal: TLS is modern, its certificate can be replaced while people are connected, and a client
// that does not shake hands costs little. Method: a real listener with certificates of a private
// authority; OpenSSL as the client.
#include "tests/catch.hpp"
#include "tests/server/raw_client.hpp"
#include "tests/server/server_fixture.hpp"
#include "tests/server/tls_client.hpp"
#include "tests/simulator/private_ca.hpp"

#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

using namespace evidenced;
using namespace evidenced::server;
using namespace std::chrono_literals;

namespace {

/// A folder with a certificate and its key.
class CertificateFolder {
 public:
  CertificateFolder() {
    char name[] = "/tmp/evidenced-tls-XXXXXX";
    path_ = mkdtemp(name);
    issue("first.example.com");
  }
  ~CertificateFolder() { std::filesystem::remove_all(path_); }
  CertificateFolder(const CertificateFolder&) = delete;
  CertificateFolder& operator=(const CertificateFolder&) = delete;

  void issue(const std::string& name) {
    simulator::CertificateOptions options;
    options.name = name;
    const simulator::Certificate issued = ca_.issue(options);
    write(certificate(), issued.certificate);
    write(key(), issued.key);
  }
  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::trunc) << text;
  }
  std::string certificate() const { return path_ + "/certificate.pem"; }
  std::string key() const { return path_ + "/key.pem"; }

  TestServer::Options options() const {
    TestServer::Options options;
    options.tls_certificate = certificate();
    options.tls_key = key();
    return options;
  }

 private:
  std::string path_;
  simulator::PrivateCa ca_;
};

}  // namespace

TEST_CASE("requests are answered over TLS 1.3 and 1.2, with forward secrecy and HTTP/1.1") {
  const CertificateFolder folder;
  TestServer server(folder.options());
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    TlsClient client(server.port(), {.most = version});
    REQUIRE(client.connected());
    CHECK(client.version() == (version == TLS1_3_VERSION ? "TLSv1.3" : "TLSv1.2"));
    CHECK((version == TLS1_3_VERSION || client.cipher().starts_with("ECDHE-")));
    CHECK(client.protocol() == "http/1.1");
    for (int i = 0; i < 3; ++i) {
      CHECK(client.ask(get("/hello"), "hello").starts_with("HTTP/1.1 200 OK\r\n"));
    }
    CHECK(client.ask(get("/big?100000"), std::string(100000, 'x')).ends_with("xxx"));
    CHECK(client.ask(get("/stream?70"), "Count: 70\r\n\r\n").ends_with("\r\n\r\n"));
  }
}

TEST_CASE("TLS below 1.2 is refused") {
  const CertificateFolder folder;
  TestServer server(folder.options());
  for (const int version : {TLS1_1_VERSION, TLS1_VERSION}) {
    TlsClient client(server.port(), {.most = version, .weak = true});
    CHECK_FALSE(client.connected());
  }
  CHECK(server.calls() == 0);
}

TEST_CASE("a request in clear on the TLS port gets no answer") {
  const CertificateFolder folder;
  TestServer server(folder.options());
  RawClient client(server.port());
  client.send(get("/hello"));
  CHECK(client.drain().find("HTTP") == std::string::npos);
  CHECK(server.calls() == 0);
}

TEST_CASE("a handshake that does not come is not waited for") {
  const CertificateFolder folder;
  TestServer::Options options = folder.options();
  options.limits.handshake = 200ms;
  options.limits.sweep = 20ms;
  TestServer server(options);
  RawClient silent(server.port());
  RawClient slow(server.port());
  slow.send("\x16\x03\x01");
  CHECK(silent.closed_within(3s));
  CHECK(slow.closed_within(3s));
}

TEST_CASE("connections in TLS have a limit of their own") {
  const CertificateFolder folder;
  TestServer::Options options = folder.options();
  options.limits.tls_connections = 2;
  TestServer server(options);
  TlsClient first(server.port());
  TlsClient second(server.port());
  REQUIRE(first.ask(get("/hello"), "hello").ends_with("hello"));
  REQUIRE(second.ask(get("/hello"), "hello").ends_with("hello"));
  RawClient third(server.port());
  CHECK(third.closed_within(2s));
}

TEST_CASE("a new certificate serves new connections, and old ones stay") {
  CertificateFolder folder;
  TestServer server(folder.options());
  TlsClient old(server.port());
  CHECK(old.server_name() == "first.example.com");
  folder.issue("second.example.com");
  const auto reload = [&server] { return server.listener().reload_certificate(); };
  CHECK(server.on_io(reload).has_value());
  TlsClient fresh(server.port());
  CHECK(fresh.server_name() == "second.example.com");
  CHECK(old.ask(get("/hello"), "hello").ends_with("hello"));

  SECTION("and a broken file changes nothing") {
    CertificateFolder::write(folder.key(), "no key");
    const Result<void> reloaded = server.on_io(reload);
    REQUIRE_FALSE(reloaded.has_value());
    CHECK(reloaded.error().code == Code("tls.unusable"));
    CHECK(reloaded.error().detail.find(folder.key()) != std::string::npos);
    TlsClient later(server.port());
    CHECK(later.server_name() == "second.example.com");
  }
  SECTION("and a key of another certificate changes nothing") {
    const std::string mine = folder.key();
    const CertificateFolder other;
    std::filesystem::copy_file(other.key(), mine,
                               std::filesystem::copy_options::overwrite_existing);
    const Result<void> reloaded = server.on_io(reload);
    REQUIRE_FALSE(reloaded.has_value());
    CHECK(reloaded.error().code == Code("tls.unusable"));
  }
}

TEST_CASE("the end of the server ends connections in TLS too") {
  const CertificateFolder folder;
  TestServer server(folder.options());
  TlsClient idle(server.port());
  REQUIRE(idle.ask(get("/hello"), "hello").ends_with("hello"));
  TlsClient untouched(server.port());
  RawClient silent(server.port());
  CHECK(server.stop(3s) < 1s);
}
