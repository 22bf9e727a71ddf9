#include "server/cli/commands.hpp"
#include "server/cli/export_command.hpp"
#include "server/cli/output.hpp"
#include "server/cli/text_table.hpp"

#include <fmt/format.h>

#include <ostream>

namespace evidenced::cli {
namespace {

Query filters(const Context& context) {
  return query_of(context, {{"--kind", "kind"},
                            {"--source", "source"},
                            {"--workspace", "workspace"},
                            {"--project", "project"},
                            {"--repository", "repository"},
                            {"--state", "state"},
                            {"--search", "q"},
                            {"--sort", "sort"},
                            {"--changed-since", "changed_since"},
                            {"--removed", "removed"}});
}

}  // namespace

Outcome<int> artifact_list(Context& context) {
  return show_list(context, {.path = "/v1/artifacts",
                             .query = filters(context),
                             .columns = {{"ID", "id"},
                                         {"KIND", "kind"},
                                         {"REPOSITORY", "repository"},
                                         {"TITLE", "title"},
                                         {"STATE", "state"},
                                         {"REV", "revision"},
                                         {"OBSERVED", "observed_at"},
                                         {"REMOVED", "removed_at"}},
                             .nothing = "no artifacts"});
}

Outcome<int> artifact_get(Context& context) {
  const std::string id = context.given.text("ARTIFACT");
  if (context.given.has("--revisions")) {
    const std::string path = path_of("artifacts", id, "revisions");
    return show_list(context, {.path = path,
                               .query = {},
                               .columns = {{"REV", "revision"},
                                           {"CHANGE", "change"},
                                           {"OBSERVED", "observed_at"},
                                           {"SYNC", "sync_id"},
                                           {"SHA-256", "content_sha256"}},
                               .nothing = "no revisions"});
  }
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  if (context.given.has("--raw")) {
    std::ostream& out = context.terminal.out;
    const auto sink = [&out](std::string_view bytes) {
      return static_cast<bool>(out.write(bytes.data(), static_cast<std::streamsize>(bytes.size())));
    };
    const Outcome<ClientResponse> raw =
        api->stream(path_of("artifacts", id, "raw"), {}, "*/*", sink);
    if (!raw) return failed(raw);
    if (context.terminal.out_is_terminal) out << '\n';
    return 0;
  }
  std::string path = path_of("artifacts", id);
  const std::string revision = context.given.text("--revision");
  if (!revision.empty()) path += path_of("revisions", revision).substr(3);  // without "/v1"
  const Outcome<Answer> answer = api->get(path);
  if (!answer) return failed(answer);
  return show_object(context, *answer);
}

Outcome<int> artifact_export(Context& context) {
  Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  if (!context.given.has("--output")) format = OutputFormat::jsonl;
  if (!is_export(*format)) return failed("cli.usage", "an export is jsonl or csv");
  return write_export(context, {.path = "/v1/artifacts",
                                .query = filters(context),
                                .format = *format,
                                .what = "artifacts",
                                .list = "evidenced artifact list"});
}

Outcome<int> artifact_kinds(Context& context) {
  return show_list(context, {.path = "/v1/kinds",
                             .query = {},
                             .columns = {{"KIND", "kind"},
                                         {"COUNT", "count"},
                                         {"PROFILE", "profile"},
                                         {"SCOPES", "scopes"},
                                         {"DESCRIPTION", "description"}},
                             .nothing = "no kinds",
                             .paged = false});
}

}  // namespace evidenced::cli
