// Goal: an answer is taken whole or not at all, whatever the server sends and however the network
// cuts it. Method: scripts of bytes, each fed at once, byte by byte, and cut at every position.
#include "connector/egress/gunzip.hpp"
#include "connector/egress/response_reader.hpp"
#include "tests/catch.hpp"
#include "tests/connector/gzip.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace {

using evidenced::Result;
using evidenced::connector::gunzip;
using evidenced::connector::GunzipLimits;
using evidenced::connector::HttpResponse;
using evidenced::connector::ResponseReader;
using evidenced::test::gzip;

/// Feeds `bytes` in pieces of at most `piece`; what is left over when the answer is whole counts as
/// received with it.
Result<bool> feed(ResponseReader& reader, std::string_view bytes, std::size_t piece) {
  Result<bool> whole = false;
  while (!bytes.empty() && whole && !*whole) {
    const std::span<char> room = reader.room();
    const std::size_t count = std::min({piece, bytes.size(), room.size()});
    REQUIRE(count > 0);
    std::memcpy(room.data(), bytes.data(), count);
    bytes.remove_prefix(count);
    whole = reader.received(count);
  }
  return whole;
}

Result<HttpResponse> read(std::string_view bytes, std::size_t piece = 100000,
                          ResponseReader::Limits limits = {}) {
  ResponseReader reader(limits);
  const Result<bool> whole = feed(reader, bytes, piece);
  if (!whole) return evidenced::fail(whole);
  if (!*whole) return std::unexpected(reader.ended());
  return reader.take();
}

std::string refusal(std::string_view bytes, ResponseReader::Limits limits = {}) {
  const Result<HttpResponse> at_once = read(bytes, 100000, limits);
  const Result<HttpResponse> in_drops = read(bytes, 7, limits);
  if (at_once || in_drops) return "accepted";
  CAPTURE(bytes.substr(0, 300));
  CHECK(at_once.error().code.text() == in_drops.error().code.text());
  return std::string(at_once.error().code.text());
}

std::string ok(std::string_view headers, std::string_view body) {
  return "HTTP/1.1 200 OK\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

std::string with_length(std::string_view headers, std::string_view body) {
  return ok(std::string(headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n", body);
}

const std::string page_text = R"({"values":[],"pagelen":10})";

TEST_CASE("answers in every framing are read the same, however they are cut") {
  const std::string answer = GENERATE(
      with_length("Content-Type: application/json\r\n", page_text),
      ok("Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
         "5;ext=\"x\"\r\n{\"val\r\n15\r\nues\":[],\"pagelen\":10}\r\n0\r\nX-Trailer: a\r\n\r\n"),
      ok("Content-Type: application/json\r\nTransfer-Encoding: Chunked\r\n",
         "1A\r\n" + page_text + "\r\n0\r\n\r\n"),
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" +
          with_length("Content-Type: application/json\r\n", page_text),
      with_length("Content-Type: application/json\r\nContent-Encoding: gzip\r\n", gzip(page_text)),
      with_length("Content-Type: application/json\r\nContent-Encoding: X-GZIP\r\n",
                  gzip(page_text)),
      with_length("Content-Type: application/json\r\nContent-Encoding: identity\r\n", page_text));
  for (std::size_t piece = 1; piece <= answer.size(); ++piece) {
    CAPTURE(answer, piece);
    const Result<HttpResponse> response = read(answer, piece);
    REQUIRE(response);
    CHECK(response->status == 200);
    CHECK(response->body == page_text);
    CHECK(response->header("content-type") == "application/json");
    CHECK(response->header("x-trailer").empty());
  }
}

TEST_CASE("an answer that ends early is truncated at every position, and nothing is a reset") {
  const std::string answer =
      GENERATE(with_length("", page_text),
               ok("Transfer-Encoding: chunked\r\n", "1A\r\n" + page_text + "\r\n0\r\n\r\n"),
               with_length("Content-Encoding: gzip\r\n", gzip(page_text)));
  CHECK(refusal("") == "upstream.reset");
  for (std::size_t size = 1; size < answer.size(); ++size) {
    CAPTURE(answer, size);
    CHECK(refusal(answer.substr(0, size)) == "upstream.truncated");
  }
  CHECK(read(answer));
}

TEST_CASE("answers without a body need no length") {
  const std::string status = GENERATE(as<std::string>{}, "204 No Content", "304 Not Modified");
  const Result<HttpResponse> response = read("HTTP/1.1 " + status + "\r\nServer: x\r\n\r\n");
  REQUIRE(response);
  CHECK(response->body.empty());
}

TEST_CASE("any status is an answer") {
  for (const int status : {200, 301, 400, 401, 403, 404, 410, 429, 500, 503, 555, 599, 999}) {
    const Result<HttpResponse> response =
        read("HTTP/1.1 " + std::to_string(status) + " Whatever\r\nContent-Length: 2\r\n\r\n{}");
    REQUIRE(response);
    CHECK(response->status == status);
  }
}

TEST_CASE("header names come in lower case, values as they are") {
  const Result<HttpResponse> response =
      read(with_length("X-OAuth-Scopes: read:user:bitbucket, Account\r\n", page_text));
  REQUIRE(response);
  CHECK(response->header("x-oauth-scopes") == "read:user:bitbucket, Account");
}

TEST_CASE("ambiguous framing is refused before any byte of the body") {
  const std::string chunks = "2\r\n{}\r\n0\r\n\r\n";
  CHECK(refusal(ok("Transfer-Encoding: gzip, chunked\r\n", chunks)) == "upstream.malformed");
  CHECK(refusal(ok("Transfer-Encoding: chunked, identity\r\n", chunks)) == "upstream.malformed");
  CHECK(refusal(ok("Transfer-Encoding: identity\r\nContent-Length: 2\r\n", "{}")) ==
        "upstream.malformed");
  CHECK(refusal(ok("Transfer-Encoding: xchunked\r\n", chunks)) == "upstream.malformed");
  CHECK(refusal(ok("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunks)) ==
        "upstream.malformed");
  CHECK(refusal(ok("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", chunks)) ==
        "upstream.malformed");
  CHECK(refusal(ok("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", chunks)) ==
        "upstream.malformed");
  CHECK(refusal("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks) ==
        "upstream.malformed");
  CHECK(refusal(ok("Content-Length: 2\r\nContent-Length: 2\r\n", "{}")) == "upstream.malformed");
  CHECK(refusal(ok("Content-Length: 2, 2\r\n", "{}")) == "upstream.malformed");
  CHECK(refusal(ok("Content-Length: +2\r\n", "{}")) == "upstream.malformed");
  CHECK(refusal(ok("Content-Length: 2\r\nContent-Length: 3\r\n", "{}")) == "upstream.malformed");
}

TEST_CASE("a body without a length is truncated, wherever it ends") {
  CHECK(refusal(ok("", page_text)) == "upstream.truncated");
  CHECK(refusal(ok("Connection: close\r\n", page_text)) == "upstream.truncated");
  CHECK(refusal("HTTP/1.0 200 OK\r\n\r\n" + page_text) == "upstream.truncated");
}

TEST_CASE("what is not HTTP/1 is malformed") {
  CHECK(refusal("SSH-2.0-OpenSSH_9.2\r\n\r\n") == "upstream.malformed");
  CHECK(refusal("HTTP/2 200\r\n\r\n") == "upstream.malformed");
  CHECK(refusal("HTTP/1.1 20 OK\r\n\r\n") == "upstream.malformed");
  CHECK(refusal("HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n") == "upstream.malformed");
  CHECK(refusal("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n") ==
        "upstream.malformed");
  CHECK(refusal(ok("X-A: b\nX-C: d\r\nContent-Length: 2\r\n", "{}")) == "upstream.malformed");
  CHECK(refusal(ok(std::string("X-A: b\0c\r\nContent-Length: 2\r\n", 29), "{}")) ==
        "upstream.malformed");
  CHECK(refusal(ok("X-A: b\x01\r\nContent-Length: 2\r\n", "{}")) == "upstream.malformed");
  CHECK(refusal(ok("X-A: b\x7f\r\nContent-Length: 2\r\n", "{}")) == "upstream.malformed");
  CHECK(refusal(ok("X A: b\r\nContent-Length: 2\r\n", "{}")) == "upstream.malformed");
  CHECK(refusal(ok("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n")) ==
        "upstream.malformed");
}

TEST_CASE("informational answers are skipped, but not for ever") {
  std::string many;
  for (int n = 0; n < 8; ++n) many += "HTTP/1.1 100 Continue\r\n\r\n";
  CHECK(read(many + with_length("", page_text)));
  CHECK(refusal(many + many + with_length("", page_text)) == "upstream.malformed");
}

TEST_CASE("what is too large is refused as soon as it is known") {
  const ResponseReader::Limits small{.header = 2048, .body = 4096, .gzip_ratio = 100};
  const std::string chunks = "2\r\n{}\r\n";
  CHECK(refusal(ok("X-A: " + std::string(3000, 'a') + "\r\n", ""), small) == "upstream.oversized");
  CHECK(refusal(ok("Content-Length: 4097\r\n", ""), small) == "upstream.oversized");
  CHECK(refusal(ok("Content-Length: 18446744073709551615\r\n", ""), small) == "upstream.oversized");
  CHECK(refusal(ok("Transfer-Encoding: chunked\r\n", "1001\r\n" + std::string(4097, 'x')), small) ==
        "upstream.oversized");
  CHECK(refusal(ok("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFF\r\n"), small) ==
        "upstream.oversized");
  std::string fields;
  for (int n = 0; n < 400; ++n) fields += "A: b\r\n";
  CHECK(refusal(ok(fields, "")) == "upstream.truncated");  // no length, seen first
  CHECK(refusal(ok(fields + "Content-Length: 0\r\n", "")) == "upstream.oversized");
  const std::string gz = gzip(std::string(5000, 'x'));
  CHECK(refusal(with_length("Content-Encoding: gzip\r\n", gz), small) == "upstream.oversized");
}

TEST_CASE("trailers and chunk extensions cannot grow without end") {
  const std::string trailer = "X-T: " + std::string(70000, 't') + "\r\n";
  CHECK(refusal(ok("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n" + trailer + "\r\n")) ==
        "upstream.oversized");
  std::string trailers;
  while (trailers.size() < 6'000'000) trailers += "X-T: " + std::string(1000, 't') + "\r\n";
  CHECK(refusal(ok("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n" + trailers)) ==
        "upstream.oversized");
  std::string extensions;
  while (extensions.size() < 6'000'000) extensions += "1;x=" + std::string(1000, 'e') + "\r\nx\r\n";
  CHECK(refusal(ok("Transfer-Encoding: chunked\r\n", extensions)) == "upstream.oversized");
}

TEST_CASE("a header as large as the limit passes") {
  const Result<HttpResponse> response =
      read(with_length("X-A: " + std::string(60000, 'a') + "\r\n", page_text));
  REQUIRE(response);
  CHECK(response->header("x-a").size() == 60000);
}

TEST_CASE("the largest body passes, and one byte more does not") {
  const std::string body(4 * 1024 * 1024, 'x');
  CHECK(read(with_length("", body)));
  CHECK(refusal(with_length("", body + "x")) == "upstream.oversized");
}

TEST_CASE("an unknown content coding is refused") {
  CHECK(refusal(with_length("Content-Encoding: br\r\n", page_text)) == "upstream.malformed");
  CHECK(refusal(with_length("Content-Encoding: gzip, gzip\r\n", page_text)) ==
        "upstream.malformed");
  CHECK(refusal(with_length("Content-Encoding: gzip\r\n", page_text)) == "upstream.malformed");
}

TEST_CASE("a connection is used again only when the answer says so and nothing follows it") {
  const auto reusable = [](std::string_view bytes) {
    ResponseReader reader({});
    const Result<bool> whole = feed(reader, bytes, 100000);
    REQUIRE(whole);
    REQUIRE(*whole);
    return reader.reusable();
  };
  CHECK(reusable(with_length("", page_text)));
  CHECK_FALSE(reusable(with_length("Connection: close\r\n", page_text)));
  CHECK_FALSE(reusable("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
  CHECK_FALSE(reusable(with_length("", page_text) + with_length("", page_text)));
  CHECK_FALSE(reusable(with_length("", page_text) + "\r\n"));
}

TEST_CASE("random damage never does more than fail") {
  const std::string answer = ok("Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
                                "1A\r\n" + page_text + "\r\n0\r\nX-T: 1\r\n\r\n");
  std::uint32_t state = 1;
  const auto below = [&](std::size_t bound) {
    state = state * 1664525 + 1013904223;
    return (state >> 8) % bound;
  };
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = answer;
    for (std::size_t n = 0; n <= below(3); ++n)
      damaged[below(damaged.size())] = static_cast<char>(below(256));
    const Result<HttpResponse> response = read(damaged, 1 + below(40));
    if (response) CHECK(response->body.size() <= 0x1A + 10);
  }
}

TEST_CASE("gunzip gives back what was compressed") {
  for (const std::size_t size : {0U, 1U, 1000U, 65535U, 65536U, 65537U, 1000000U}) {
    std::string text(size, 'a');
    std::uint32_t state = 1;
    for (char& c : text)
      c = static_cast<char>('a' + ((state = state * 1664525 + 1013904223) >> 28));
    const Result<std::string> back = gunzip(gzip(text), {});
    REQUIRE(back);
    CHECK(*back == text);
  }
}

TEST_CASE("gunzip stops bombs by size and by ratio") {
  const Result<std::string> large = gunzip(gzip(std::string(5 << 20, 'x')), {.ratio = 100000});
  REQUIRE_FALSE(large);
  CHECK(large.error().code.text() == "upstream.oversized");
  const Result<std::string> steep = gunzip(gzip(std::string(1 << 20, 'x')), {});
  REQUIRE_FALSE(steep);
  CHECK(steep.error().code.text() == "upstream.oversized");
  CHECK(gunzip(gzip(std::string(60000, 'x')), {}));
}

TEST_CASE("gunzip fails at every cut and tells damage from a cut") {
  const std::string whole = gzip(page_text);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Result<std::string> back = gunzip(whole.substr(0, size), {});
    REQUIRE_FALSE(back);
    CHECK(back.error().code.text() == "upstream.truncated");
  }
  std::string damaged = whole;
  damaged[whole.size() - 6] ^= 1;  // the checksum
  CHECK(gunzip(damaged, {}).error().code.text() == "upstream.malformed");
  CHECK(gunzip(whole + "x", {}).error().code.text() == "upstream.malformed");
  CHECK(gunzip("not gzip at all", {}).error().code.text() == "upstream.malformed");
}

}  // namespace
