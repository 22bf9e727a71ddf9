#pragma once

// What the benches of answers share: servers in processes of their own, so that their CPU alone is
// counted, a bare Beast server as the baseline, and a load.

#include "config/log.hpp"
#include "server/hardening.hpp"

#include <arpa/inet.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr int rounds = 3;
constexpr int connections = 8;

/// What the bare server answers to a target.
using Bodies = std::function<const std::string&(std::string_view target)>;

inline asio::awaitable<void> bare_session(tcp::socket socket, const Bodies& bodies) {
  boost::beast::tcp_stream stream(std::move(socket));
  boost::beast::flat_buffer buffer;
  for (;;) {
    http::request<http::string_body> request;
    boost::system::error_code error;
    co_await http::async_read(stream, buffer, request,
                              asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    const std::string_view target(request.target().data(), request.target().size());
    const std::string& body = bodies(target);
    http::response<http::span_body<const char>> response(http::status::ok, 11);
    response.set(http::field::content_type, "application/json; charset=utf-8");
    response.body() = boost::beast::span<const char>(body.data(), body.size());
    response.prepare_payload();
    co_await http::async_write(stream, response, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
  }
}

inline asio::awaitable<void> bare_accept(tcp::acceptor& acceptor, const Bodies& bodies) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(acceptor.get_executor(), bare_session(std::move(socket), bodies),
                   asio::detached);
  }
}

/// The baseline: Beast as its documentation shows it, sending bytes that are there already.
inline void serve_bare(int report, const Bodies& bodies) {
  asio::io_context io{1};
  tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
  asio::co_spawn(io, bare_accept(acceptor, bodies), asio::detached);
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
      evidenced::server::harden_process();
      evidenced::log::set_level(evidenced::log::Level::off);
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

  std::size_t peak_resident_bytes() const {
    std::ifstream status(fmt::format("/proc/{}/status", pid_));
    std::string word;
    std::size_t kilobytes = 0;
    while (status >> word && word != "VmHWM:") {
    }
    status >> kilobytes;
    return kilobytes * 1024;
  }

 private:
  pid_t pid_ = 0;
  unsigned short port_ = 0;
};

inline int connect_to(unsigned short port) {
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

/// Reads one answer with a Content-Length; the view lives in `room`.
inline std::string_view receive(int fd, std::vector<char>& room) {
  std::size_t got = 0;
  std::size_t begin = 0;
  std::size_t wanted = 0;
  while (wanted == 0 || got < wanted) {
    const ssize_t more = recv(fd, room.data() + got, room.size() - got, 0);
    if (more <= 0) std::abort();
    got += static_cast<std::size_t>(more);
    const std::string_view seen(room.data(), got);
    const std::size_t end = seen.find("\r\n\r\n");
    if (wanted != 0 || end == std::string_view::npos) continue;
    const std::size_t length = seen.find("Content-Length: ");
    if (!seen.starts_with("HTTP/1.1 200") || length >= end) std::abort();
    std::size_t body = 0;
    std::from_chars(seen.data() + length + 16, seen.data() + end, body);
    begin = end + 4;
    wanted = begin + body;
    if (wanted > room.size()) std::abort();
  }
  return {room.data() + begin, wanted - begin};
}

/// The bytes of a GET as a client library sends it.
inline std::string get(const std::string& target, const std::string& key) {
  return fmt::format(
      "GET {} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: application/json\r\n"
      "Authorization: Bearer {}\r\n\r\n",
      target, key);
}

/// Microseconds of CPU that the server spends on one of `requests`, which are `questions` in turn.
inline double cost(const Child& server, const std::vector<std::string>& questions, int requests) {
  std::vector<int> sockets;
  for (int i = 0; i < connections; ++i) sockets.push_back(connect_to(server.port()));
  std::vector<char> room(512 * 1024);
  std::size_t asked = 0;
  const auto go = [&](int count) {
    for (int i = 0; i < count; i += connections) {
      for (const int fd : sockets) {
        const std::string& request = questions[asked++ % questions.size()];
        if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) std::abort();
      }
      for (const int fd : sockets) receive(fd, room);
    }
  };
  go(requests / 10);
  const double before = server.cpu_seconds();
  go(requests);
  const double spent = server.cpu_seconds() - before;
  for (const int fd : sockets) close(fd);
  return spent / requests * 1e6;
}

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// Measures both in turns and prints the median ratio; true when it is at most `most`, where that
/// is given.
inline bool compare(const char* name, const Child& ours, const Child& bare,
                    const std::vector<std::string>& questions, int requests,
                    std::optional<double> most = std::nullopt) {
  std::vector<double> our_costs;
  std::vector<double> bare_costs;
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    our_costs.push_back(cost(ours, questions, requests));
    bare_costs.push_back(cost(bare, questions, requests));
    ratios.push_back(our_costs.back() / bare_costs.back());
  }
  const double ratio = median(ratios);
  const bool kept = !most || ratio <= *most;
  const std::string bar =
      most ? fmt::format("(at most {:.1f}) {}", *most, kept ? "ok" : "MISSED") : "(shown only)";
  fmt::print("{:<42} {:7.2f} us   bare Beast {:7.2f} us   ratio {:.2f} {}\n", name,
             median(our_costs), median(bare_costs), ratio, bar);
  return kept;
}

}  // namespace bench
