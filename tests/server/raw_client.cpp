#include "tests/server/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <utility>

namespace evidenced::server {
namespace {

constexpr auto usual_patience = std::chrono::seconds(20);

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

sockaddr_in address(const std::string& host, unsigned short port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  inet_pton(AF_INET, host.c_str(), &result.sin_addr);
  return result;
}

}  // namespace

std::string Reply::field(std::string_view name) const {
  const std::string low = lower(head);
  const std::size_t at = low.find("\r\n" + lower(name) + ": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

RawClient::RawClient(unsigned short port, const std::string& source) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) throw std::runtime_error("no socket");
  sockaddr_in from = address(source, 0);
  sockaddr_in to = address("127.0.0.1", port);
  const int on = 1;
  setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd_, reinterpret_cast<sockaddr*>(&from), sizeof from) != 0 ||
      connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    ::close(fd_);
    throw std::runtime_error("cannot connect");
  }
}

RawClient::~RawClient() {
  if (fd_ >= 0) ::close(fd_);
}

RawClient::RawClient(RawClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::fill(std::chrono::milliseconds patience) {
  pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
  if (poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return false;
  char bytes[65536];
  const ssize_t got = recv(fd_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::string RawClient::take(std::size_t bytes) {
  while (buffer_.size() < bytes && fill(usual_patience)) {
  }
  std::string taken = buffer_.substr(0, bytes);
  buffer_.erase(0, taken.size());
  return taken;
}

std::string RawClient::take_line() {
  std::size_t end = buffer_.find("\r\n");
  while (end == std::string::npos && fill(usual_patience)) end = buffer_.find("\r\n");
  if (end == std::string::npos) return {};
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return line;
}

Reply RawClient::receive(bool to_head) {
  Reply reply;
  for (std::string line = take_line(); !line.empty(); line = take_line()) {
    reply.head += line + "\r\n";
  }
  if (!reply.head.starts_with("HTTP/1.1 ")) return reply;
  reply.status = std::stoi(reply.head.substr(9, 3));
  if (to_head || reply.status < 200 || reply.status == 204 || reply.status == 304) return reply;
  const std::string length = reply.field("Content-Length");
  if (!length.empty()) {
    reply.body = take(std::stoul(length));
  } else if (reply.field("Transfer-Encoding") == "chunked") {
    for (;;) {
      const std::string size = take_line();
      if (size.empty()) {
        reply.status = 0;  // cut off
        return reply;
      }
      const std::size_t bytes = std::stoul(size, nullptr, 16);
      if (bytes == 0) break;
      reply.body += take(bytes);
      take(2);
    }
    for (std::string line = take_line(); !line.empty(); line = take_line()) {
      reply.trailers += line + "\r\n";
    }
  }
  return reply;
}

std::string RawClient::drain(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !fill(left)) break;
  }
  return std::exchange(buffer_, {});
}

bool RawClient::closed_within(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
    char bytes[4096];
    if (recv(fd_, bytes, sizeof bytes, 0) <= 0) return true;
  }
}

void RawClient::close_sending() {
  shutdown(fd_, SHUT_WR);
}

std::string get(std::string_view target, std::string_view fields) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) +
         "\r\n";
}

std::string post(std::string_view target, std::string_view body, std::string_view fields) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}

}  // namespace evidenced::server
