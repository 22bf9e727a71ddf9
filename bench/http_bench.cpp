// What an answer costs: CPU of the server per request, our listener and session with a handler that
// copies a body, beside a bare Beast server that sends the same bytes, in turns, the median of
// three rounds.
#include "bench/http_load.hpp"
#include "config/clock.hpp"
#include "config/random.hpp"
#include "server/exchange.hpp"
#include "server/listener.hpp"

#include <sys/resource.h>

#include <cstdlib>

namespace {

using namespace evidenced;

/// A hundred lines of a kilobyte, as a list of artifacts has them.
const std::string& list_body() {
  static const std::string body = [] {
    std::string text;
    for (int i = 0; i < 100; ++i) text += std::string(1039, static_cast<char>('a' + i % 26)) + '\n';
    return text;
  }();
  return body;
}
const std::string hello_body = "{\"hello\":\"a body of forty-four bytes\",\"n\":1}";
const std::string key = "ev_0123456789_0123456789012345678901234567890123456789012";

const std::string& body_for(std::string_view target) {
  return target == "/list" ? list_body() : hello_body;
}

void serve_ours(int report) {
  boost::asio::io_context io{1};
  SystemClock clock;
  SystemRandom random;
  server::Handler handler;
  handler.handle = [](api::Request request, std::string buffer) -> Task<api::Response> {
    api::Response response;
    response.set("Content-Type", "application/json; charset=utf-8");
    response.body = std::move(buffer);
    response.body = body_for(request.target);
    co_return response;
  };
  handler.body_rule = [](api::Method, std::string_view) -> Result<server::BodyRule> {
    return server::BodyRule{};
  };
  server::Limits limits;
  limits.anonymous_rate = limits.anonymous_burst = 1e9;
  limits.requests_per_connection = 1'000'000'000;
  limits.connections_per_address = 100'000;
  Settings::Server settings;
  settings.listen = "127.0.0.1:0";
  server::Exchange exchange(std::move(handler), limits, server::HostNames(settings),
                            server::Proxies::parse({}).value(), clock, random);
  const auto listener =
      server::Listener::open(io.get_executor(), settings.listen, exchange, std::nullopt).value();
  listener->start();
  const std::string address = listener->address();
  const auto port = static_cast<unsigned short>(std::stoi(address.substr(address.rfind(':') + 1)));
  if (write(report, &port, sizeof port) == sizeof port) io.run();
}

bool idle_connections(int count) {
  const bench::Child ours(serve_ours);
  std::vector<int> sockets;
  std::vector<char> room(4096);
  const std::string request = bench::get("/hello", key);
  const auto open_one = [&] {
    sockets.push_back(bench::connect_to(ours.port()));
    if (send(sockets.back(), request.data(), request.size(), MSG_NOSIGNAL) < 0) std::abort();
    bench::receive(sockets.back(), room);
  };
  for (int i = 0; i < 100; ++i) open_one();
  const std::size_t before = ours.resident_bytes();
  for (int i = 0; i < count; ++i) open_one();
  const double each =
      static_cast<double>(ours.resident_bytes() - before) / static_cast<double>(count) / 1024;
  for (const int fd : sockets) close(fd);
  fmt::print("{:<40} {:7.2f} KB (at most 8) {}\n", "memory of an idle connection", each,
             each <= 8 ? "ok" : "MISSED");
  return each <= 8;
}

}  // namespace

int main() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const bench::Child ours(serve_ours);
  const bench::Child bare([](int report) { bench::serve_bare(report, body_for); });
  // What guards requests and counts them is all there is of an answer of 44 bytes.
  bool kept =
      bench::compare("hello, 44 bytes", ours, bare, {bench::get("/hello", key)}, 20'000, 2.0);
  kept = bench::compare("list-like body, 104 KB", ours, bare, {bench::get("/list", key)}, 4'000,
                        2.0) &&
         kept;
  kept = idle_connections(static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 5'400)) - 400) && kept;
  return kept ? EXIT_SUCCESS : EXIT_FAILURE;
}
