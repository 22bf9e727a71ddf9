#include "api/json_out.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"
#include "server/cli/text_table.hpp"

#include <fmt/format.h>

#include <ostream>

namespace evidenced::cli {
namespace {

constexpr std::int64_t worrying_days = 7;

bool expires_soon(const JsonText& item) {
  const JsonText* days = at_path(item, "days_left");
  return days != nullptr && days->integer().value_or(0) < worrying_days;
}

}  // namespace

Outcome<int> expirations(Context& context) {
  return show_list(
      context,
      {.path = "/v1/expirations",
       .query = query_of(context, {{"--state", "state"}, {"--expires-before", "expires_before"}}),
       .columns = {{"SOURCE", "source_id"},
                   {"NAME", "source_name"},
                   {"STATE", "state"},
                   {"DAYS LEFT", "days_left"},
                   {"EXPIRES", "expires_at"},
                   {"DATE IS", "expiry_source"},
                   {"NEXT NOTICE", "next_notice.at"}},
       .nothing = "no credentials",
       .attention = expires_soon});
}

Outcome<int> calendar_create(Context& context) {
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  if (!context.given.has("--name")) return failed("cli.usage", "--name is needed");
  std::string body;
  api::JsonOut json(body);
  json.begin_object();
  json.member("name", context.given.text("--name"));
  if (context.given.has("--without-names")) json.member("names", false);
  json.end_object();
  const Outcome<Answer> answer = api->send("POST", "/v1/calendar-feeds", {}, std::move(body));
  if (!answer) return failed(answer);
  if (*format != OutputFormat::table) return show_object(context, *answer);
  context.terminal.err << fmt::format(
      "calendar {} is created; who has its URL reads it, and it is shown this once:\n",
      printable(shown(at_path(answer->json, "id"))));
  context.terminal.out << printable(shown(at_path(answer->json, "url"))) << '\n';
  return 0;
}

Outcome<int> calendar_list(Context& context) {
  return show_list(context, {.path = "/v1/calendar-feeds",
                             .query = {},
                             .columns = {{"ID", "id"},
                                         {"NAME", "name"},
                                         {"NAMES", "names"},
                                         {"CREATED", "created_at"},
                                         {"REVOKED", "revoked_at"},
                                         {"LAST USED", "last_used_at"}},
                             .nothing = "no calendars"});
}

Outcome<int> calendar_revoke(Context& context) {
  return revoke(context, "calendar-feeds", context.given.text("CALENDAR"));
}

}  // namespace evidenced::cli
