// Goal: requests leave over verified TLS only, and an answer comes whole or not at all.
// Method: a real TLS server on 127.0.0.1 with certificates made for each test.
#include "tests/catch.hpp"
#include "tests/connector/gzip.hpp"
#include "tests/connector/tls_fixture.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using evidenced::Result;
using evidenced::connector::HttpResponse;
using namespace evidenced::test;
using End = Reply::End;
using Setup = TlsWorld::Setup;

std::string chunked(const std::string& headers, const std::string& chunks) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
         "Transfer-Encoding: chunked\r\n" +
         headers + "\r\n" + chunks;
}

TEST_CASE("a GET is answered by the right host") {
  TlsWorld world(good());
  const Result<HttpResponse> response = world.get("/2.0/user?pagelen=1");
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(response->body == page);
  CHECK(response->header("content-type") == "application/json");
  REQUIRE(world.server().heads.size() == 1);
  const std::string authority = "127.0.0.1:" + std::to_string(world.server().port());
  CHECK(world.server().heads[0] == "GET /2.0/user?pagelen=1 HTTP/1.1\r\nHost: " + authority +
                                       "\r\nUser-Agent: evidenced/" EVIDENCED_VERSION
                                       "\r\nAccept: application/json\r\nAccept-Encoding: gzip\r\n"
                                       "Authorization: Basic YWRhQGV4YW1wbGUuY29tOnRva2Vu\r\n\r\n");
  CHECK(world.transport().origin() == "https://" + authority);
}

TEST_CASE("a host name is resolved, verified and indicated to the server") {
  TlsWorld world(good(),
                 {.certificate = {.names = {"localhost"}, .addresses = {}}, .host = "LOCALHOST"});
  REQUIRE(world.get());
  CHECK(world.server().names == std::vector<std::string>{"localhost"});
}

TEST_CASE("an address is not indicated as a server name") {
  TlsWorld world(good());
  REQUIRE(world.get());
  CHECK(world.server().names == std::vector<std::string>{""});
}

TEST_CASE("a server that cannot be trusted gets no byte of HTTP") {
  struct Case {
    const char* name;
    Setup setup;
    const char* code;
  };
  const std::vector<Case> cases = {
      {"a certificate for another address",
       {.certificate = {.addresses = {"127.0.0.2"}}},
       "upstream.tls_hostname"},
      {"a certificate for names only",
       {.certificate = {.names = {"localhost"}, .addresses = {}}},
       "upstream.tls_hostname"},
      {"a certificate for another name",
       {.certificate = {.names = {"localhost.example.com"}, .addresses = {"127.0.0.1"}},
        .host = "localhost"},
       "upstream.tls_hostname"},
      {"self-signed", {.self_signed = true}, "upstream.tls_untrusted"},
      {"an unknown authority", {.trust = Setup::Trust::stranger}, "upstream.tls_untrusted"},
      {"an impostor", {.trust = Setup::Trust::impostor}, "upstream.tls_untrusted"},
      {"expired", {.certificate = {.from = -48h, .until = -1h}}, "upstream.tls_expired"},
      {"not yet valid", {.certificate = {.from = 1h, .until = 48h}}, "upstream.tls_expired"},
      {"TLS 1.1 only", {.server = {.tls11_only = true}}, "upstream.tls_version"},
  };
  for (const Case& row : cases) {
    CAPTURE(row.name);
    TlsWorld world(good(), row.setup);
    CHECK(world.failure() == row.code);
    CHECK(world.failure() == row.code);  // nothing is remembered that would help
    CHECK(world.server().connections >= 1);
    CHECK(world.server().http_bytes == 0);
    CHECK(world.server().heads.empty());
  }
}

TEST_CASE("answers in every framing arrive whole") {
  const std::string body =
      GENERATE(http_ok(page), chunked("", "5\r\n{\"val\r\n8\r\nues\":[]}\r\n0\r\n\r\n"),
               chunked("", "5\r\n{\"val\r\n8\r\nues\":[]}\r\n0\r\nX-Late: 1\r\n\r\n"),
               http_ok(gzip(page), "Content-Encoding: gzip\r\n"),
               "HTTP/1.1 100 Continue\r\n\r\n" + http_ok(page));
  const bool in_pieces = GENERATE(false, true);
  Reply reply{.writes = {body}};
  if (in_pieces) {
    reply.writes.clear();
    for (std::size_t i = 0; i < body.size(); i += 11) reply.writes.push_back(body.substr(i, 11));
  }
  TlsWorld world(always(reply));
  for (int n = 0; n < 3; ++n) {
    const Result<HttpResponse> response = world.get();
    REQUIRE(response);
    CHECK(response->body == page);
  }
  CHECK(world.server().connections == 1);
}

TEST_CASE("an answer that does not come whole is an error, and the next one comes") {
  const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"values\":";
  const std::string unframed = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + page;
  const std::string cut_gzip = gzip(page).substr(0, 20);
  const std::string endless(5 << 20, 'x');
  std::string trailers = "2\r\n{}\r\n0\r\n";
  while (trailers.size() < (6 << 20)) trailers += "X-T: " + std::string(8000, 't') + "\r\n";
  struct Case {
    const char* name;
    Reply reply;
    const char* code;
  };
  const std::vector<Case> cases = {
      {"nothing", {.writes = {}, .end = End::close}, "upstream.reset"},
      {"half a header",
       {.writes = {"HTTP/1.1 200 OK\r\nCont"}, .end = End::close},
       "upstream.truncated"},
      {"half a body", {.writes = {half}, .end = End::close}, "upstream.truncated"},
      {"half a body, no close_notify", {.writes = {half}, .end = End::cut}, "upstream.truncated"},
      {"half a body, then a reset", {.writes = {half}, .end = End::reset}, "upstream.reset"},
      {"half the chunks",
       {.writes = {chunked("", "5\r\n{\"val\r\n")}, .end = End::cut},
       "upstream.truncated"},
      {"no length, ended in order",
       {.writes = {unframed}, .end = End::close},
       "upstream.truncated"},
      {"no length, no close_notify", {.writes = {unframed}, .end = End::cut}, "upstream.truncated"},
      {"half the gzip",
       {.writes = {http_ok(cut_gzip, "Content-Encoding: gzip\r\n")}},
       "upstream.truncated"},
      {"a gzip bomb",
       {.writes = {http_ok(gzip(std::string(16 << 20, ' ')), "Content-Encoding: gzip\r\n")}},
       "upstream.oversized"},
      {"another coding",
       {.writes = {http_ok(page, "Content-Encoding: br\r\n")}},
       "upstream.malformed"},
      {"a body above the limit", {.writes = {http_ok(endless)}}, "upstream.oversized"},
      {"a header above the limit",
       {.writes = {"HTTP/1.1 200 OK\r\nX-A: " + endless}},
       "upstream.oversized"},
      {"trailers without end", {.writes = {chunked("", trailers)}}, "upstream.oversized"},
      {"a field of 70 KB in the trailer",
       {.writes = {chunked("", "2\r\n{}\r\n0\r\nX-T: " + std::string(70000, 't') + "\r\n\r\n")}},
       "upstream.oversized"},
      {"two codings of the transfer",
       {.writes = {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"}},
       "upstream.malformed"},
      {"not HTTP", {.writes = {"220 mail.example.com ESMTP\r\n\r\n"}}, "upstream.malformed"},
  };
  for (const Case& row : cases) {
    CAPTURE(row.name);
    bool asked = false;
    TlsWorld world([&](int, int) {
      return std::exchange(asked, true) ? Reply{.writes = {http_ok(page)}} : row.reply;
    });
    CHECK(world.failure() == row.code);
    CHECK(world.server().heads.size() == 1);
    CHECK(world.get());
  }
}

TEST_CASE("every phase has a deadline") {
  SECTION("handshake") {
    TlsWorld world(good(), {.server = {.silent = true}});
    CHECK(world.failure(1s) == "upstream.timeout");
    CHECK(world.server().connections == 1);
  }
  SECTION("header") {
    TlsWorld world(always({.writes = {}, .end = End::hang}));
    CHECK(world.failure(1s) == "upstream.timeout");
  }
  SECTION("body in drops") {
    Reply drops{.writes = {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"}, .pause = 200ms};
    for (int n = 0; n < 100; ++n) drops.writes.emplace_back("x");
    TlsWorld world(always(drops));
    CHECK(world.failure(1s) == "upstream.timeout");
  }
  SECTION("no time at all") {
    TlsWorld world(good());
    CHECK(world.failure(0s) != "answered");
  }
}

TEST_CASE("a redirect is an answer like any other and is not followed") {
  TlsWorld world(always({.writes = {"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\n"
                                    "Content-Length: 0\r\n\r\n"}}));
  const Result<HttpResponse> response = world.get();
  REQUIRE(response);
  CHECK(response->status == 302);
  CHECK(world.server().heads.size() == 1);
}

TEST_CASE("a target that is no path and a credential that is no header value are not sent") {
  TlsWorld world(good());
  for (const char* target : {"", "https://evil.example/", "//evil.example/", "/a b",
                             "/a\r\nX-Injected: 1", "*", "/a#b"}) {
    CAPTURE(target);
    const Result<HttpResponse> response = world.get(target);
    REQUIRE_FALSE(response);
    CHECK(response.error().code.text() == "upstream.foreign_link");
  }
  CHECK(world.server().connections == 0);
}

TEST_CASE("a closed port is no connection") {
  TlsWorld world(good());
  world.server().stop();
  CHECK(world.failure() == "upstream.connect");
}

TEST_CASE("a name that cannot be resolved is told as such") {
  const std::string nobody = std::string(64, 'a') + ".example";  // a label has 63 at the most
  TlsWorld world(good(), {.host = nobody});
  CHECK(world.failure() == "upstream.dns");
}

}  // namespace
