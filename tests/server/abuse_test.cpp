// Goal: no stranger bloats the daemon, keeps it busy, or keeps others out.
// Method: bombs and floods against a real listener in this process; deadlines are shortened so that
// seconds do for minutes; memory is the process's own.
#include "server/memory_watch.hpp"
#include "tests/catch.hpp"
#include "tests/server/raw_client.hpp"
#include "tests/server/server_fixture.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <string>
#include <vector>

using namespace evidenced;
using namespace evidenced::server;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

namespace {

const std::string chunked_upload =
    "POST /upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";

// A sanitizer keeps what was freed; 10 MB of bomb are still far above what it may keep.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif
constexpr std::size_t flat = (sanitized ? 32 : 4) * 1024 * 1024;

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Sends `piece` until the server has had enough, `most` bytes at the most; what was sent.
std::size_t pour(RawClient& client, const std::string& piece, std::size_t most) {
  std::size_t sent = 0;
  while (sent < most && client.send(piece)) sent += piece.size();
  return sent;
}

void require_alive(TestServer& server) {
  RawClient client(server.port());
  client.send(get("/hello"));
  REQUIRE(client.receive().status == 200);
}

/// Room for many sockets, as the hard limit allows.
void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

TEST_CASE("bombs of trailers and chunk extensions are refused and leave memory flat") {
  TestServer server;
  require_alive(server);
  const std::size_t before = resident_bytes();
  SECTION("one trailer of 70 KB") {
    RawClient client(server.port());
    client.send(chunked_upload + "1\r\na\r\n0\r\nA: " + std::string(70000, 'b') + "\r\n\r\n");
    CHECK(client.receive().status == 413);
  }
  SECTION("240 MB of trailers") {
    RawClient client(server.port());
    client.send(chunked_upload + "1\r\na\r\n0\r\n");
    const std::string trailer = "A: " + std::string(1000, 'b') + "\r\n";
    CHECK(pour(client, trailer, 240'000'000) < 10'000'000);
  }
  SECTION("one chunk extension of 100 KB") {
    RawClient client(server.port());
    client.send(chunked_upload + "1;a=" + std::string(100'000, 'b') + "\r\na\r\n");
    CHECK(client.receive().status == 413);
  }
  SECTION("40 MB of chunk extensions for a body of 2 KB") {
    RawClient client(server.port());
    const std::string chunk = "1;a=" + std::string(20'000, 'b') + "\r\nc\r\n";
    client.send(chunked_upload);
    CHECK(pour(client, chunk, 40'000'000) < 10'000'000);
  }
  SECTION("a million chunks of one byte") {
    const double cpu = cpu_seconds();
    RawClient client(server.port());
    client.send(chunked_upload);
    std::string chunks;
    for (int i = 0; i < 10'000; ++i) chunks += "1\r\na\r\n";
    pour(client, chunks, 6'000'000);
    CHECK(client.receive().status == 413);
    CHECK(cpu_seconds() - cpu < 5);  // this client's share and a sanitizer's included
  }
  SECTION("a declared megabyte that never comes") {
    std::vector<RawClient> clients;
    for (int i = 0; i < 100; ++i) {
      clients.emplace_back(server.port());
      clients.back().send(
          "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048576\r\n\r\nx");
    }
    require_alive(server);
  }
  CHECK(resident_bytes() < before + flat);
  require_alive(server);
}

TEST_CASE("two thousand slow connections do not disturb a good client and are closed in time") {
  raise_descriptor_limit();
  TestServer::Options options;
  options.limits.header = 2000ms;
  options.limits.sweep = 100ms;
  TestServer server(options);
  require_alive(server);
  const std::size_t before = resident_bytes();
  std::vector<RawClient> slow;
  for (int i = 0; i < 2000; ++i) {
    slow.emplace_back(server.port(), "127.0.0." + std::to_string(2 + i % 16));
    slow.back().send("G");
  }
  const auto begin = Steady::now();
  RawClient good(server.port());
  Steady::duration worst{};
  int answered = 0;
  for (int round = 0; Steady::now() - begin < 1500ms; ++round) {
    const auto sent = Steady::now();
    good.send(get("/hello"));
    REQUIRE(good.receive().status == 200);
    worst = std::max(worst, Steady::now() - sent);
    ++answered;
    for (int i = 0; i < 20; ++i) {
      slow[static_cast<std::size_t>(round * 20 + i) % slow.size()].send("E");
    }
    std::this_thread::sleep_for(2ms);
  }
  CHECK(answered >= 100);
  CHECK(worst < 500ms);
  CHECK(resident_bytes() < before + (sanitized ? 4 : 1) * 64 * 1024 * 1024);
  CHECK(server.connections() >= 2000);
  for (RawClient& client : slow) REQUIRE(client.closed_within(6s));
  CHECK(Steady::now() - begin < 8s);
  require_alive(server);
}

TEST_CASE("a header that does not arrive in time is answered with 408") {
  TestServer::Options options;
  options.limits.header = 200ms;
  options.limits.sweep = 20ms;
  TestServer server(options);
  RawClient client(server.port());
  client.send("GET /hello HTTP/1.1\r\nHost: ");
  const Reply reply = client.receive();
  CHECK(reply.status == 408);
  CHECK(reply.field("Connection") == "close");
}

TEST_CASE("a connection that says nothing is closed without a word") {
  TestServer::Options options;
  options.limits.header = 200ms;
  options.limits.idle = 300ms;
  options.limits.sweep = 20ms;
  TestServer server(options);
  SECTION("from the beginning") {
    RawClient client(server.port());
    CHECK(client.drain().empty());
  }
  SECTION("after an answer") {
    RawClient client(server.port());
    client.send(get("/hello"));
    CHECK(client.receive().status == 200);
    const auto begin = Steady::now();
    CHECK(client.drain().empty());
    CHECK(Steady::now() - begin > 250ms);
    CHECK(Steady::now() - begin < 3s);
  }
  CHECK(server.counters().expired == 1);
}

TEST_CASE("a body may take as long as it keeps the rate") {
  TestServer::Options options;
  options.limits.body = 300ms;
  options.limits.minimum_rate = 10'000;
  options.limits.sweep = 20ms;
  TestServer server(options);
  const std::string head =
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\n\r\n";
  SECTION("too slow") {
    RawClient client(server.port());
    client.send(head);
    const auto begin = Steady::now();
    while (Steady::now() - begin < 1s) {
      client.send("b");
      std::this_thread::sleep_for(20ms);
    }
    CHECK(client.receive().status == 408);
  }
  SECTION("slow, but fast enough") {
    RawClient client(server.port());
    client.send(head);
    for (int i = 0; i < 20; ++i) {
      client.send(std::string(1000, 'b'));
      std::this_thread::sleep_for(40ms);
    }
    CHECK(client.receive().body.size() == 20000);
  }
}

TEST_CASE("a client that does not read its answer is cut off") {
  TestServer::Options options;
  options.limits.write = 200ms;
  options.limits.stall = 500ms;
  options.limits.sweep = 20ms;
  TestServer server(options);
  RawClient client(server.port());
  client.send(get("/big?50000000"));
  while (server.calls() == 0) std::this_thread::sleep_for(1ms);
  for (int i = 0; i < 500 && server.connections() > 0; ++i) std::this_thread::sleep_for(20ms);
  CHECK(server.connections() == 0);
  CHECK(server.counters().expired == 1);
}

TEST_CASE("a handler that takes too long is given up with 503") {
  TestServer::Options options;
  options.limits.handler = 200ms;
  options.limits.sweep = 20ms;
  TestServer server(options);
  RawClient client(server.port());
  const auto begin = Steady::now();
  client.send(get("/sleep?60000"));
  client.receive();
  CHECK(Steady::now() - begin < 5s);
  client.send(get("/hello"));
  CHECK(client.receive().body == "hello");
}

TEST_CASE("one address may hold so many connections and no more") {
  TestServer::Options options;
  options.limits.connections_per_address = 8;
  options.settings.trusted_proxies = {"127.0.0.9"};
  TestServer server(options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back(server.port(), "127.0.0.2");
    clients.back().send(get("/hello"));
    REQUIRE(clients.back().receive().status == 200);
  }
  RawClient ninth(server.port(), "127.0.0.2");
  const Reply reply = ninth.receive();
  CHECK(reply.status == 503);
  CHECK(reply.body.find("capacity.reduced") != std::string::npos);
  RawClient other(server.port(), "127.0.0.3");
  other.send(get("/hello"));
  CHECK(other.receive().status == 200);
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back(server.port(), "127.0.0.9");
    clients.back().send(get("/hello"));
    REQUIRE(clients.back().receive().status == 200);
  }
}

TEST_CASE("when the house is full, those who keep silent make room") {
  TestServer::Options options;
  options.limits.connections = 16;
  TestServer server(options);
  std::vector<RawClient> silent;
  for (int i = 0; i < 40; ++i) silent.emplace_back(server.port());
  RawClient late(server.port());
  late.send(get("/hello"));
  CHECK(late.receive().status == 200);
  CHECK(server.connections() <= 17);
}

TEST_CASE("a lack of descriptors is waited out without spinning, and service resumes") {
  if (sanitized) return;  // without descriptors a sanitizer cannot look at memory, and complains
  TestServer server;
  require_alive(server);
  std::vector<int> hoard;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit before = limit;
  // The client's own sockets are made before descriptors run out; then it connects.
  RawClient old(server.port());
  old.send(get("/hello"));
  REQUIRE(old.receive().status == 200);
  const int highest = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  hoard.push_back(highest);
  limit.rlim_cur = static_cast<rlim_t>(highest) + 12;
  setrlimit(RLIMIT_NOFILE, &limit);
  std::vector<RawClient> flood;
  try {
    for (int i = 0; i < 8; ++i) flood.emplace_back(server.port());
  } catch (const std::runtime_error&) {
    // this process has no more of them either
  }
  for (int fd = 0; fd >= 0;) {
    fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) hoard.push_back(fd);
  }
  const double cpu = cpu_seconds();
  std::this_thread::sleep_for(1s);
  CHECK(cpu_seconds() - cpu < 0.2);
  old.send(get("/hello"));
  CHECK(old.receive().status == 200);
  for (const int fd : hoard) ::close(fd);
  setrlimit(RLIMIT_NOFILE, &before);
  const auto relief = Steady::now();
  require_alive(server);
  CHECK(Steady::now() - relief < 1s);
}
