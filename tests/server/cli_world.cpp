#include "tests/server/cli_world.hpp"

#include "server/cli/cli.hpp"
#include "server/cli/json_view.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <sstream>
#include <stdexcept>

namespace evidenced::test {
namespace {

/// Reads until the head and the body that it announces are there; false when the peer went.
bool read_request(int connection, std::string& bytes, std::size_t& body_at) {
  std::array<char, 4096> piece{};
  std::size_t needed = 0;
  body_at = std::string::npos;
  while (body_at == std::string::npos || bytes.size() < needed) {
    const ssize_t count = ::recv(connection, piece.data(), piece.size(), 0);
    if (count <= 0) return false;
    bytes.append(piece.data(), static_cast<std::size_t>(count));
    const std::size_t end = bytes.find("\r\n\r\n");
    if (body_at != std::string::npos || end == std::string::npos) continue;
    body_at = end + 4;
    const std::size_t length = bytes.find("Content-Length: ");
    needed = body_at;
    if (length < end) needed += std::stoul(bytes.substr(length + 16));
  }
  return true;
}

Seen parse(const std::string& bytes, std::size_t body_at) {
  Seen seen;
  std::istringstream head(bytes.substr(0, body_at));
  std::string line;
  std::getline(head, line);
  std::istringstream(line) >> seen.method >> seen.target;
  while (std::getline(head, line) && line != "\r") {
    const std::size_t colon = line.find(": ");
    std::string name = line.substr(0, colon);
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    seen.headers[name] = line.substr(colon + 2, line.size() - colon - 3);
  }
  seen.body = bytes.substr(body_at);
  return seen;
}

std::string wire(const CliReply& reply) {
  if (!reply.raw.empty()) return reply.raw;
  std::string text = fmt::format("HTTP/1.1 {} Status\r\n", reply.status);
  for (const std::string& header : reply.headers) text += header + "\r\n";
  const bool bodiless = reply.status == 204 || reply.status == 304;
  if (!bodiless) text += fmt::format("Content-Length: {}\r\n", reply.body.size());
  return text + "\r\n" + (bodiless ? "" : reply.body);
}

}  // namespace

std::string Seen::header(const std::string& name) const {
  const auto it = headers.find(name);
  return it == headers.end() ? "" : it->second;
}

CliReply reply(int status, std::string body, std::vector<std::string> headers) {
  return {status, std::move(body), std::move(headers), ""};
}

CliReply raw_reply(std::string bytes) {
  return {0, "", {}, std::move(bytes)};
}

std::string text_in(const std::string& json, std::string_view path) {
  const auto read = connector::bitbucket::read_json(json);
  return read ? cli::shown(cli::at_path(*read, path)) : "no JSON";
}

CliReply problem(int status, const std::string& code, const std::string& title) {
  return reply(status,
               fmt::format(R"({{"type":"/v1/problems/{0}","title":"{1}","status":{2},)"
                           R"("detail":"The detail.","code":"{0}","request_id":"req_1",)"
                           R"("retryable":false,"errors":[{{"pointer":"/name","code":"x",)"
                           R"("detail":"is too long"}}],"causes":[{{"text":"It expired.",)"
                           R"("likelihood":"likely"}}],"remedy":["First.","Then."]}})",
                           code, title, status),
               {"Content-Type: application/problem+json"});
}

TinyServer::TinyServer(std::function<CliReply(const Seen&)> answer)
    : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 16) != 0) {
    throw std::runtime_error("the tiny server cannot listen");
  }
  ::getsockname(listener_, generic, &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

TinyServer::~TinyServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::string TinyServer::url() const {
  return fmt::format("http://127.0.0.1:{}", port_);
}

std::vector<Seen> TinyServer::seen() const {
  const std::scoped_lock lock(mutex_);
  return seen_;
}

void TinyServer::serve() {
  while (true) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    converse(connection);
    ::close(connection);
  }
}

void TinyServer::converse(int connection) {
  std::string bytes;
  std::size_t body_at = 0;
  if (!read_request(connection, bytes, body_at)) return;
  const Seen seen = parse(bytes, body_at);
  {
    const std::scoped_lock lock(mutex_);
    seen_.push_back(seen);
  }
  const std::string text = wire(answer_(seen));
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t count = ::send(connection, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
}

CliResult Cli::run(const std::vector<std::string>& arguments) {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  cli::Terminal streams{.in = in,
                        .out = out,
                        .err = err,
                        .in_is_terminal = terminal,
                        .out_is_terminal = terminal,
                        .err_is_terminal = terminal,
                        .columns = columns,
                        .environment = environment,
                        .echo = [this](bool shown) { echoes.push_back(shown); }};
  const int exit_code = cli::run(arguments, streams);
  return {exit_code, out.str(), err.str()};
}

Cli cli_for(const TinyServer& server) {
  Cli cli;
  cli.environment = {{"EVIDENCED_URL", server.url()}, {"EVIDENCED_API_KEY", "ev_test"}};
  return cli;
}

}  // namespace evidenced::test
