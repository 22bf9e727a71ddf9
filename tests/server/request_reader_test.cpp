// Goal: whatever bytes come, reader and guard end with a verdict, the same one however the bytes
// are cut, and never take more than they were given. Method: valid requests are damaged by a seeded
// generator and fed whole, byte by byte and in random pieces; no sockets.
#include "server/request_reader.hpp"

#include "server/request_guard.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

using namespace evidenced;
using namespace evidenced::server;

namespace {

using Dice = std::mt19937_64;

const std::vector<std::string> seeds = {
    "GET /v1/artifacts?kind=pull_request&limit=50 HTTP/1.1\r\nHost: localhost:8080\r\n"
    "Authorization: Bearer ev_x\r\nAccept: */*\r\n\r\n",
    "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\nContent-Type: "
    "text/plain\r\n\r\n"
    "hello world",
    "POST /upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n",
    "GET http://localhost/x HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n",
    "OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
};

const std::vector<std::string> scraps = {"\r\n",
                                         "\r",
                                         "\n",
                                         "\r\n\r\n",
                                         " ",
                                         "\t",
                                         ":",
                                         ";",
                                         "0",
                                         "Content-Length: 3\r\n",
                                         "Transfer-Encoding: chunked\r\n",
                                         "Host: localhost\r\n",
                                         "Expect: 100-continue\r\n",
                                         "#",
                                         "%00",
                                         std::string(1, '\0'),
                                         "\xff",
                                         "HTTP/1.1",
                                         "GET ",
                                         "-1",
                                         "ffffffffffffffff",
                                         ", ",
                                         "\"",
                                         "\x7f"};

std::size_t below(Dice& dice, std::size_t bound) {
  return dice() % bound;
}

std::string damaged(Dice& dice) {
  std::string text = seeds[below(dice, seeds.size())];
  for (std::size_t edits = below(dice, 4) + 1; edits > 0; --edits) {
    const std::size_t at = below(dice, text.size() + 1);
    switch (below(dice, 5)) {
      case 0:
        text.insert(at, scraps[below(dice, scraps.size())]);
        break;
      case 1:
        text.erase(at, below(dice, 8));
        break;
      case 2:
        text.insert(at, 1, static_cast<char>(below(dice, 256)));
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(below(dice, 256));
        break;
      default:
        text.insert(at, text.substr(below(dice, text.size() + 1), below(dice, 60)));
        break;
    }
    if (text.empty()) text = "x";
  }
  return text;
}

/// A line for each message found in `bytes`, fed in pieces that `cut` chooses.
template <class Cut>
std::string verdicts(const std::string& bytes, Cut cut) {
  const Limits limits;
  Settings::Server settings;
  settings.listen = "127.0.0.1:8080";
  const HostNames hosts(settings);
  const RequestGuard guard(limits, hosts);
  const auto local = boost::asio::ip::make_address("127.0.0.1");
  RequestReader reader(limits);
  std::string log;
  std::size_t fed = 0;
  const auto feed = [&] {
    if (fed == bytes.size()) return false;
    const auto room = reader.room();
    const std::size_t size = std::min({room.size(), bytes.size() - fed, cut()});
    std::memcpy(room.data(), bytes.data() + fed, size);
    reader.commit(size);
    fed += size;
    return true;
  };
  for (;;) {
    Result<bool> head = reader.head();
    while (head && !*head && feed()) head = reader.head();
    if (!head) return log + std::string(head.error().code.text());
    if (!*head) return log + "waiting for a head";
    const Result<Admission> admission = guard.admit(reader.parsed_head(), local);
    if (!admission) return log + std::string(admission.error().code.text());
    reader.begin_body(1000);
    if (admission->body_length > 1000) return log + "too large";
    Result<bool> body = reader.body();
    while (body && !*body && feed()) body = reader.body();
    if (!body) return log + std::string(body.error().code.text());
    if (!*body) return log + "waiting for a body";
    log += admission->target + " " + reader.take_body() + "\n";
    reader.next();
  }
}

}  // namespace

TEST_CASE("a verdict does not depend on how the bytes are cut") {
  Dice dice(20261124);
  int answered = 0;
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string bytes = damaged(dice) + seeds[0];
    const std::string whole = verdicts(bytes, [] { return std::size_t{1} << 20; });
    const std::string single = verdicts(bytes, [] { return std::size_t{1}; });
    const std::string pieces = verdicts(bytes, [&dice] { return below(dice, 40) + 1; });
    if (whole != single || whole != pieces) {
      CAPTURE(i, bytes);
      CHECK(whole == single);
      REQUIRE(whole == pieces);
    }
    answered += whole.find('\n') != std::string::npos ? 1 : 0;
    refused += whole.find("request.") != std::string::npos ? 1 : 0;
  }
  // The generator reaches both ends.
  CHECK(answered > 2'000);
  CHECK(refused > 2'000);
}

TEST_CASE("undamaged requests in a row are all understood") {
  std::string bytes;
  for (int i = 0; i < 50; ++i) bytes += seeds[static_cast<std::size_t>(i) % seeds.size()];
  const std::string log = verdicts(bytes, [] { return std::size_t{7}; });
  CHECK(std::ranges::count(log, '\n') == 50);
  CHECK(log.ends_with("waiting for a head"));
  CHECK(log.find("/upload hello world\n") != std::string::npos);
}

TEST_CASE("random bytes are refused or waited on, and nothing else") {
  Dice dice(7);
  for (int i = 0; i < 5'000; ++i) {
    std::string bytes(below(dice, 300) + 1, '\0');
    for (char& c : bytes) c = static_cast<char>(below(dice, 256));
    const std::string verdict = verdicts(bytes, [&dice] { return below(dice, 50) + 1; });
    REQUIRE((verdict.starts_with("request.") || verdict.starts_with("waiting")));
  }
}

TEST_CASE("an idle reader holds little memory") {
  const Limits limits;
  RequestReader reader(limits);
  CHECK(reader.room().size() <= 4096);
}
