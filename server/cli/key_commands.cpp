#include "api/json_out.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"
#include "server/cli/text_table.hpp"

#include <fmt/format.h>

#include <ostream>

namespace evidenced::cli {
namespace {

/// The window that was asked for, as it was typed: what is no time is the server's to refuse.
void write_window(api::JsonOut& json, const Invocation& given) {
  const bool from = given.has("--window-from"), to = given.has("--window-to");
  if (!from && !to) return;
  json.key("window").begin_object();
  if (from) json.member("from", given.text("--window-from"));
  if (to) json.member("to", given.text("--window-to"));
  json.end_object();
}

}  // namespace

Outcome<int> key_create(Context& context) {
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  if (!context.given.has("--name") || !context.given.has("--role")) {
    return failed("cli.usage", "--name and --role are needed");
  }
  std::string body;
  api::JsonOut json(body);
  json.begin_object();
  json.member("name", context.given.text("--name"));
  json.member("roles", context.given.all("--role"));
  const std::optional<std::string> expires_at = time_given(context, "--expires-at");
  if (expires_at) json.member("expires_at", *expires_at);
  const std::vector<std::string> sources = context.given.all("--source");
  if (!sources.empty()) json.member("source_ids", sources);
  write_window(json, context.given);
  json.end_object();
  const Outcome<Answer> answer = api->send("POST", "/v1/api-keys", {}, std::move(body));
  if (!answer) return failed(answer);
  if (*format != OutputFormat::table) return show_object(context, *answer);
  context.terminal.err << fmt::format("key {} ({}) is created; it is shown this once:\n",
                                      printable(shown(at_path(answer->json, "id"))),
                                      printable(shown(at_path(answer->json, "roles"))));
  context.terminal.out << printable(shown(at_path(answer->json, "key"))) << '\n';
  return 0;
}

Outcome<int> key_list(Context& context) {
  return show_list(context, {.path = "/v1/api-keys",
                             .query = {},
                             .columns = {{"ID", "id"},
                                         {"NAME", "name"},
                                         {"ROLES", "roles"},
                                         {"SOURCES", "source_ids"},
                                         {"FROM", "window.from"},
                                         {"TO", "window.to"},
                                         {"CREATED", "created_at"},
                                         {"EXPIRES", "expires_at"},
                                         {"REVOKED", "revoked_at"},
                                         {"LAST USED", "last_used_at"}},
                             .nothing = "no keys"});
}

Outcome<int> key_revoke(Context& context) {
  return revoke(context, "api-keys", context.given.text("KEY"));
}

Outcome<int> key_link(Context& context) {
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const Outcome<Answer> answer = api->send("POST", "/v1/sign-in-links");
  if (!answer) return failed(answer);
  if (*format != OutputFormat::table) return show_object(context, *answer);
  context.terminal.err << fmt::format("this link signs in once, until {}:\n",
                                      printable(shown(at_path(answer->json, "expires_at"))));
  context.terminal.out << printable(shown(at_path(answer->json, "url"))) << '\n';
  return 0;
}

}  // namespace evidenced::cli
