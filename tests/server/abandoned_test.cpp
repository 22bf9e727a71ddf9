// Goal: nobody waits for a client that has left. Method: real sockets; clients that close, reset or
// only say no more while a handler waits for half a minute.
#include "tests/catch.hpp"
#include "tests/server/raw_client.hpp"
#include "tests/server/server_fixture.hpp"

#include <sys/socket.h>

#include <chrono>
#include <optional>
#include <thread>

using namespace evidenced;
using namespace evidenced::server;
using namespace std::chrono_literals;

namespace {

TestServer::Options quick_sweep() {
  TestServer::Options options;
  options.limits.sweep = 20ms;
  return options;
}

/// Waits for a state that is to come soon.
template <class F>
bool soon(F holds) {
  const auto until = std::chrono::steady_clock::now() + 5s;
  while (std::chrono::steady_clock::now() < until) {
    if (holds()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

std::string sleep_request(const std::string& method = "GET") {
  return method + " /sleep?30000 HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

}  // namespace

TEST_CASE("a wait ends when its client closes the connection, with a request behind it or not") {
  TestServer server(quick_sweep());
  for (const std::string behind : {"", "GET /hello HTTP/1.1\r\n"}) {
    CAPTURE(behind);
    {
      RawClient client(server.port());
      client.send(sleep_request() + behind);
      REQUIRE(soon([&] { return server.asleep() == 1; }));
    }
    CHECK(soon([&] { return server.asleep() == 0; }));
    CHECK(soon([&] { return server.connections() == 0; }));
  }
  CHECK(server.counters().abandoned == 2);
}

TEST_CASE("a wait ends when its client resets the connection") {
  TestServer server(quick_sweep());
  {
    RawClient client(server.port());
    client.send(sleep_request());
    REQUIRE(soon([&] { return server.asleep() == 1; }));
    const linger at_once{1, 0};
    ::setsockopt(client.descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  CHECK(soon([&] { return server.asleep() == 0; }));
}

TEST_CASE("a client that only says no more gets the answer early") {
  TestServer server(quick_sweep());
  RawClient client(server.port());
  client.send(sleep_request());
  REQUIRE(soon([&] { return server.asleep() == 1; }));
  client.close_sending();
  CHECK(client.receive().body == "slept");
}

TEST_CASE("what changes something is done to its end, whoever leaves") {
  TestServer server(quick_sweep());
  {
    RawClient client(server.port());
    client.send("POST /sleep?300 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    REQUIRE(soon([&] { return server.asleep() == 1; }));
  }
  std::this_thread::sleep_for(100ms);
  CHECK(server.asleep() == 1);
  CHECK(soon([&] { return server.asleep() == 0; }));
  CHECK(server.counters().abandoned == 0);
}

TEST_CASE("a client that stays is waited for, and one wait that was ended ends no other") {
  TestServer::Options options = quick_sweep();
  options.limits.handler = 300ms;
  TestServer server(options);
  RawClient client(server.port());
  client.send(sleep_request());
  CHECK(client.receive().body == "slept");  // cut off by the deadline
  const auto begin = std::chrono::steady_clock::now();
  client.send("GET /sleep?150 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(client.receive().body == "slept");
  CHECK(std::chrono::steady_clock::now() - begin >= 150ms);
}
