#include "api/json_out.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"
#include "server/cli/sync_watch.hpp"
#include "server/cli/text_table.hpp"

#include <fmt/format.h>

#include <ostream>

namespace evidenced::cli {
namespace {

/// An e-mail and a token as the API takes them.
struct CredentialText {
  std::string email;
  Secret token;
  std::optional<std::string> expires_at;
};

Outcome<Secret> read_token(Context& context) {
  const std::string file = context.given.text("--token-file");
  if (!file.empty()) return read_secret_file(context, file);
  if (!context.terminal.in_is_terminal) return read_secret_file(context, "-");
  std::optional<Secret> typed = context.terminal.ask_secret("API token (not shown): ");
  if (typed && !typed->empty()) return std::move(*typed);
  return failed("cli.cancelled", "no token was given");
}

/// The option, or what a person answers.
Outcome<std::string> text_or_ask(Context& context, const std::string& option,
                                 std::string_view question) {
  std::string text = context.given.text(option);
  if (!text.empty()) return text;
  const std::optional<std::string> answer = context.terminal.ask(question);
  if (answer && !answer->empty()) return *answer;
  return failed("cli.usage", option + " is missing");
}

void write_credential(api::JsonOut& json, const CredentialText& credential) {
  json.begin_object();
  json.member("type", "atlassian_api_token");
  json.member("email", credential.email);
  json.member("token", credential.token.reveal());
  if (credential.expires_at) json.member("expires_at", *credential.expires_at);
  json.end_object();
}

/// A body that will hold a token: large enough from the start, so that no outgrown copy is left.
std::string body_for_secret() {
  std::string body;
  body.reserve(std::size_t{128} * 1024);
  return body;
}

std::string source_body(const Context& context, const std::string& name,
                        const CredentialText& credential) {
  std::string body = body_for_secret();
  api::JsonOut json(body);
  json.begin_object();
  json.member("kind", "bitbucket_cloud");
  json.member("name", name);
  json.key("credential");
  write_credential(json, credential);
  const std::vector<std::string> workspaces = context.given.all("--workspace");
  if (workspaces.empty()) {
    json.member("workspaces", "all");
  } else {
    json.member("workspaces", workspaces);
  }
  const std::string interval = context.given.text("--interval");
  if (!interval.empty()) {
    json.key("schedule").begin_object();
    json.member("interval", interval);
    json.end_object();
  }
  const std::vector<std::string> tags = context.given.all("--tag");
  if (!tags.empty()) json.member("tags", tags);
  json.member("start_sync", !context.given.has("--no-sync"));
  json.end_object();
  return body;
}

/// The id in `</v1/syncs/syn_…>; rel="latest-sync"`; "" when there is none.
std::string latest_sync(std::string_view link) {
  constexpr std::string_view start = "/v1/syncs/";
  const std::size_t at = link.find(start);
  const std::size_t end = link.find('>', at);
  if (at == std::string_view::npos || end == std::string_view::npos) return "";
  if (!link.substr(end).contains("latest-sync")) return "";
  return std::string(link.substr(at + start.size(), end - at - start.size()));
}

void print_warnings(const Context& context, const JsonText& source) {
  for (const JsonText& warning : items_of(at_path(source, "warnings"))) {
    context.terminal.err << printable(fmt::format("evidenced: warning: {} ({})",
                                                  shown(warning.find("detail")),
                                                  shown(warning.find("code"))))
                         << '\n';
  }
}

/// The kinds that would be missing, or not whole.
void write_foreseen_gaps(const Context& context, const Answer& answer) {
  std::vector<const JsonText*> gaps;
  for (const JsonText& kind : items_of(at_path(answer.json, "coverage"))) {
    if (shown(kind.find("status")) != "available") gaps.push_back(&kind);
  }
  if (gaps.empty()) return;
  context.terminal.out << '\n';
  write_items(context, OutputFormat::table,
              {{"GAP", "kind"}, {"STATUS", "status"}, {"REASON", "reason"}}, gaps);
}

/// Why the first check that failed may have failed.
void write_causes(const Context& context, const Answer& answer) {
  std::vector<const JsonText*> causes;
  for (const JsonText& cause : items_of(at_path(answer.json, "causes"))) causes.push_back(&cause);
  if (causes.empty()) return;
  context.terminal.out << '\n';
  write_items(context, OutputFormat::table, {{"CAUSE", "text"}, {"LIKELIHOOD", "likelihood"}},
              causes);
}

/// Shows what a probe found. The exit code is that of the first failed check.
Outcome<int> show_validation(const Context& context, const Answer& answer) {
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  if (*format == OutputFormat::table || *format == OutputFormat::csv) {
    std::vector<const JsonText*> checks;
    for (const JsonText& check : items_of(at_path(answer.json, "checks"))) checks.push_back(&check);
    write_items(context, *format,
                {{"CHECK", "id"},
                 {"STATUS", "status"},
                 {"CODE", "code"},
                 {"DETAIL", "detail"},
                 {"REMEDY", "remedy"}},
                checks);
    if (*format == OutputFormat::table) {
      write_causes(context, answer);
      write_foreseen_gaps(context, answer);
    }
  } else {
    const Outcome<int> shown_object = show_object(context, answer);
    if (!shown_object) return shown_object;
  }
  if (shown(at_path(answer.json, "valid")) == "true") return 0;
  for (const JsonText& check : items_of(at_path(answer.json, "checks"))) {
    if (shown(check.find("status")) != "failed") continue;
    const Problem* problem = find_problem(shown(check.find("code")));
    return problem == nullptr ? 1 : problem->exit_code;
  }
  return 1;
}

Outcome<int> act(const Context& context, std::string_view action) {
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const std::string path = path_of("sources", context.given.text("SOURCE"), action);
  const Outcome<Answer> answer = api->send("POST", path);
  if (!answer) return failed(answer);
  return show_object(context, *answer);
}

/// Whether the person at the terminal, or --yes, agrees.
Outcome<void> confirm(Context& context, const std::string& question) {
  if (context.given.has("--yes")) return {};
  const std::optional<std::string> answer = context.terminal.ask(question + " [y/N] ");
  if (!answer) return failed("cli.usage", "nobody can be asked here: add --yes");
  if (*answer == "y" || *answer == "Y" || *answer == "yes") return {};
  return failed("cli.cancelled");
}

}  // namespace

Outcome<int> source_add(Context& context) {
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const Outcome<std::string> name = text_or_ask(context, "--name", "Name of the source: ");
  if (!name) return failed(name);
  CredentialText credential;
  Outcome<std::string> email = text_or_ask(context, "--email", "E-mail of the Atlassian account: ");
  if (!email) return failed(email);
  credential.email = std::move(*email);
  Outcome<Secret> token = read_token(context);
  if (!token) return failed(token);
  credential.token = std::move(*token);
  credential.expires_at = time_given(context, "--expires-at");

  const bool validate_only = context.given.has("--validate-only");
  Query query;
  if (validate_only) query.emplace_back("validate_only", "true");
  const Outcome<Answer> answer =
      api->send("POST", "/v1/sources", query, source_body(context, *name, credential));
  if (!answer) return failed(answer);
  if (validate_only) return show_validation(context, *answer);
  print_warnings(context, answer->json);
  const std::string sync = latest_sync(answer->response.header("link"));
  if (!context.given.has("--wait") || sync.empty()) return show_object(context, *answer);
  context.terminal.err << fmt::format("source {} registered, sync {} started\n",
                                      printable(shown(at_path(answer->json, "id"))),
                                      printable(sync));
  return follow_sync(context, *api, sync);
}

Outcome<int> source_list(Context& context) {
  return show_list(context, {.path = "/v1/sources",
                             .query = query_of(context, {{"--state", "state"},
                                                         {"--tag", "tag"},
                                                         {"--workspace", "workspace"},
                                                         {"--expires-before", "expires_before"}}),
                             .columns = {{"ID", "id"},
                                         {"NAME", "name"},
                                         {"STATE", "state"},
                                         {"HEALTH", "health.status"},
                                         {"WORKSPACES", "workspaces"},
                                         {"LAST SYNC", "last_sync.result"},
                                         {"FINISHED", "last_sync.finished_at"},
                                         {"DAYS LEFT", "credential.days_left"}},
                             .nothing = "no sources"});
}

Outcome<int> source_show(Context& context) {
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const Outcome<Answer> answer = api->get(path_of("sources", context.given.text("SOURCE")));
  if (!answer) return failed(answer);
  return show_object(context, *answer);
}

Outcome<int> source_coverage(Context& context) {
  return show_list(context, {.path = path_of("sources", context.given.text("SOURCE"), "coverage"),
                             .query = {},
                             .columns = {{"KIND", "kind"},
                                         {"STATUS", "status"},
                                         {"COUNT", "count"},
                                         {"READ", "partitions.readable"},
                                         {"OF", "partitions.total"},
                                         {"COMPLETE AS OF", "complete_as_of"},
                                         {"REASONS", "reasons"}},
                             .nothing = "no kinds",
                             .paged = false,
                             .items = "kinds"});
}

Outcome<int> source_drift(Context& context) {
  return show_list(context, {.path = path_of("sources", context.given.text("SOURCE"), "drift"),
                             .query = {},
                             .columns = {{"WHAT", "what"},
                                         {"STREAM", "stream"},
                                         {"PATH", "path"},
                                         {"VALUE", "value"},
                                         {"BEFORE", "before"},
                                         {"AFTER", "after"},
                                         {"FOUND", "found_at"},
                                         {"ENDED", "ended_at"},
                                         {"ARTIFACT", "artifact_id"}},
                             .nothing = "no drift",
                             .paged = false});
}

Outcome<int> source_test(Context& context) {
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const std::string path = path_of("sources", context.given.text("SOURCE"), "validations");
  const Outcome<Answer> answer = api->send("POST", path);
  if (!answer) return failed(answer);
  return show_validation(context, *answer);
}

Outcome<int> source_pause(Context& context) {
  return act(context, "pause");
}

Outcome<int> source_resume(Context& context) {
  return act(context, "resume");
}

Outcome<int> source_rotate(Context& context) {
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const std::string path = path_of("sources", context.given.text("SOURCE"), "credential");
  CredentialText credential;
  credential.email = context.given.text("--email");
  if (credential.email.empty()) {
    const Outcome<Answer> current = api->get(path);
    if (!current) return failed(current);
    credential.email = shown(at_path(current->json, "email"));
  }
  Outcome<Secret> token = read_token(context);
  if (!token) return failed(token);
  credential.token = std::move(*token);
  credential.expires_at = time_given(context, "--expires-at");
  std::string body = body_for_secret();
  api::JsonOut json(body);
  write_credential(json, credential);
  const Outcome<Answer> answer = api->send("PUT", path, {}, std::move(body));
  if (!answer) return failed(answer);
  print_warnings(context, answer->json);
  return show_object(context, *answer);
}

Outcome<int> source_rm(Context& context) {
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const std::string id = context.given.text("SOURCE");
  const bool purge = context.given.has("--purge-evidence");
  const Outcome<void> agreed =
      confirm(context, fmt::format("Delete {}{}?", printable(id),
                                   purge ? " and everything that was collected from it" : ""));
  if (!agreed) return failed(agreed);
  Query query;
  if (purge) query.emplace_back("purge_evidence", "true");
  const Outcome<Answer> answer = api->send("DELETE", path_of("sources", id), query);
  if (!answer) return failed(answer);
  if (answer->body->empty()) {
    context.terminal.err << fmt::format("{} is deleted\n", printable(id));
    return 0;
  }
  return show_object(context, *answer);
}

}  // namespace evidenced::cli
