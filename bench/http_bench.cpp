// What an answer costs: CPU of the server per request, ours beside a bare Beast server that sends
// the same bytes, in turns, the median of three rounds. Servers are child processes, so that only
// their CPU is counted; the load is this process.
#include "config/clock.hpp"
#include "config/log.hpp"
#include "config/random.hpp"
#include "server/exchange.hpp"
#include "server/hardening.hpp"
#include "server/listener.hpp"
#include "server/memory_watch.hpp"

#include <arpa/inet.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace evidenced;
namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr int rounds = 3;
constexpr int connections = 8;

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

const std::string& body_for(std::string_view target) {
  return target == "/list" ? list_body() : hello_body;
}

// ---- the two servers --------------------------------------------------------------------------

void serve_ours(int report) {
  asio::io_context io{1};
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

asio::awaitable<void> bare_session(tcp::socket socket) {
  boost::beast::tcp_stream stream(std::move(socket));
  boost::beast::flat_buffer buffer;
  for (;;) {
    http::request<http::string_body> request;
    boost::system::error_code error;
    co_await http::async_read(stream, buffer, request,
                              asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    const std::string_view target(request.target().data(), request.target().size());
    const std::string& body = body_for(target);
    http::response<http::span_body<const char>> response(http::status::ok, 11);
    response.set(http::field::content_type, "application/json; charset=utf-8");
    response.body() = boost::beast::span<const char>(body.data(), body.size());
    response.prepare_payload();
    co_await http::async_write(stream, response, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
  }
}

asio::awaitable<void> bare_accept(tcp::acceptor& acceptor) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(acceptor.get_executor(), bare_session(std::move(socket)), asio::detached);
  }
}

void serve_bare(int report) {
  asio::io_context io{1};
  tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
  asio::co_spawn(io, bare_accept(acceptor), asio::detached);
  const unsigned short port = acceptor.local_endpoint().port();
  if (write(report, &port, sizeof port) == sizeof port) io.run();
}

/// A server in a process of its own.
class Child {
 public:
  explicit Child(const std::function<void(int)>& serve) {
    std::array<int, 2> report{};
    if (pipe(report.data()) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      server::harden_process();
      log::set_level(log::Level::off);
      serve(report[1]);
      _exit(0);
    }
    if (read(report[0], &port_, sizeof port_) != sizeof port_) std::abort();
    close(report[0]);
    close(report[1]);
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  unsigned short port() const { return port_; }

  double cpu_seconds() const {
    clockid_t clock{};
    timespec time{};
    if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  }

  std::size_t resident_bytes() const {
    std::ifstream statm(fmt::format("/proc/{}/statm", pid_));
    std::size_t all = 0;
    std::size_t resident = 0;
    statm >> all >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  }

 private:
  pid_t pid_ = 0;
  unsigned short port_ = 0;
};

// ---- the load ---------------------------------------------------------------------------------

int connect_to(unsigned short port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) std::abort();
  return fd;
}

/// Reads one answer whose body has `body` bytes.
void receive(int fd, std::size_t body, std::vector<char>& room) {
  std::size_t got = 0;
  std::size_t wanted = 0;
  while (wanted == 0 || got < wanted) {
    const ssize_t more = recv(fd, room.data() + got, room.size() - got, 0);
    if (more <= 0) std::abort();
    got += static_cast<std::size_t>(more);
    const std::string_view seen(room.data(), got);
    const std::size_t end = seen.find("\r\n\r\n");
    if (wanted == 0 && end != std::string_view::npos) wanted = end + 4 + body;
  }
}

/// Microseconds of CPU that the server spends on one request.
double cost(const Child& server, const std::string& target, int requests) {
  std::vector<int> sockets;
  for (int i = 0; i < connections; ++i) sockets.push_back(connect_to(server.port()));
  const std::string request = fmt::format(
      "GET {} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: application/json\r\n"
      "Authorization: Bearer ev_0123456789_0123456789012345678901234567890123456789012\r\n\r\n",
      target);
  std::vector<char> room(256 * 1024);
  const auto go = [&](int count) {
    for (int i = 0; i < count; i += connections) {
      for (const int fd : sockets) {
        if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) std::abort();
      }
      for (const int fd : sockets) receive(fd, body_for(target).size(), room);
    }
  };
  go(requests / 10);
  const double before = server.cpu_seconds();
  go(requests);
  const double spent = server.cpu_seconds() - before;
  for (const int fd : sockets) close(fd);
  return spent / requests * 1e6;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void compare(const char* name, const std::string& target, int requests, double most) {
  const Child ours(serve_ours);
  const Child bare(serve_bare);
  std::vector<double> our_costs;
  std::vector<double> bare_costs;
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    our_costs.push_back(cost(ours, target, requests));
    bare_costs.push_back(cost(bare, target, requests));
    ratios.push_back(our_costs.back() / bare_costs.back());
  }
  const double ratio = median(ratios);
  fmt::print("{:<44} {:7.2f} us   bare Beast {:7.2f} us   ratio {:.2f} (at most {:.1f}) {}\n", name,
             median(our_costs), median(bare_costs), ratio, most, ratio <= most ? "ok" : "MISSED");
}

void idle_connections(int count) {
  const Child ours(serve_ours);
  std::vector<int> sockets{connect_to(ours.port())};
  std::vector<char> room(4096);
  const std::string request = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const auto ask = [&](int fd) {
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) std::abort();
    receive(fd, hello_body.size(), room);
  };
  ask(sockets.front());
  const std::size_t before = ours.resident_bytes();
  for (int i = 0; i < count; ++i) {
    sockets.push_back(connect_to(ours.port()));
    ask(sockets.back());
  }
  const double each =
      static_cast<double>(ours.resident_bytes() - before) / static_cast<double>(count);
  for (const int fd : sockets) close(fd);
  fmt::print("{:<44} {:7.2f} KB (at most 8) {}\n", "memory of an idle connection", each / 1024,
             each <= 8 * 1024 ? "ok" : "MISSED");
}

}  // namespace

int main() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  compare("hello, 44 bytes", "/hello", 20'000, 1.0);
  compare("list of 100 lines of 1 KB (104 KB)", "/list", 4'000, 2.0);
  idle_connections(static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 5'200)) - 200);
}
