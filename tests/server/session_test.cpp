// Goal: one connection keeps its promises: order, limits, framing of answers, survival of bugs.
// Method: raw bytes to a real listener with a small handler.
#include "tests/catch.hpp"
#include "tests/server/raw_client.hpp"
#include "tests/server/server_fixture.hpp"

#include <chrono>
#include <string>

using namespace evidenced;
using namespace evidenced::server;
using namespace std::chrono_literals;

TEST_CASE("a thousand pipelined requests are answered in order, then the connection ends") {
  TestServer server;
  RawClient client(server.port());
  std::string requests;
  for (int i = 0; i < 1001; ++i) requests += post("/echo", std::to_string(i));
  REQUIRE(client.send(requests));
  for (int i = 0; i < 1000; ++i) {
    const Reply reply = client.receive();
    REQUIRE(reply.status == 200);
    REQUIRE(reply.body == std::to_string(i));
    REQUIRE((reply.field("Connection") == "close") == (i == 999));
  }
  client.close_sending();
  CHECK(client.drain().empty());
  CHECK(server.calls() == 1000);
}

TEST_CASE("a request that arrives byte by byte is one request") {
  TestServer server;
  RawClient client(server.port());
  for (const char c : post("/echo", "abc") + post("/echo", "def")) client.send({&c, 1});
  CHECK(client.receive().body == "abc");
  CHECK(client.receive().body == "def");
}

TEST_CASE("a body of the largest size comes through whole") {
  TestServer server;
  RawClient client(server.port());
  std::string body(1024 * 1024, 'b');
  body[77777] = 'c';
  client.send(post("/echo", body));
  CHECK(client.receive().body == body);
  client.send(get("/hello"));
  CHECK(client.receive().body == "hello");
}

TEST_CASE("the connection ends when the client says so") {
  TestServer server;
  SECTION("HTTP/1.1 with close") {
    RawClient client(server.port());
    client.send(get("/hello", "Connection: close\r\n"));
    CHECK(client.receive().field("Connection") == "close");
    client.close_sending();
    CHECK(client.closed_within(5s));
  }
  SECTION("HTTP/1.0") {
    RawClient client(server.port());
    client.send("GET /hello HTTP/1.0\r\n\r\n");
    CHECK(client.receive().field("Connection") == "close");
    client.close_sending();
    CHECK(client.closed_within(5s));
  }
  SECTION("HTTP/1.0 that wants to stay") {
    RawClient client(server.port());
    client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(client.receive().field("Connection") == "keep-alive");
    client.send("GET /hello HTTP/1.0\r\n\r\n");
    CHECK(client.receive().status == 200);
  }
}

TEST_CASE("HEAD answers with the fields of GET and no body") {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/big?50000"));
  const Reply whole = client.receive();
  CHECK(whole.body.size() == 50000);
  client.send("HEAD /big?50000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const Reply head = client.receive(true);
  CHECK(head.status == 200);
  CHECK(head.field("Content-Length") == "50000");
  CHECK(head.field("Content-Type") == whole.field("Content-Type"));
  client.send("HEAD /stream?3 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(client.receive(true).field("Transfer-Encoding") == "chunked");
  client.send(get("/hello"));
  CHECK(client.receive().body == "hello");
}

TEST_CASE("a client that expects 100-continue gets it before its body, or the refusal at once") {
  TestServer server;
  RawClient client(server.port());
  const std::string expecting =
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ";
  SECTION("welcome") {
    client.send(expecting + "3\r\n\r\n");
    CHECK(client.receive().status == 100);
    client.send("abc");
    CHECK(client.receive().body == "abc");
  }
  SECTION("the body comes along") {
    client.send(expecting + "3\r\n\r\nabc");
    CHECK(client.receive().body == "abc");
  }
  SECTION("too large") {
    client.send(expecting + "999999999\r\n\r\n");
    const Reply reply = client.receive();
    CHECK(reply.status == 413);
    CHECK(reply.field("Connection") == "close");
  }
  CHECK(server.counters().exceptions == 0);
}

TEST_CASE("a streamed answer is chunked and ends with its trailers") {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/stream?70"));
  const Reply reply = client.receive();
  CHECK(reply.status == 200);
  CHECK(reply.field("Trailer") == "Evidenced-Count");
  CHECK(reply.field("Content-Length").empty());
  CHECK(reply.body == std::string(70000, 's'));
  CHECK(reply.trailers == "Evidenced-Count: 70\r\n");
  client.send(get("/stream?0"));
  CHECK(client.receive().body.empty());
  client.send(get("/hello"));
  CHECK(client.receive().body == "hello");
}

TEST_CASE("a streamed answer that fails has no end") {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/stream-breaks"));
  const Reply reply = client.receive();
  CHECK(reply.status == 0);
  CHECK(reply.body == std::string(1000, 's'));
}

TEST_CASE("a streamed answer is refused to HTTP/1.0") {
  TestServer server;
  RawClient client(server.port());
  client.send("GET /stream?3 HTTP/1.0\r\n\r\n");
  CHECK(client.receive().status == 501);
}

TEST_CASE("whatever a handler throws becomes a 500 that tells nothing but the request id") {
  TestServer server;
  int planted = 0;
  for (const char* target : {"/throw", "/throw-int", "/throw-alloc"}) {
    CAPTURE(target);
    RawClient client(server.port());
    client.send(get(target));
    const Reply reply = client.receive();
    CHECK(reply.status == 500);
    CHECK(reply.body.find("\"internal.error\"") != std::string::npos);
    CHECK(reply.body.find(reply.field("X-Request-Id")) != std::string::npos);
    CHECK(reply.body.find("planted") == std::string::npos);
    client.send(get("/hello"));
    CHECK(client.receive().body == "hello");
    CHECK(server.counters().exceptions == static_cast<std::uint64_t>(++planted));
  }
}

TEST_CASE("a field with a line end in it never reaches the wire") {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/split"));
  const Reply reply = client.receive();
  CHECK(reply.status == 500);
  CHECK(reply.head.find("stolen") == std::string::npos);
  client.send(get("/hello"));
  CHECK(client.receive().body == "hello");
}

TEST_CASE("trailers of a request are dropped") {
  TestServer server;
  RawClient client(server.port());
  client.send(
      "POST /upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n0\r\nAuthorization: Bearer x\r\nHost: evil.example.com\r\n\r\n" +
      get("/headers"));
  CHECK(client.receive().body == "3");
  const Reply reply = client.receive();
  CHECK(reply.status == 200);
  CHECK(reply.body.find("uthorization") == std::string::npos);
}

TEST_CASE("a client's request id is not believed") {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/hello", "X-Request-Id: mine\r\n"));
  const std::string first = client.receive().field("X-Request-Id");
  CHECK(first.starts_with("req_"));
  CHECK(first.size() == 30);
  client.send(get("/hello"));
  CHECK(client.receive().field("X-Request-Id") > first.substr(0, 12));
}

TEST_CASE("a burst of requests without a key is limited by address") {
  TestServer::Options options;
  options.limits.anonymous_rate = 10;
  options.limits.anonymous_burst = 50;
  TestServer server(options);
  RawClient client(server.port(), "127.0.0.2");
  int refused = 0;
  for (int i = 0; i < 60; ++i) {
    client.send(get("/hello"));
    const Reply reply = client.receive();
    if (reply.status != 429) continue;
    ++refused;
    CHECK(reply.field("Retry-After") == "1");
    CHECK(reply.body.find("quota.exceeded") != std::string::npos);
  }
  CHECK(refused >= 5);
  CHECK(refused <= 10);

  // Not another address, not who has a key, not a health check from this machine.
  RawClient other(server.port(), "127.0.0.3");
  other.send(get("/hello"));
  CHECK(other.receive().status == 200);
  client.send(get("/hello", "Authorization: Bearer ev_0123456789_abcdefghijklmnopqrstuvwxyz\r\n"));
  CHECK(client.receive().status == 200);
  client.send(get("/livez"));
  CHECK(client.receive().status == 200);
  // A limited request with a body ends its connection, for nobody reads the body.
  client.send(get("/hello") + get("/hello") + get("/hello") + post("/echo", "abc"));
  Reply last = client.receive();
  for (int i = 0; i < 3; ++i) last = client.receive();
  CHECK(last.status == 429);
  CHECK(last.field("Connection") == "close");
}

TEST_CASE("requests are shed while memory is short, health checks are not") {
  TestServer::Options options;
  options.limits.memory_budget = 1;
  options.limits.sweep = 20ms;
  TestServer server(options);
  RawClient client(server.port());
  Reply reply;
  for (int i = 0; i < 200 && reply.status != 503; ++i) {
    client.send(get("/hello"));
    reply = client.receive();
    std::this_thread::sleep_for(10ms);
  }
  CHECK(reply.status == 503);
  CHECK(reply.field("Retry-After") == "5");
  CHECK(reply.body.find("capacity.reduced") != std::string::npos);
  client.send(get("/livez"));
  CHECK(client.receive().status == 200);
}

TEST_CASE("the client's address comes from a trusted proxy alone") {
  TestServer::Options options;
  options.settings.trusted_proxies = {"127.0.0.2", "10.0.0.0/8"};
  TestServer server(options);
  const std::string forwarded = "X-Forwarded-For: 198.51.100.9, 203.0.113.5, 10.1.2.3\r\n";
  SECTION("trusted") {
    RawClient proxy(server.port(), "127.0.0.2");
    proxy.send(get("/headers", forwarded));
    CHECK(proxy.receive().body.find("peer 203.0.113.5\n") != std::string::npos);
  }
  SECTION("not trusted, and given away by the field") {
    RawClient liar(server.port(), "127.0.0.3");
    liar.send(get("/headers", forwarded));
    CHECK(liar.receive().body.find("peer 127.0.0.3\n") != std::string::npos);
  }
  SECTION("a client on this machine") {
    RawClient local(server.port(), "127.0.0.3");
    local.send(get("/headers"));
    CHECK(local.receive().body.find("peer 127.0.0.3 loopback\n") != std::string::npos);
  }
}
