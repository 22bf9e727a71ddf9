// Goal: connections are kept, dropped and given up so that no answer is ever taken for another and
// nothing is left behind. Method: a real TLS server that closes, lies and is left waiting by
// script.
#include "tests/catch.hpp"
#include "tests/connector/tls_fixture.hpp"

#include <algorithm>
#include <string>

namespace {

using namespace std::chrono_literals;
using evidenced::Result;
using evidenced::connector::HttpResponse;
using namespace evidenced::test;
using End = Reply::End;

TEST_CASE("a connection that answered is used again") {
  TlsWorld world(good());
  for (int n = 0; n < 20; ++n) REQUIRE(world.get());
  CHECK(world.server().connections == 1);
  CHECK(world.server().heads.size() == 20);
}

TEST_CASE("a connection whose answer says close is not used again") {
  TlsWorld world(always({.writes = {http_ok(page, "Connection: close\r\n")}}));
  for (int n = 0; n < 3; ++n) REQUIRE(world.get());
  CHECK(world.server().connections == 3);
}

TEST_CASE("a connection that the server closed while it was idle is not used again") {
  const End end = GENERATE(End::close, End::cut);
  TlsWorld world(always({.writes = {http_ok(page)}, .end = end}));
  REQUIRE(world.get());
  world.wait(50ms);
  REQUIRE(world.get());
  CHECK(world.server().connections == 2);
  CHECK(world.server().heads.size() == 2);
}

TEST_CASE("a request that met a closing connection goes out once more on a new one") {
  const End end = GENERATE(End::close, End::cut, End::reset);
  TlsWorld world([&](int connection, int request) {
    if (connection == 1 && request == 2) return Reply{.writes = {}, .end = end};
    return Reply{.writes = {http_ok(page)}};
  });
  REQUIRE(world.get());
  REQUIRE(world.get());
  CHECK(world.server().connections == 2);
  CHECK(world.server().heads.size() == 3);
}

TEST_CASE("a request whose answer had begun is not repeated") {
  TlsWorld world([&](int, int request) {
    if (request == 2) return Reply{.writes = {"HTTP/1.1 2"}, .end = End::cut};
    return Reply{.writes = {http_ok(page)}};
  });
  REQUIRE(world.get());
  CHECK(world.failure() == "upstream.truncated");
  CHECK(world.server().heads.size() == 2);
}

TEST_CASE("a new connection that ends without an answer is not tried again") {
  TlsWorld world(always({.writes = {}, .end = End::close}));
  CHECK(world.failure() == "upstream.reset");
  CHECK(world.server().connections == 1);
}

TEST_CASE("bytes that nobody asked for never become an answer") {
  const std::string evil = http_ok(R"({"evil":true})");
  SECTION("at once") {
    TlsWorld world([&](int connection, int) {
      return Reply{.writes = {connection == 1 ? http_ok(page) + evil : http_ok(page)}};
    });
    for (int n = 0; n < 3; ++n) CHECK(world.get()->body == page);
    CHECK(world.server().connections == 2);
  }
  SECTION("in a record of its own") {
    TlsWorld world([&](int connection, int) {
      Reply reply{.writes = {http_ok(page)}};
      if (connection == 1) reply.writes.push_back(evil);
      return reply;
    });
    for (int n = 0; n < 3; ++n) {
      CHECK(world.get()->body == page);
      world.wait(20ms);
    }
    CHECK(world.server().connections == 2);
  }
  SECTION("later") {
    TlsWorld world([&](int connection, int) {
      Reply reply{.writes = {http_ok(page)}, .pause = 30ms};
      if (connection == 1) reply.writes.push_back(evil);
      return reply;
    });
    CHECK(world.get()->body == page);
    world.wait(100ms);
    CHECK(world.get()->body == page);
    CHECK(world.server().connections == 2);
  }
}

TEST_CASE("sixty-four requests at once are all answered, and eight connections stay") {
  TlsWorld world([](int, int) { return Reply{.writes = {http_ok(page)}}; });
  const auto results = world.get_many(64);
  CHECK(std::ranges::all_of(results, [](const auto& r) { return r && r->body == page; }));
  CHECK(world.server().heads.size() == 64);
  const int connections = world.server().connections;
  CHECK(connections <= 64);
  world.get_many(8);
  CHECK(world.server().connections == connections);
  world.get_many(9);
  CHECK(world.server().connections == connections + 1);
}

TEST_CASE("a new connection resumes the session of the one before") {
  const bool tls12 = GENERATE(false, true);
  TlsWorld world(always({.writes = {http_ok(page, "Connection: close\r\n")}}),
                 {.server = {.tls12_only = tls12}});
  for (int n = 0; n < 5; ++n) REQUIRE(world.get());
  CHECK(world.server().connections == 5);
  CHECK(world.server().resumed == 4);
}

TEST_CASE("a request cancelled at any step ends as cancelled and leaves no descriptor") {
  const bool warm = GENERATE(false, true);
  const std::size_t before = open_descriptors();
  int steps = 0;
  for (bool was_done = false; !was_done; ++steps) {
    CAPTURE(warm, steps);
    TlsWorld world(always({.writes = {http_ok(page).substr(0, 40), http_ok(page).substr(40)}}));
    if (warm) REQUIRE(world.get());
    const Result<HttpResponse> result = world.get_cancelled_after(steps, was_done);
    if (!result) CHECK(result.error().code.text() == "upstream.cancelled");
    if (was_done) CHECK(result);
    REQUIRE(steps < 1000);
  }
  CHECK(steps > (warm ? 3 : 10));
  CHECK(open_descriptors() == before);
}

}  // namespace
