// Goal: the small machines of the server decide as documented.
// Method: direct calls; no sockets, no clock.
#include "server/exchange.hpp"
#include "server/head_scan.hpp"
#include "server/host_names.hpp"
#include "server/io_loop.hpp"
#include "server/limits.hpp"
#include "server/proxies.hpp"
#include "server/rate_limiter.hpp"
#include "server/response_writer.hpp"
#include "server/service_manager.hpp"
#include "tests/catch.hpp"

#include <boost/asio/post.hpp>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <set>
#include <stdexcept>
#include <string>

using namespace evidenced;
using namespace evidenced::server;
using namespace std::chrono_literals;

namespace {

boost::asio::ip::address address(const std::string& text) {
  return boost::asio::ip::make_address(text);
}

}  // namespace

TEST_CASE("the host of the public URL is answered for, be it a name or an address") {
  Settings::Server settings;
  settings.listen = "0.0.0.0:8080";
  const auto answers = [&](const std::string& url, const std::string& host) {
    settings.public_url = url;
    return HostNames(settings).answer_for(host, address("172.18.0.2"));
  };
  CHECK(answers("https://Evidence.Example.com", "evidence.example.com"));
  CHECK(answers("http://127.0.0.1:8080", "127.0.0.1"));
  CHECK(answers("https://[2001:db8::7]:8443", "2001:db8::7"));
  CHECK_FALSE(answers("http://127.0.0.1:8080", "rebound.example.com"));
  CHECK_FALSE(answers("", "127.0.0.1"));
  CHECK(answers("", "172.18.0.2"));
}

TEST_CASE("a bucket gives its burst at once and then its rate") {
  RateLimiter limiter(10, 50);
  const SteadyTime start = SteadyTime() + 1h;
  for (int i = 0; i < 50; ++i) REQUIRE(limiter.take(1, start) == 0);
  CHECK(limiter.take(1, start) == 1);
  CHECK(limiter.take(2, start) == 0);
  int given = 0;
  for (int i = 1; i <= 1000; ++i) given += limiter.take(1, start + i * 10ms) == 0 ? 1 : 0;
  CHECK(given >= 99);
  CHECK(given <= 101);
}

TEST_CASE("a bucket forgets who has been quiet, however many addresses come") {
  RateLimiter limiter(10, 50);
  SteadyTime now = SteadyTime() + 1h;
  for (ClientKey client = 0; client < 200'000; ++client) {
    now += 1ms;
    limiter.take(client, now);
  }
  CHECK(limiter.size() <= 65536);
}

TEST_CASE("the addresses of one IPv6 network are one client") {
  CHECK(client_key(address("2001:db8::1")) == client_key(address("2001:db8::ffff:1")));
  CHECK(client_key(address("2001:db8::1")) != client_key(address("2001:db8:0:1::1")));
  CHECK(client_key(address("::ffff:192.0.2.1")) == client_key(address("192.0.2.1")));
  CHECK(client_key(address("192.0.2.1")) != client_key(address("192.0.2.2")));
  CHECK(client_name(address("2001:db8::ffff:1")) == "2001:db8::/64");
  CHECK(client_name(address("2001:db8:0:1::1")) == "2001:db8:0:1::/64");
  CHECK(client_name(address("::ffff:192.0.2.1")) == "192.0.2.1");
  CHECK(client_name(address("::1")) == "::1");
}

TEST_CASE("networks of proxies are matched to the bit") {
  const Proxies proxies = Proxies::parse({"192.0.2.0/25", "2001:db8::/33", "203.0.113.7"}).value();
  CHECK(proxies.trusts(address("192.0.2.127")));
  CHECK_FALSE(proxies.trusts(address("192.0.2.128")));
  CHECK(proxies.trusts(address("::ffff:192.0.2.1")));
  CHECK(proxies.trusts(address("2001:db8:7fff::1")));
  CHECK_FALSE(proxies.trusts(address("2001:db8:8000::1")));
  CHECK(proxies.trusts(address("203.0.113.7")));
  CHECK_FALSE(proxies.trusts(address("203.0.113.6")));
  for (const char* wrong : {"192.0.2.0/33", "192.0.2.0/", "192.0.2.0/x", "proxy", "", "::/129"}) {
    CAPTURE(wrong);
    CHECK_FALSE(Proxies::parse({wrong}).has_value());
  }
}

TEST_CASE("the client is the last address that no trusted proxy has") {
  const Proxies proxies = Proxies::parse({"10.0.0.0/8"}).value();
  const auto peer = address("10.0.0.1");
  CHECK(proxies.client(peer, "").to_string() == "10.0.0.1");
  CHECK(proxies.client(peer, "198.51.100.1").to_string() == "198.51.100.1");
  CHECK(proxies.client(peer, "127.0.0.1, 198.51.100.1").to_string() == "198.51.100.1");
  CHECK(proxies.client(peer, "198.51.100.1,10.2.2.2").to_string() == "198.51.100.1");
  CHECK(proxies.client(peer, "198.51.100.1, nonsense").to_string() == "10.0.0.1");
  CHECK(proxies.client(address("192.0.2.1"), "198.51.100.1").to_string() == "192.0.2.1");
}

TEST_CASE("request ids sort by time and do not repeat") {
  SystemRandom random;
  RequestIds ids(random);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(ids.next(Timestamp(1'790'000'000'000ms)));
  CHECK(seen.size() == 1000);
  for (const std::string& id : seen) REQUIRE(id.size() == 30);
  CHECK(ids.next(Timestamp(1'790'000'000'001ms)) > *seen.rbegin());
}

TEST_CASE("the Date field is an IMF-fixdate") {
  DateField date;
  CHECK(date.at(Timestamp(1'445'412'480'123ms)) == "Wed, 21 Oct 2015 07:28:00 GMT");
  CHECK(date.at(Timestamp(1'445'412'481'000ms)) == "Wed, 21 Oct 2015 07:28:01 GMT");
}

TEST_CASE("the head scan finds the end wherever the bytes are cut") {
  const Limits limits;
  const std::string head = "GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n\r\n";
  const std::string bytes = head + "body";
  HeadScan scan(limits);
  for (std::size_t i = 1; i < head.size(); ++i) {
    const auto found = scan.scan(std::string_view(bytes).substr(0, i));
    REQUIRE(found.has_value());
    REQUIRE_FALSE(found->has_value());
  }
  CHECK(*scan.scan(bytes).value() == head.size());
}

TEST_CASE("own fields of the server are never the handler's") {
  api::Response response;
  response.set("Content-Length", "7");
  response.set("DATE", "yesterday");
  response.set("Transfer-Encoding", "chunked");
  response.set("X-Request-Id", "mine");
  response.set("X-Content-Type-Options", "nosniff");
  response.body = "abc";
  std::string out;
  Framing framing;
  framing.date = "today";
  framing.request_id = "req_1";
  REQUIRE(write_head(out, response, framing).has_value());
  CHECK(out ==
        "HTTP/1.1 200 OK\r\nDate: today\r\nX-Request-Id: req_1\r\n"
        "X-Content-Type-Options: nosniff\r\nContent-Length: 3\r\n\r\n");
}

TEST_CASE("no name or value that could end its line is written") {
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"A", "b\r\nC: d"},
                                                        {"A", "b\nC: d"},
                                                        {"A", "b\rC"},
                                                        {"A", std::string("b\0c", 3)},
                                                        {"A\r\nB", "c"},
                                                        {"A B", "c"},
                                                        {"A:", "c"},
                                                        {"", "c"},
                                                        {"\xc3\xa4", "c"}}) {
    api::Response response;
    response.set(name, value);
    std::string out;
    CHECK_FALSE(write_head(out, response, Framing()).has_value());
    std::string trailers;
    CHECK_FALSE(write_last_chunk(trailers, {{name, value}}).has_value());
  }
}

TEST_CASE("an exception in the event loop is survived, the fourth in a minute ends it") {
  boost::asio::io_context io;
  int done = 0;
  int too_many = 0;
  for (int i = 0; i < 6; ++i) {
    boost::asio::post(io, [i] {
      if (i % 2 == 0) throw std::runtime_error("planted");
      throw i;
    });
    boost::asio::post(io, [&done] { ++done; });
    if (i == 2) {
      run_io(io, [&too_many] { ++too_many; });
      io.restart();
      CHECK(too_many == 0);
    }
  }
  for (int i = 0; i < 4; ++i) boost::asio::post(io, [] { throw std::runtime_error("planted"); });
  run_io(io, [&too_many] { ++too_many; });
  CHECK(done == 6);
  CHECK(too_many == 1);
}

TEST_CASE("a minute counter forgets what is older") {
  MinuteCounter counter;
  const SteadyTime start = SteadyTime() + 1h;
  CHECK(counter.add(start) == 1);
  CHECK(counter.add(start + 30s) == 2);
  CHECK(counter.add(start + 61s) == 2);
  CHECK(counter.add(start + 200s) == 1);
}

TEST_CASE("the service manager is told by datagram") {
  char folder[] = "/tmp/evidenced-notify-XXXXXX";
  REQUIRE(mkdtemp(folder) != nullptr);
  const std::string path = std::string(folder) + "/socket";
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
  const auto heard = [fd] {
    char bytes[256];
    const ssize_t got = recv(fd, bytes, sizeof bytes, 0);
    return std::string(bytes, got > 0 ? static_cast<std::size_t>(got) : 0);
  };

  const ServiceManager manager(path, 30s);
  CHECK(*manager.heartbeat() == 15s);
  manager.ready();
  CHECK(heard() == "READY=1");
  manager.reloading();
  CHECK(heard().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  manager.alive();
  CHECK(heard() == "WATCHDOG=1");
  manager.stopping();
  CHECK(heard() == "STOPPING=1");

  const ServiceManager nobody("", std::nullopt);
  nobody.ready();
  CHECK_FALSE(nobody.heartbeat().has_value());
  close(fd);
  unlink(path.c_str());
  rmdir(folder);
}
