// Goal: every message that the parser would believe wrongly is refused, with its exact status, and
// nothing behind it on the connection is taken for a request.
// Method: raw bytes over a real socket; behind each message a second request, which must not be
// answered; after each one the server still answers others.
#include "tests/catch.hpp"
#include "tests/server/raw_client.hpp"
#include "tests/server/server_fixture.hpp"

#include <string>
#include <vector>

using namespace evidenced;
using namespace evidenced::server;

namespace {

struct Case {
  std::string what;
  int status;
  std::string bytes;
};

const std::string host = "Host: localhost\r\n";

std::string head(const std::string& line, const std::string& fields) {
  return line + "\r\n" + fields + "\r\n";
}

std::string posted(const std::string& fields, const std::string& body = {}) {
  return head("POST /echo HTTP/1.1", host + fields) + body;
}

std::vector<Case> framing_cases() {
  const std::string chunks = "3\r\nabc\r\n0\r\n\r\n";
  return {
      {"length, then chunked", 400,
       posted("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", chunks)},
      {"chunked, then length", 400,
       posted("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", chunks)},
      {"coding gzip with a length", 400,
       posted("Transfer-Encoding: gzip\r\nContent-Length: 3\r\n", "abc")},
      {"coding xchunked", 501, posted("Transfer-Encoding: xchunked\r\n", chunks)},
      {"coding identity", 501, posted("Transfer-Encoding: identity\r\n", chunks)},
      {"coding chunked, identity", 501, posted("Transfer-Encoding: chunked, identity\r\n", chunks)},
      {"coding gzip, chunked", 501, posted("Transfer-Encoding: gzip, chunked\r\n", chunks)},
      {"chunked on a route that takes no chunks", 411,
       posted("Transfer-Encoding: chunked\r\n", chunks)},
      {"chunked in HTTP/1.0", 400,
       head("POST /upload HTTP/1.0", host + "Transfer-Encoding: chunked\r\n") + chunks},
      {"chunked twice", 400,
       posted("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunks)},
      {"a blank before the colon", 400, posted("Transfer-Encoding : chunked\r\n", chunks)},
      {"length +3", 400, posted("Content-Length: +3\r\n", "abc")},
      {"length -1", 400, posted("Content-Length: -1\r\n", "abc")},
      {"length 0x3", 400, posted("Content-Length: 0x3\r\n", "abc")},
      {"length empty", 400, posted("Content-Length: \r\n", "abc")},
      {"length 2^64", 400, posted("Content-Length: 18446744073709551616\r\n", "abc")},
      {"length 3 5", 400, posted("Content-Length: 3 5\r\n", "abc")},
      {"two different lengths", 400, posted("Content-Length: 3\r\nContent-Length: 4\r\n", "abc")},
      {"two equal lengths", 400, posted("Content-Length: 3\r\nContent-Length: 3\r\n", "abc")},
      {"a list of lengths", 400, posted("Content-Length: 3, 3\r\n", "abc")},
      {"a body that is too large", 413, posted("Content-Length: 1048577\r\n", "abc")},
      {"a large body for no route", 404,
       head("POST /nowhere HTTP/1.1", host + "Content-Length: 1048577\r\n") + "abc"},
      {"GET with a body of 64 KiB and a byte", 400,
       head("GET /hello HTTP/1.1", host + "Content-Length: 65537\r\n")},
      {"GET with chunks", 400,
       head("GET /hello HTTP/1.1", host + "Transfer-Encoding: chunked\r\n") + chunks},
      {"a chunk size that is none", 400,
       head("POST /upload HTTP/1.1", host + "Transfer-Encoding: chunked\r\n") + "zz\r\nabc\r\n"},
      {"a chunk larger than the limit", 413,
       head("POST /upload HTTP/1.1", host + "Transfer-Encoding: chunked\r\n") + "100001\r\n"},
  };
}

std::vector<Case> line_cases() {
  return {
      {"bare line feeds", 400, "GET /hello HTTP/1.1\nHost: localhost\n\n"},
      {"a bare line feed in the fields", 400,
       "GET /hello HTTP/1.1\r\nHost: localhost\nA: b\r\n\r\n"},
      {"a bare carriage return", 400, "GET /hello HTTP/1.1\r\nHost: localhost\rA: b\r\n\r\n"},
      {"a NUL in a value", 400, head("GET /hello HTTP/1.1", host + std::string("A: b\0c\r\n", 8))},
      {"a folded field", 400, head("GET /hello HTTP/1.1", host + "A: b\r\n c\r\n")},
      {"a first field that is folded", 400, head("GET /hello HTTP/1.1", " A: b\r\n" + host)},
      {"a field without a colon", 400, head("GET /hello HTTP/1.1", host + "A b\r\n")},
      {"a field without a name", 400, head("GET /hello HTTP/1.1", host + ": b\r\n")},
      {"101 fields", 431,
       [] {
         std::string fields = host;
         for (int i = 0; i < 100; ++i) fields += "A: b\r\n";
         return head("GET /hello HTTP/1.1", fields);
       }()},
      {"1,300 tiny fields", 431,
       [] {
         std::string fields = host;
         for (int i = 0; i < 1300; ++i) fields += "a:b\r\n";
         return head("GET /hello HTTP/1.1", fields);
       }()},
      {"a header of 8 KiB and more", 431,
       head("GET /hello HTTP/1.1", host + "A: " + std::string(8192, 'b') + "\r\n")},
      {"a header that never ends", 431, "GET /hello HTTP/1.1\r\nA: " + std::string(40000, 'b')},
      {"a request line of 8 KiB and more", 414,
       head("GET /" + std::string(8192, 'a') + " HTTP/1.1", host)},
      {"a request line that never ends", 414, "GET /" + std::string(9000, 'a')},
      {"no request at all", 400, "\x16\x03\x01\x02\r\n\r\n"},
      {"HTTP/0.9", 400, "GET /hello\r\n\r\n"},
      {"HTTP/1.2", 400, head("GET /hello HTTP/1.2", host)},
      {"HTTP/2 preface", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
  };
}

std::vector<Case> meaning_cases() {
  const std::string start = "GET /hello HTTP/1.1";
  return {
      {"no Host", 400, head(start, "A: b\r\n")},
      {"two Hosts", 400, head(start, host + host)},
      {"an empty Host", 400, head(start, "Host: \r\n")},
      {"a Host with a user", 400, head(start, "Host: me@localhost\r\n")},
      {"a Host with a path", 400, head(start, "Host: localhost/x\r\n")},
      {"a list of Hosts", 400, head(start, "Host: localhost, localhost\r\n")},
      {"a Host with a port that is none", 400, head(start, "Host: localhost:x\r\n")},
      {"a Host that is not ours", 421, head(start, "Host: evil.example.com\r\n")},
      {"an address that is not ours", 421, head(start, "Host: 192.0.2.7\r\n")},
      {"absolute form with another host", 400,
       head("GET http://evil.example.com/hello HTTP/1.1", host)},
      {"absolute form with a user", 400, head("GET http://a@localhost/hello HTTP/1.1", host)},
      {"absolute form of another scheme", 400, head("GET ftp://localhost/hello HTTP/1.1", host)},
      {"absolute form with a host that is not ours", 421,
       head("GET http://evil.example.com/ HTTP/1.1", "Host: evil.example.com\r\n")},
      {"a target that is no path", 400, head("GET hello HTTP/1.1", host)},
      {"GET *", 400, head("GET * HTTP/1.1", host)},
      {"a fragment", 400, head("GET /hello#x HTTP/1.1", host)},
      {"raw bytes beyond ASCII in the target", 400, head("GET /h\xc3\xa4llo HTTP/1.1", host)},
      {"a lower-case method", 501, head("get /hello HTTP/1.1", host)},
      {"an unknown method", 501, head("BREW /hello HTTP/1.1", host)},
      {"PROPFIND", 501, head("PROPFIND /hello HTTP/1.1", host)},
      {"TRACE", 405, head("TRACE /hello HTTP/1.1", host)},
      {"CONNECT", 405, head("CONNECT localhost:443 HTTP/1.1", host)},
      {"two Authorizations", 400, head(start, host + "Authorization: a\r\nAuthorization: b\r\n")},
      {"an upgrade to websocket", 501,
       head(start, host + "Connection: Upgrade\r\nUpgrade: websocket\r\n")},
      {"an unknown expectation", 417, posted("Content-Length: 3\r\nExpect: tea\r\n", "abc")},
  };
}

void check(TestServer& server, const Case& refused) {
  CAPTURE(refused.what);
  const int calls = server.calls();
  RawClient client(server.port());
  client.send(refused.bytes + get("/hello"));
  const Reply reply = client.receive();
  CHECK(reply.status == refused.status);
  CHECK(reply.field("Content-Type") == "application/problem+json; charset=utf-8");
  CHECK(reply.field("Connection") == "close");
  CHECK(reply.field("X-Request-Id").starts_with("req_"));
  CHECK(reply.field("X-Content-Type-Options") == "nosniff");
  CHECK_FALSE(reply.field("Date").empty());
  CHECK(reply.body.find(reply.field("X-Request-Id")) != std::string::npos);
  CHECK((reply.status != 405) == reply.field("Allow").empty());
  client.close_sending();
  CHECK(client.drain().empty());
  CHECK(server.calls() == calls);
}

}  // namespace

TEST_CASE("a message with doubtful framing is refused and ends its connection") {
  TestServer server;
  for (const Case& refused : framing_cases()) check(server, refused);
}

TEST_CASE("a message with doubtful lines is refused and ends its connection") {
  TestServer server;
  for (const Case& refused : line_cases()) check(server, refused);
}

TEST_CASE("a message with a doubtful meaning is refused and ends its connection") {
  TestServer server;
  for (const Case& refused : meaning_cases()) check(server, refused);
}

TEST_CASE("a refused message gets the same answer when it arrives byte by byte") {
  TestServer server;
  for (const Case& refused : meaning_cases()) {
    CAPTURE(refused.what);
    RawClient client(server.port());
    for (const char c : refused.bytes) client.send({&c, 1});
    CHECK(client.receive().status == refused.status);
  }
}

TEST_CASE("what only looks unusual is answered") {
  TestServer server;
  const std::string port = std::to_string(server.port());
  const std::vector<Case> accepted = {
      {"host with port", 200, head("GET /hello HTTP/1.1", "Host: localhost:" + port + "\r\n")},
      {"host in capitals", 200, head("GET /hello HTTP/1.1", "Host: LOCALHOST\r\n")},
      {"address", 200, head("GET /hello HTTP/1.1", "Host: 127.0.0.1\r\n")},
      {"IPv6 loopback", 200, head("GET /hello HTTP/1.1", "Host: [::1]:" + port + "\r\n")},
      {"absolute form", 200, head("GET http://localhost/hello HTTP/1.1", host)},
      {"absolute form without a path", 404, head("GET HTTP://LOCALHOST HTTP/1.1", host)},
      {"HTTP/1.0 without Host", 200, head("GET /hello HTTP/1.0", "")},
      {"an empty line before the request", 200, "\r\n" + head("GET /hello HTTP/1.1", host)},
      {"GET with a small body", 200,
       head("GET /hello HTTP/1.1", host + "Content-Length: 3\r\n") + "abc"},
      {"GET with a body of 64 KiB", 200,
       head("GET /hello HTTP/1.1", host + "Content-Length: 65536\r\n") + std::string(65536, 'b')},
      {"100 fields", 200,
       [] {
         std::string fields = host;
         for (int i = 0; i < 99; ++i) fields += "A: b\r\n";
         return head("GET /hello HTTP/1.1", fields);
       }()},
      {"a long target", 404, head("GET /" + std::string(8000, 'a') + " HTTP/1.1", host)},
      {"an upgrade to h2c, which is ignored", 200,
       head("GET /hello HTTP/1.1", host + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                                          "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n")},
      {"bytes beyond ASCII in a value", 200, head("GET /hello HTTP/1.1", host + "A: \xc3\xa4\r\n")},
      {"a small body for no route", 404,
       head("POST /nowhere HTTP/1.1", host + "Content-Length: 3\r\n") + "abc"},
  };
  for (const Case& one : accepted) {
    CAPTURE(one.what);
    RawClient client(server.port());
    client.send(one.bytes);
    CHECK(client.receive().status == one.status);
  }
}

TEST_CASE("a DELETE is read past its body, as a GET is, and the connection goes on") {
  TestServer server;
  for (const std::string method : {"GET", "HEAD", "DELETE", "OPTIONS"}) {
    CAPTURE(method);
    RawClient client(server.port());
    client.send(head(method + " /hello HTTP/1.1", host + "Content-Length: 3\r\n") + "abc");
    CHECK(client.receive(method == "HEAD").status == 200);
    client.send(get("/hello"));
    CHECK(client.receive().body == "hello");
  }
  check(server, {"DELETE with chunks", 400,
                 head("DELETE /hello HTTP/1.1", host + "Transfer-Encoding: chunked\r\n") +
                     "3\r\nabc\r\n0\r\n\r\n"});
  check(server, {"DELETE with a body of 64 KiB and a byte", 400,
                 head("DELETE /hello HTTP/1.1", host + "Content-Length: 65537\r\n")});
}

TEST_CASE("OPTIONS of the server itself lists its methods") {
  TestServer server;
  RawClient client(server.port());
  // RFC 9112, 3.2.4: an absolute form without path and query means the server, too.
  for (const std::string target : {"*", "http://localhost"}) {
    CAPTURE(target);
    client.send(head("OPTIONS " + target + " HTTP/1.1", host));
    const Reply reply = client.receive();
    CHECK(reply.status == 204);
    CHECK(reply.field("Allow") == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    CHECK(reply.field("X-Content-Type-Options") == "nosniff");
  }
  CHECK(server.calls() == 0);
  client.send(head("OPTIONS http://localhost/nowhere HTTP/1.1", host));
  CHECK(client.receive().status == 404);
  check(server, {"OPTIONS *?x", 400, head("OPTIONS *?x HTTP/1.1", host)});
}

TEST_CASE("a refusal names the path as soon as it is known, and never what may be a key") {
  TestServer server;
  const std::string key = "ev_0123456789_0123456789012345678901234567890123456789012_abcdef";
  struct Named {
    std::string bytes;
    std::string instance;
  };
  const std::string line = "GET /hello?a=b HTTP/1.1";
  const std::string named = R"("instance":"/hello")";
  const std::vector<Named> cases = {
      {head(line, host + "A: b\r\n c\r\n"), named},                         // folded
      {head(line, host + "A b\r\n"), named},                                // the parser refuses
      {head(line, host + "A: " + std::string(8192, 'b') + "\r\n"), named},  // 431
      {head(line, host + host), named},                                     // the guard refuses
      {head("BREW /hello HTTP/1.1", host), named},
      {head("GET http://evil.example.com/hello HTTP/1.1", host), ""},
      {posted("Content-Length: 1048577\r\n"), R"("instance":"/echo")"},  // 413
      {head("GET /stream?3 HTTP/1.0", ""), R"("instance":"/stream")"},   // 501
      {head("GET /throw HTTP/1.1", host), R"("instance":"/throw")"},     // 500
      {head("GET /split HTTP/1.1", host), R"("instance":"/split")"},
      {head("GET /" + std::string(8192, 'a') + " HTTP/1.1", host), ""},  // 414: not read to its end
      {head("GET /h\xc3\xa4llo HTTP/1.1", host), ""},
      {head("GET /hello<b> HTTP/1.1", host + host), ""},
      {head("GET /v1/" + key + " HTTP/1.1", host + host), ""},
      {head("GET /hello?key=" + key + " HTTP/1.1", host + host), ""},
  };
  for (const Named& one : cases) {
    CAPTURE(one.bytes.substr(0, 60));
    RawClient client(server.port());
    client.send(one.bytes);
    const Reply reply = client.receive();
    CHECK(reply.status >= 400);
    if (one.instance.empty()) {
      CHECK(reply.body.find("\"instance\"") == std::string::npos);
    } else {
      CHECK(reply.body.find(one.instance) != std::string::npos);
    }
    CHECK(reply.body.find(key) == std::string::npos);
  }
}

TEST_CASE("the public URL's host is answered for") {
  TestServer::Options options;
  options.settings.public_url = "https://Evidence.example.com/base";
  TestServer server(options);
  RawClient client(server.port());
  client.send(head("GET /hello HTTP/1.1", "Host: evidence.example.com\r\n"));
  CHECK(client.receive().status == 200);
}
