#include "api/json_out.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"
#include "server/cli/text_table.hpp"

#include <fmt/format.h>

#include <ostream>

namespace evidenced::cli {
namespace {

constexpr std::string_view collection = "inbound-hooks";

/// The answer that has a secret: that is the last line, for whoever pipes it on.
Outcome<int> show_secret(const Context& context, const Answer& answer, std::string_view what) {
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  if (*format != OutputFormat::table) return show_object(context, answer);
  context.terminal.err << fmt::format(
      "hook {} {}; paste URL and secret into the webhook in Bitbucket, the secret is shown this "
      "once:\n",
      printable(shown(at_path(answer.json, "id"))), what);
  context.terminal.out << printable(shown(at_path(answer.json, "url"))) << '\n'
                       << printable(shown(at_path(answer.json, "secret"))) << '\n';
  return 0;
}

}  // namespace

Outcome<int> hook_create(Context& context) {
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  if (!context.given.has("--name") || !context.given.has("--source")) {
    return failed("cli.usage", "--name and --source are needed");
  }
  std::string body;
  api::JsonOut json(body);
  json.begin_object();
  json.member("name", context.given.text("--name"));
  json.member("source_id", context.given.text("--source"));
  json.end_object();
  const Outcome<Answer> answer = api->send("POST", "/v1/inbound-hooks", {}, std::move(body));
  if (!answer) return failed(answer);
  return show_secret(context, *answer, "is created");
}

Outcome<int> hook_list(Context& context) {
  return show_list(context, {.path = "/v1/inbound-hooks",
                             .query = {},
                             .columns = {{"ID", "id"},
                                         {"NAME", "name"},
                                         {"SOURCE", "source_id"},
                                         {"ACCEPTED", "deliveries.accepted"},
                                         {"IGNORED", "deliveries.ignored"},
                                         {"REFUSED", "deliveries.refused"},
                                         {"LAST DELIVERY", "last_delivery_at"},
                                         {"LAST EVENT", "last_event"}},
                             .nothing = "no hooks"});
}

Outcome<int> hook_show(Context& context) {
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const Outcome<Answer> answer = api->get(path_of(collection, context.given.text("HOOK")));
  if (!answer) return failed(answer);
  return show_object(context, *answer);
}

Outcome<int> hook_rotate(Context& context) {
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const Outcome<Answer> answer =
      api->send("POST", path_of(collection, context.given.text("HOOK"), "secret"));
  if (!answer) return failed(answer);
  return show_secret(context, *answer, "has a new secret; the old one is good for 24 hours");
}

Outcome<int> hook_rm(Context& context) {
  return revoke(context, collection, context.given.text("HOOK"));
}

}  // namespace evidenced::cli
