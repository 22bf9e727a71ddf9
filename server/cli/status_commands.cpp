#include "config/listen_address.hpp"
#include "config/version.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/local_settings.hpp"
#include "server/cli/output.hpp"
#include "server/cli/text_table.hpp"

#include <fmt/format.h>

#include <ostream>

namespace evidenced::cli {
namespace {

/// Sources that a person should look at, from `sources.by_health` of the status.
std::int64_t in_need(const JsonText& status) {
  std::int64_t count = 0;
  for (const std::string_view health : {"late", "failing", "action_required"}) {
    const JsonText* number = at_path(status, fmt::format("sources.by_health.{}", health));
    if (number != nullptr) count += number->integer().value_or(0);
  }
  return count;
}

/// Sources whose credential ends within 30 days.
Outcome<std::int64_t> expiring(const ApiClient& api) {
  const ListView all = {.path = "/v1/sources", .query = {}, .columns = {}, .nothing = ""};
  const Outcome<Pages> sources = fetch(api, all, std::string::npos);
  if (!sources) return failed(sources);
  std::int64_t count = 0;
  for (const JsonText* source : sources->items) {
    const JsonText* days = at_path(*source, "credential.days_left");
    if (days != nullptr && days->integer().value_or(31) <= 30) ++count;
  }
  return count;
}

/// Why the daemon does not serve well; "" when it does.
std::string why_not_ready(const ApiClient& api) {
  const Outcome<Answer> ready = api.get("/readyz");
  if (ready) return "";
  return fmt::format("{} ({})", printable(ready.error().title), printable(ready.error().code));
}

}  // namespace

Outcome<int> status(Context& context) {
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const Outcome<Answer> answer = api->get("/v1/status");
  if (!answer) return failed(answer);
  const Outcome<int> shown_status = show_object(context, *answer);
  if (!shown_status) return shown_status;
  const Outcome<std::int64_t> ending = expiring(*api);
  if (!ending) return failed(ending);
  const std::string unready = why_not_ready(*api);
  const std::int64_t need = in_need(answer->json);
  std::ostream& err = context.terminal.err;
  context.terminal.out << std::flush;
  if (!unready.empty()) err << fmt::format("attention: the daemon is not ready: {}\n", unready);
  if (need > 0)
    err << fmt::format("attention: {} of the sources late or failing: evidenced source list\n",
                       need);
  if (*ending > 0) {
    err << fmt::format(
        "attention: {} of the credentials end within 30 days: evidenced expirations\n", *ending);
  }
  return need + *ending > 0 || !unready.empty() ? attention_exit : 0;
}

Outcome<int> healthcheck(Context& context) {
  const Outcome<LoadedSettings> loaded = load_local_settings(context);
  if (!loaded) {
    Failure failure = loaded.error();
    failure.exit_code = 1;
    return std::unexpected(std::move(failure));
  }
  const Settings::Server& server = loaded->settings.server;
  const auto listen = parse_listen_address(server.listen);
  if (!listen || listen->port == 0) {
    return failed("cli.unreachable", "server.listen has no fixed port");
  }
  Endpoint endpoint;
  endpoint.host = listen->address;
  if (endpoint.host == "0.0.0.0") endpoint.host = "127.0.0.1";
  if (endpoint.host == "::") endpoint.host = "::1";
  endpoint.port = std::to_string(listen->port);
  endpoint.tls = !server.tls_certificate.empty();
  endpoint.verify = false;  // this machine asks itself, by address, and sends no key
  ClientRequest request;
  request.target = "/livez";
  request.timeout = std::chrono::seconds(4);
  const Outcome<ClientResponse> response = exchange(endpoint, request);
  if (!response) return failed(response);
  if (response->status == 200) return 0;
  Failure failure = failure_of_answer(response->status, response->body);
  failure.exit_code = 1;
  return std::unexpected(std::move(failure));
}

Outcome<int> show_version(Context& context) {
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  if (*format != OutputFormat::table) {
    // One object, not a list of one.
    const bool is_json = *format == OutputFormat::json;
    return show_local(context, is_json ? OutputFormat::jsonl : *format, {{"VERSION", "version"}},
                      fmt::format(R"([{{"version":"{}"}}])", version));
  }
  context.terminal.out << "evidenced " << version << '\n';
  return 0;
}

}  // namespace evidenced::cli
