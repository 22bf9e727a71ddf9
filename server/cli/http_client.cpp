#include "server/cli/http_client.hpp"

#include "config/ascii.hpp"
#include "config/version.hpp"
#include "server/cli/client_stream.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace evidenced::cli {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t buffer_limit = 64 * 1024;
constexpr std::size_t body_limit = 64 * 1024 * 1024;  // of an answer that is kept in memory

std::unexpected<Failure> unreachable(const Endpoint& endpoint, std::string_view why) {
  return failed("cli.unreachable", fmt::format("{}:{}: {}", endpoint.host, endpoint.port, why));
}

/// The head of a request. Values come from us, from arguments that were encoded, and from the key;
/// a line break in one would be a second header.
Outcome<std::string> head_of(const Endpoint& endpoint, const ClientRequest& request) {
  std::string head =
      fmt::format("{} {}{} HTTP/1.1\r\n", request.method, endpoint.prefix, request.target);
  const bool v6 = endpoint.host.contains(':');
  head += fmt::format("Host: {}{}{}:{}\r\n", v6 ? "[" : "", endpoint.host, v6 ? "]" : "",
                      endpoint.port);
  head += fmt::format("User-Agent: evidenced/{}\r\nConnection: close\r\n", version);
  for (const auto& [name, value] : request.headers) {
    head += fmt::format("{}: {}\r\n", name, value);
  }
  if (!request.bearer.empty()) {
    head += "Authorization: Bearer ";
    head += request.bearer.reveal();
    head += "\r\n";
  }
  if (!request.body.empty()) head += "Content-Type: application/json\r\n";
  if (request.method != "GET") {
    head += fmt::format("Content-Length: {}\r\n", request.body.reveal().size());
  }
  const auto lines = static_cast<std::size_t>(std::ranges::count(head, '\n'));
  const std::size_t expected = 4 + request.headers.size() + (request.bearer.empty() ? 0 : 1) +
                               (request.body.empty() ? 0 : 1) + (request.method == "GET" ? 0 : 1);
  head += "\r\n";
  if (lines == expected) return head;
  wipe(head);
  return failed("cli.usage", "a value holds a line break");
}

/// Reads one answer, driving Beast's parser over our own buffer.
class AnswerReader {
 public:
  AnswerReader(ClientStream& stream, const BodySink& sink) : stream_(stream), sink_(sink) {
    restart();
  }

  /// "" on success, else what went wrong.
  std::string read(ClientResponse& response) {
    while (!parser_->is_done()) {
      const std::string problem = step(response);
      if (!problem.empty()) return problem;
      const bool interim = parser_->is_done() && parser_->get().result_int() / 100 == 1;
      if (interim) restart();
    }
    for (const auto& field : parser_->get()) {
      response.headers.emplace_back(to_lower(std::string_view(field.name_string())),
                                    std::string(field.value()));
    }
    return "";
  }

  /// Whether it ended because the sink took no more.
  bool unwritten() const { return unwritten_; }

 private:
  void restart() {
    parser_ = std::make_unique<http::response_parser<http::buffer_body>>();
    parser_->eager(true);
    parser_->header_limit(buffer_limit);
    parser_->body_limit(boost::none);
  }

  std::string step(ClientResponse& response) {
    if (needs_bytes_) {
      const std::string problem = fill();
      if (!problem.empty()) return problem;
    }
    parser_->get().body().data = piece_.data();
    parser_->get().body().size = piece_.size();
    parser_->get().body().more = true;
    boost::system::error_code failure;
    try {
      buffer_.consume(parser_->put(buffer_.data(), failure));
    } catch (const std::exception&) {  // Beast throws on trailers that outgrow its buffer
      return "the answer is no valid HTTP";
    }
    if (failure && failure != http::error::need_more && failure != http::error::need_buffer) {
      return "the answer is no valid HTTP: " + failure.message();
    }
    needs_bytes_ = failure == http::error::need_more || buffer_.size() == 0;
    if (!parser_->is_header_done()) return "";
    response.status = static_cast<int>(parser_->get().result_int());
    if (parser_->need_eof()) return "the answer does not tell its length";
    return deliver(response);
  }

  std::string fill() {
    if (buffer_.size() == buffer_limit) return "the header of the answer is too large";
    const std::size_t room = std::min<std::size_t>(16 * 1024, buffer_limit - buffer_.size());
    const auto space = buffer_.prepare(room);
    const Received received = stream_.read_some(space.data(), space.size());
    if (!received.problem.empty()) return received.problem;
    if (received.size == 0) return "the answer ended early";
    buffer_.commit(received.size);
    return "";
  }

  std::string deliver(ClientResponse& response) {
    const std::size_t size = piece_.size() - parser_->get().body().size;
    const std::string_view bytes(piece_.data(), size);
    if (size == 0) return "";
    if (sink_ && response.status / 100 == 2) {
      unwritten_ = !sink_(bytes);
      return unwritten_ ? "the answer could not be written" : "";
    }
    response.body += bytes;
    return response.body.size() > body_limit ? "the answer is too large" : "";
  }

  ClientStream& stream_;
  bool unwritten_ = false;
  const BodySink& sink_;
  boost::beast::flat_buffer buffer_{buffer_limit};
  std::array<char, 16 * 1024> piece_{};
  std::unique_ptr<http::response_parser<http::buffer_body>> parser_;
  bool needs_bytes_ = true;
};

}  // namespace

std::string_view ClientResponse::header(std::string_view name) const {
  const auto it = std::ranges::find(headers, name, [](const auto& h) { return h.first; });
  return it == headers.end() ? std::string_view() : std::string_view(it->second);
}

Outcome<Endpoint> parse_endpoint(std::string_view url) {
  const auto parsed = boost::urls::parse_uri(url);
  const bool known = parsed && (parsed->scheme() == "http" || parsed->scheme() == "https") &&
                     !parsed->encoded_host().empty() && !parsed->has_query() &&
                     !parsed->has_fragment() && !parsed->has_userinfo();
  if (!known) return failed("cli.usage", "--url must be like http://127.0.0.1:8080");
  Endpoint endpoint;
  endpoint.tls = parsed->scheme() == "https";
  endpoint.host = parsed->host_address();
  endpoint.port = parsed->has_port() ? std::string(parsed->port()) : endpoint.tls ? "443" : "80";
  endpoint.prefix = std::string(parsed->encoded_path());
  while (endpoint.prefix.ends_with('/')) endpoint.prefix.pop_back();
  return endpoint;
}

Outcome<ClientResponse> exchange(const Endpoint& endpoint, const ClientRequest& request,
                                 const BodySink& on_body) {
  Outcome<std::string> head = head_of(endpoint, request);
  if (!head) return failed(head);
  const auto stream = connect(endpoint, request.timeout, static_cast<bool>(on_body));
  std::string problem = stream->problem();
  if (problem.empty()) problem = stream->write(*head);
  wipe(*head);
  if (problem.empty()) problem = stream->write(request.body.reveal());
  // A server may answer and close before it has read everything: its answer says why.
  ClientResponse response;
  const bool connected = stream->problem().empty();
  AnswerReader reader(*stream, on_body);
  const std::string read = connected ? reader.read(response) : "";
  if (reader.unwritten()) return failed("cli.output", std::strerror(errno));
  if (!connected || !read.empty()) return unreachable(endpoint, problem.empty() ? read : problem);
  return response;
}

}  // namespace evidenced::cli
