#include "server/cli/api_client.hpp"

#include "config/random.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <istream>
#include <iterator>
#include <ostream>

namespace evidenced::cli {
namespace {

constexpr std::size_t secret_limit = 16 * 1024;
constexpr std::chrono::seconds step_timeout{60};

std::string encoded(std::string_view text) {
  return boost::urls::encode(boost::core::string_view(text.data(), text.size()),
                             boost::urls::unreserved_chars);
}

Outcome<Secret> find_key(const Context& context) {
  const Terminal& terminal = context.terminal;
  std::string file = context.given.text("--api-key-file");
  if (file.empty() && !terminal.variable("EVIDENCED_API_KEY").empty()) {
    return Secret(terminal.variable("EVIDENCED_API_KEY"));
  }
  if (file.empty()) file = terminal.variable("EVIDENCED_API_KEY_FILE");
  if (!file.empty()) return read_secret_file(context, file);
  return failed("auth.missing", "Set EVIDENCED_API_KEY, or name a file with --api-key-file.");
}

std::string random_key() {
  std::array<unsigned char, 16> bytes{};
  SystemRandom().fill(bytes);
  std::string text;
  for (const unsigned char byte : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", byte);
  return text;
}

Secret trimmed(Secret secret) {
  constexpr std::string_view blanks = " \t\r\n";
  std::string_view text = secret.reveal();
  while (!text.empty() && blanks.contains(text.back())) text.remove_suffix(1);
  while (!text.empty() && blanks.contains(text.front())) text.remove_prefix(1);
  return Secret(std::string(text));
}

Secret read_all(std::istream& in) {
  std::string text(secret_limit, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return trimmed(Secret(std::move(text)));
}

}  // namespace

Outcome<Secret> read_secret_file(const Context& context, const std::string& path) {
  Secret secret;
  if (path == "-") {
    secret = read_all(context.terminal.in);
  } else {
    std::ifstream file(path, std::ios::binary);
    if (!file) return failed("cli.usage", fmt::format("{}: {}", path, std::strerror(errno)));
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0 && (status.st_mode & 077U) != 0) {
      context.terminal.err << fmt::format("evidenced: note: others may read {}: chmod 600 {}\n",
                                          path, path);
    }
    secret = read_all(file);
  }
  if (secret.empty()) {
    return failed("cli.usage", path == "-" ? "nothing came on standard input" : path + " is empty");
  }
  return secret;
}

std::string target_of(std::string_view path, const Query& query) {
  std::string target(path);
  char separator = target.contains('?') ? '&' : '?';
  for (const auto& [name, value] : query) {
    target += fmt::format("{}{}={}", separator, name, encoded(value));
    separator = '&';
  }
  return target;
}

std::string path_of(std::string_view collection, std::string_view id, std::string_view action) {
  return fmt::format("/v1/{}/{}{}{}", collection, encoded(id), action.empty() ? "" : "/", action);
}

Outcome<ApiClient> ApiClient::open(const Context& context) {
  const Terminal& terminal = context.terminal;
  std::string url = context.given.text("--url");
  if (url.empty()) url = terminal.variable("EVIDENCED_URL");
  if (url.empty()) url = "http://127.0.0.1:8080";
  Outcome<Endpoint> endpoint = parse_endpoint(url);
  if (!endpoint) return failed(endpoint);
  endpoint->ca_file = context.given.text("--ca-file");
  if (endpoint->ca_file.empty()) endpoint->ca_file = terminal.variable("EVIDENCED_CA_FILE");
  Outcome<Secret> key = find_key(context);
  if (!key) return failed(key);
  return ApiClient(std::move(*endpoint), std::move(*key));
}

Outcome<Answer> ApiClient::ask(const ClientRequest& request) const {
  Outcome<ClientResponse> response = exchange(endpoint_, request);
  if (!response) return failed(response);
  if (response->status / 100 != 2 && response->status != 304) {
    return std::unexpected(failure_of_answer(response->status, response->body));
  }
  Answer answer;
  answer.body = std::make_unique<std::string>(std::move(response->body));
  answer.response = std::move(*response);
  if (answer.body->empty()) return answer;
  Result<JsonText> json = connector::bitbucket::read_json(*answer.body);
  if (!json) return failed("cli.unreachable", "The answer is no JSON: check --url.");
  answer.json = std::move(*json);
  return answer;
}

Outcome<Answer> ApiClient::get(std::string_view path, const Query& query) const {
  ClientRequest request;
  request.target = target_of(path, query);
  request.bearer = key_.clone();
  return ask(request);
}

Outcome<Answer> ApiClient::wait(std::string_view path, std::string_view etag, int seconds) const {
  ClientRequest request;
  request.target = target_of(path, {{"wait", std::to_string(seconds)}});
  request.bearer = key_.clone();
  request.timeout += std::chrono::seconds(seconds);
  if (!etag.empty()) request.headers.emplace_back("If-None-Match", etag);
  return ask(request);
}

Outcome<Answer> ApiClient::send(std::string_view method, std::string_view path, const Query& query,
                                std::string body) const {
  ClientRequest request;
  request.method = method;
  request.target = target_of(path, query);
  request.bearer = key_.clone();
  request.body = Secret(std::move(body));
  request.timeout = std::chrono::seconds(90);  // a validation asks Bitbucket up to five times
  if (method == "POST") request.headers.emplace_back("Idempotency-Key", random_key());
  return ask(request);
}

Outcome<ClientResponse> ApiClient::stream(std::string_view path, const Query& query,
                                          std::string accept, const BodySink& sink) const {
  ClientRequest request;
  request.target = target_of(path, query);
  request.bearer = key_.clone();
  request.headers.emplace_back("Accept", std::move(accept));
  request.headers.emplace_back("TE", "trailers");
  request.timeout = step_timeout;
  Outcome<ClientResponse> response = exchange(endpoint_, request, sink);
  if (response && response->status / 100 != 2) {
    return std::unexpected(failure_of_answer(response->status, response->body));
  }
  return response;
}

}  // namespace evidenced::cli
