// Goal: the end is orderly and in time, whatever is going on.
// Method: a real listener is drained and aborted while clients are in every phase.
#include "tests/catch.hpp"
#include "tests/server/raw_client.hpp"
#include "tests/server/server_fixture.hpp"

#include <chrono>
#include <string>
#include <vector>

using namespace evidenced;
using namespace evidenced::server;
using namespace std::chrono_literals;

TEST_CASE("waiting connections close at once when the server drains") {
  TestServer server;
  std::vector<RawClient> idle;
  for (int i = 0; i < 50; ++i) {
    idle.emplace_back(server.port());
    if (i % 2 == 0) continue;
    idle.back().send(get("/hello"));
    REQUIRE(idle.back().receive().status == 200);
  }
  CHECK(server.stop(5s) < 1s);
  for (RawClient& client : idle) CHECK(client.closed_within(1s));
}

TEST_CASE("an answer in progress is given, as the last of its connection") {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/sleep?300") + get("/hello"));
  while (server.calls() == 0) std::this_thread::sleep_for(1ms);
  const auto took = server.stop(5s);
  CHECK(took >= 200ms);
  const Reply reply = client.receive();
  CHECK(reply.body == "slept");
  CHECK(reply.field("Connection") == "close");
  CHECK(client.drain().empty());
  CHECK(server.calls() == 1);
}

TEST_CASE("whoever is not done after the grace is cut off, in every phase") {
  TestServer server;
  std::vector<RawClient> clients;
  for (const std::string& bytes :
       {get("/sleep?60000"), std::string("GET /hel"), get("/big?50000000"), get("/stream?1000000"),
        std::string("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc")}) {
    clients.emplace_back(server.port());
    clients.back().send(bytes);
  }
  while (server.calls() < 3) std::this_thread::sleep_for(1ms);
  CHECK(server.stop(300ms) < 2s);
}

TEST_CASE("nobody new is let in while the server drains") {
  TestServer server;
  RawClient busy(server.port());
  busy.send(get("/sleep?300"));
  while (server.calls() == 0) std::this_thread::sleep_for(1ms);
  server.on_io([&server] {
    server.listener().drain();
    return 0;
  });
  CHECK_THROWS(RawClient(server.port()));
  CHECK(busy.receive().body == "slept");
}
