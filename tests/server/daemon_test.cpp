// Goal: the daemon starts or says in one line why not, obeys its signals, and ends in time.
// Method: the real thing in a process of its own, with a fresh state folder; signals and sockets.
#include "server/hardening.hpp"
#include "tests/catch.hpp"
#include "tests/server/daemon_process.hpp"
#include "tests/server/raw_client.hpp"
#include "tests/server/state_folder.hpp"
#include "tests/server/tls_client.hpp"
#include "tests/simulator/private_ca.hpp"

#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace evidenced;
using namespace evidenced::server;
using namespace std::chrono_literals;

namespace {

std::string bearer(const StateFolder& state) {
  return "Authorization: Bearer " + state.api_key() + "\r\n";
}

int status_of(unsigned short port, const std::string& request) {
  RawClient client(port);
  client.send(request);
  return client.receive().status;
}

/// Starts, expects a refusal, checks that it is one line and prompt.
std::string refusal(const Settings& settings, Secret key, int exit_code) {
  DaemonProcess daemon(settings, std::move(key));
  CHECK(daemon.wait_for_end() == exit_code);
  CHECK(daemon.took() < 1s);
  CHECK(std::ranges::count(daemon.said(), '\n') == 1);
  return daemon.said();
}

}  // namespace

TEST_CASE("a session outlives the daemon, and is held back as its key is, not as a stranger") {
  const StateFolder state;
  std::string cookie;
  {
    DaemonProcess daemon(state.settings(), StateFolder::master_key());
    RawClient client(daemon.wait_until_listening());
    client.send(post("/ui/session", "{\"key\":\"" + state.api_key() + "\"}",
                     "Content-Type: application/json\r\n"));
    const Reply made = client.receive();
    REQUIRE(made.status == 201);
    cookie = made.field("Set-Cookie");
    cookie = "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n";
  }
  DaemonProcess daemon(state.settings(), StateFolder::master_key());
  RawClient client(daemon.wait_until_listening());
  for (int i = 0; i < 100; ++i) {
    client.send(get("/v1/principal", cookie));
    const Reply reply = client.receive();
    CAPTURE(i, reply.body);
    REQUIRE(reply.status == 200);
  }
  CHECK_FALSE(daemon.said().contains(cookie.substr(18, 30)));
}

TEST_CASE("the daemon serves its API and ends with 0 when told to") {
  const StateFolder state;
  const int number = GENERATE(SIGTERM, SIGINT);
  DaemonProcess daemon(state.settings(), StateFolder::master_key());
  const unsigned short port = daemon.wait_until_listening();
  REQUIRE(port != 0);
  CHECK(status_of(port, get("/livez")) == 200);
  CHECK(status_of(port, get("/readyz")) == 200);
  RawClient watcher(port);
  watcher.send(get("/metrics"));
  CHECK(watcher.receive().body.find("evidenced_server_handler_exceptions_total 0") !=
        std::string::npos);
  CHECK(status_of(port, get("/v1/sources")) == 401);
  CHECK(status_of(port, get("/v1/sources", bearer(state))) == 200);
  CHECK(status_of(port, get("/v1/nothing", bearer(state))) == 404);
  CHECK(status_of(port, post("/v1/sources", "{}",
                             bearer(state) + "Content-Type: application/json\r\n")) == 400);
  daemon.signal(number);
  CHECK(daemon.wait_for_end() == 0);
  CHECK(daemon.took() < 1500ms);
  CHECK(daemon.said().find("stopped") != std::string::npos);
  CHECK(daemon.said().find("error") == std::string::npos);
  CHECK(daemon.said().find(state.api_key()) == std::string::npos);
}

TEST_CASE("the daemon ends within five seconds whatever its clients do") {
  const StateFolder state;
  Settings settings = state.settings();
  DaemonProcess daemon(settings, StateFolder::master_key());
  const unsigned short port = daemon.wait_until_listening();
  REQUIRE(port != 0);
  std::vector<RawClient> clients;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back(port);
    clients.back().send(get("/livez"));
    clients.emplace_back(port);
    clients.back().send("POST /v1/sources HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n" +
                        bearer(state) + "\r\n{");
    clients.emplace_back(port);
    clients.back().send("GET /v1/sour");
  }
  std::this_thread::sleep_for(100ms);
  daemon.signal(SIGTERM);
  SECTION("after the grace") {
    CHECK(daemon.wait_for_end() == 0);
    CHECK(daemon.took() > 3s);
    CHECK(daemon.took() <= 5s);
  }
  SECTION("or at once, when told a second time") {
    REQUIRE(daemon.wait_for_line("stopping"));
    daemon.signal(SIGTERM);
    CHECK(daemon.wait_for_end() == 0);
    CHECK(daemon.took() < 1s);
  }
}

TEST_CASE(
    "readiness is withdrawn, and nobody new is let in, as soon as the daemon is told to end") {
  const StateFolder state;
  DaemonProcess daemon(state.settings(), StateFolder::master_key());
  const unsigned short port = daemon.wait_until_listening();
  REQUIRE(port != 0);
  RawClient half(port);
  half.send("GET /readyz HTTP/1.1\r\nHost: local");
  std::this_thread::sleep_for(100ms);
  daemon.signal(SIGTERM);
  REQUIRE(daemon.wait_for_line("stopping"));
  half.send("host\r\n\r\n");
  const Reply reply = half.receive();
  CHECK(reply.status == 503);
  CHECK(reply.field("Connection") == "close");
  CHECK(daemon.wait_for_end() == 0);
  CHECK(daemon.took() < 1s);
  CHECK_THROWS(RawClient(port));
}

TEST_CASE("a start that cannot succeed says why in one line, with the exit code of its kind") {
  const StateFolder state;
  Settings settings = state.settings();
  SECTION("wrong master key") {
    const std::string line = refusal(settings, Secret(std::string(32, 'x')), 77);
    CHECK(line.find("(key.wrong)") != std::string::npos);
    CHECK(line.find("Use the key that belongs to this database.") != std::string::npos);
  }
  SECTION("busy port") {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&name), size) == 0);
    REQUIRE(listen(fd, 1) == 0);
    getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
    settings.server.listen = "127.0.0.1:" + std::to_string(ntohs(name.sin_port));
    CHECK(refusal(settings, StateFolder::master_key(), 75).find("address.in_use") !=
          std::string::npos);
    close(fd);
  }
  SECTION("an address that is not ours") {
    settings.server.listen = "192.0.2.1:8080";
    CHECK(refusal(settings, StateFolder::master_key(), 78).find("address.unusable") !=
          std::string::npos);
  }
  SECTION("a database in use") {
    DaemonProcess first(settings, StateFolder::master_key());
    REQUIRE(first.wait_until_listening() != 0);
    CHECK(refusal(settings, StateFolder::master_key(), 75).find("storage.locked") !=
          std::string::npos);
  }
  SECTION("no database") {
    settings.storage.url = "sqlite:////nowhere/evidenced.db";
    const std::string line = refusal(settings, StateFolder::master_key(), 78);
    CHECK(line.find("/nowhere/evidenced.db") != std::string::npos);
  }
  SECTION("no certificate") {
    settings.server.tls_certificate = state.path() + "/none.pem";
    settings.server.tls_key = state.path() + "/none.pem";
    CHECK(refusal(settings, StateFolder::master_key(), 78).find("none.pem") != std::string::npos);
  }
  SECTION("authorities that are none") {
    settings.connector.ca_file = state.path() + "/none.pem";
    CHECK(refusal(settings, StateFolder::master_key(), 78).find("none.pem") != std::string::npos);
  }
  SECTION("proxies that are none") {
    settings.server.trusted_proxies = {"10.0.0.0/99"};
    CHECK(refusal(settings, StateFolder::master_key(), 78).find("10.0.0.0/99") !=
          std::string::npos);
  }
}

TEST_CASE("SIGHUP brings a new certificate, and no connection is lost") {
  const StateFolder state;
  const simulator::PrivateCa ca;
  Settings settings = state.settings();
  settings.server.tls_certificate = state.path() + "/certificate.pem";
  settings.server.tls_key = state.path() + "/key.pem";
  const auto install = [&](const std::string& name) {
    simulator::CertificateOptions options;
    options.name = name;
    const simulator::Certificate issued = ca.issue(options);
    std::ofstream(settings.server.tls_certificate, std::ios::trunc) << issued.certificate;
    std::ofstream(settings.server.tls_key, std::ios::trunc) << issued.key;
  };
  install("first.example.com");
  DaemonProcess daemon(settings, StateFolder::master_key());
  const unsigned short port = daemon.wait_until_listening();
  REQUIRE(port != 0);
  TlsClient old(port);
  REQUIRE(old.server_name() == "first.example.com");
  install("second.example.com");
  daemon.signal(SIGHUP);
  REQUIRE(daemon.wait_for_line("certificate reloaded"));
  CHECK(TlsClient(port).server_name() == "second.example.com");
  CHECK(old.ask(get("/livez"), "\r\n\r\n").starts_with("HTTP/1.1 200"));
  std::ofstream(settings.server.tls_key, std::ios::trunc) << "no key";
  daemon.signal(SIGHUP);
  REQUIRE(daemon.wait_for_line("certificate not reloaded"));
  CHECK(TlsClient(port).server_name() == "second.example.com");
  daemon.signal(SIGTERM);
  CHECK(daemon.wait_for_end() == 0);
  CHECK(daemon.took() < 1500ms);
}

TEST_CASE("the service manager hears when the daemon is ready, alive and stopping") {
  const StateFolder state;
  const std::string path = state.path() + "/notify";
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  setenv("WATCHDOG_USEC", "200000", 1);
  DaemonProcess daemon(state.settings(), StateFolder::master_key());
  unsetenv("NOTIFY_SOCKET");
  unsetenv("WATCHDOG_USEC");
  REQUIRE(daemon.wait_until_listening() != 0);
  std::this_thread::sleep_for(500ms);
  daemon.signal(SIGTERM);
  CHECK(daemon.wait_for_end() == 0);
  std::vector<std::string> heard;
  char bytes[256];
  for (ssize_t got = 1; got > 0;) {
    got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got > 0) heard.emplace_back(bytes, static_cast<std::size_t>(got));
  }
  close(fd);
  CHECK(std::ranges::count(heard, "READY=1") == 1);
  CHECK(std::ranges::count(heard, "WATCHDOG=1") >= 3);
  REQUIRE_FALSE(heard.empty());
  CHECK(heard.back() == "STOPPING=1");
}

TEST_CASE("a hardened process dumps no core, keeps its files to itself and survives closed pipes") {
  const pid_t child = fork();
  if (child == 0) {
    harden_process();
    rlimit core{};
    getrlimit(RLIMIT_CORE, &core);
    int failures = 0;
    failures |= prctl(PR_GET_DUMPABLE) == 0 ? 0 : 1;
    failures |= core.rlim_cur == 0 && core.rlim_max == 0 ? 0 : 2;
    failures |= umask(0) == 077 ? 0 : 4;
    failures |= raise(SIGPIPE) == 0 ? 0 : 8;
    _exit(failures);
  }
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
