// Goal: a browser gets the console's files as it wants them, packed, cached and guarded, and nobody
// gets anything else. Method: invented files behind a real listener; requests on a plain socket.
#include "server/console_files.hpp"

#include "tests/catch.hpp"
#include "tests/server/raw_client.hpp"
#include "tests/server/server_fixture.hpp"

#include <span>
#include <string>
#include <string_view>

using namespace evidenced;
using namespace evidenced::server;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

const std::string script(40000, 's');
constexpr std::string_view html_type = "text/html; charset=utf-8";

const console::Asset files[] = {
    {"assets/icon-C3.png", "image/png", "c0ffee03", true, bytes_of("picture"), {}, {}},
    {"assets/index-A1.js", "text/javascript; charset=utf-8", "c0ffee01", true, bytes_of(script),
     bytes_of("script in brotli"), bytes_of("script in gzip")},
    {"index.html", html_type, "c0ffee02", false, bytes_of("<!doctype html>page"),
     bytes_of("page in brotli"), bytes_of("page in gzip")},
};

TestServer::Options with_files() {
  TestServer::Options options;
  options.console = files;
  return options;
}

Reply ask(RawClient& client, const std::string& request) {
  client.send(request);
  return client.receive(request.starts_with("HEAD"));
}

void check_guarded(const Reply& reply) {
  CHECK(reply.field("Content-Security-Policy") ==
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' "
        "data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "object-src 'none'; require-trusted-types-for 'script'");
  CHECK(reply.field("X-Content-Type-Options") == "nosniff");
  CHECK(reply.field("Referrer-Policy") == "no-referrer");
  CHECK(reply.field("Cross-Origin-Opener-Policy") == "same-origin");
  CHECK(reply.field("Cross-Origin-Resource-Policy") == "same-origin");
}

}  // namespace

TEST_CASE("the way to the console is found from the root and without the slash") {
  const TestServer server(with_files());
  RawClient client(server.port());
  const Reply root = ask(client, get("/"));
  CHECK(root.status == 302);
  CHECK(root.field("Location") == "/ui/");
  const Reply bare = ask(client, get("/ui?theme=dark"));
  CHECK(bare.status == 308);
  CHECK(bare.field("Location") == "/ui/?theme=dark");
  check_guarded(root);
  check_guarded(bare);
  CHECK(ask(client, get("/ui/")).body == "<!doctype html>page");
}

TEST_CASE("a file is sent in the coding that the client likes best") {
  const TestServer server(with_files());
  RawClient client(server.port());
  const auto coding_for = [&](const std::string& accepted) {
    const std::string field = accepted == "-" ? "" : "Accept-Encoding: " + accepted + "\r\n";
    const Reply reply = ask(client, get("/ui/assets/index-A1.js", field));
    CHECK(reply.status == 200);
    CHECK(reply.field("Vary") == "Accept-Encoding");
    const std::string coding = reply.field("Content-Encoding");
    CHECK(reply.body == (coding.empty()   ? script
                         : coding == "br" ? "script in brotli"
                                          : "script in gzip"));
    return coding;
  };
  CHECK(coding_for("gzip, deflate, br, zstd") == "br");
  CHECK(coding_for("gzip, deflate") == "gzip");
  CHECK(coding_for("br;q=0.5, gzip;q=0.8") == "gzip");
  CHECK(coding_for("gzip, br;q=0") == "gzip");
  CHECK(coding_for("identity, br;q=0.5") == "");
  CHECK(coding_for("*") == "br");
  CHECK(coding_for("*;q=0") == "");
  CHECK(coding_for("deflate") == "");
  CHECK(coding_for("-") == "");
  // What is not smaller packed is not packed.
  CHECK(ask(client, get("/ui/assets/icon-C3.png", "Accept-Encoding: br\r\n")).body == "picture");
}

TEST_CASE(
    "hashed names are kept for ever, the page is asked for again, and 304 says it is the same") {
  const TestServer server(with_files());
  RawClient client(server.port());
  const Reply page = ask(client, get("/ui/", "Accept-Encoding: br\r\n"));
  CHECK(page.field("Content-Type") == html_type);
  CHECK(page.field("Cache-Control") == "no-cache");
  CHECK(page.field("ETag") == "\"c0ffee02-br\"");
  check_guarded(page);
  const Reply plain = ask(client, get("/ui/"));
  CHECK(plain.field("ETag") == "\"c0ffee02\"");
  const auto again = [&](const std::string& tag) {
    return ask(client, get("/ui/", "Accept-Encoding: br\r\nIf-None-Match: " + tag + "\r\n"));
  };
  const Reply same = again("\"other\", W/\"c0ffee02-br\"");
  CHECK(same.status == 304);
  CHECK(same.body.empty());
  CHECK(same.field("ETag") == page.field("ETag"));
  CHECK(same.field("Cache-Control") == "no-cache");
  check_guarded(same);
  CHECK(again("\"c0ffee02\"").status == 200);
  const Reply kept = ask(client, get("/ui/assets/index-A1.js"));
  CHECK(kept.field("Cache-Control") == "public, max-age=31536000, immutable");
  check_guarded(kept);
}

TEST_CASE("a page of the console is index.html, a missing part of one is not there") {
  const TestServer server(with_files());
  RawClient client(server.port());
  const std::string browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";
  for (const std::string path :
       {"/ui/sources/src_1?tab=coverage", "/ui/sign-in", "/ui/a%20b/..%2f", "/ui/../etc/passwd"}) {
    CAPTURE(path);
    const Reply page = ask(client, get(path, browser));
    CHECK(page.status == 200);
    CHECK(page.body == "<!doctype html>page");
    CHECK(page.field("Cache-Control") == "no-cache");
  }
  for (const std::string& accept :
       {std::string("Accept: */*\r\n"), std::string(), std::string("Accept: text/html;q=0\r\n")}) {
    CAPTURE(accept);
    const Reply missing = ask(client, get("/ui/assets/index-OLD.js", accept));
    CHECK(missing.status == 404);
    CHECK(missing.field("Content-Type").starts_with("application/problem+json"));
    CHECK(missing.field("Cache-Control") == "no-store");
    check_guarded(missing);
  }
  // Outside of the console nothing is a page.
  CHECK(ask(client, get("/uix", browser)).status == 404);
  CHECK(ask(client, get("/v2/x", browser)).status == 404);
}

TEST_CASE("files are read and nothing else; what the API has under /ui/ is the API's") {
  const TestServer server(with_files());
  RawClient client(server.port());
  const Reply head = ask(client, "HEAD /ui/assets/index-A1.js HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(head.status == 200);
  CHECK(head.field("Content-Length") == "40000");
  CHECK(head.body.empty());
  const int calls = server.calls();
  for (const std::string method : {"POST", "PUT", "DELETE", "PATCH"}) {
    CAPTURE(method);
    const Reply refused =
        ask(client,
            method + " /ui/index.html HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    CHECK(refused.status == 405);
    CHECK(refused.field("Allow") == "GET, HEAD, OPTIONS");
    check_guarded(refused);
  }
  const Reply options = ask(client, "OPTIONS /ui/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(options.status == 204);
  CHECK(options.field("Allow") == "GET, HEAD, OPTIONS");
  CHECK(server.calls() == calls);
  ask(client, get("/ui/session"));
  CHECK(server.calls() == calls + 1);
}

TEST_CASE("page loads do not wait for a stranger's quota, a flood of them does") {
  TestServer::Options options = with_files();
  options.limits.anonymous_rate = 0.001;
  options.limits.anonymous_burst = 2;
  const TestServer server(options);
  RawClient client(server.port());
  ask(client, get("/hello"));
  ask(client, get("/hello"));
  REQUIRE(ask(client, get("/hello")).status == 429);
  // With a key whose quota is used up the files come all the same: it is not looked at.
  for (int i = 0; i < 100; ++i) REQUIRE(ask(client, get("/ui/assets/icon-C3.png")).status == 200);
  int served = 100;
  while (served < 5000 && ask(client, get("/ui/assets/icon-C3.png")).status == 200) ++served;
  CHECK(served >= 400);
  CHECK(served < 5000);
  const Reply refused = ask(client, get("/ui/"));
  CHECK(refused.status == 429);
  CHECK_FALSE(refused.field("Retry-After").empty());
}

TEST_CASE("without files there is no console") {
  const TestServer server;
  RawClient client(server.port());
  for (const std::string path : {"/", "/ui", "/ui/", "/ui/index.html"}) {
    const Reply reply = ask(client, get(path, "Accept: text/html\r\n"));
    CHECK(reply.status == 404);
  }
}
