#include "server/cli/commands.hpp"
#include "server/cli/export_check.hpp"
#include "server/cli/output.hpp"
#include "server/cli/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
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

/// Where an export goes: standard output, or a file that gets its name only when it is whole.
class Target {
 public:
  Target(const Context& context, std::string path)
      : path_(std::move(path)), out_(context.terminal.out) {
    if (!path_.empty()) file_.open(part(), std::ios::binary | std::ios::trunc);
  }

  bool ok() const { return path_.empty() ? static_cast<bool>(out_) : static_cast<bool>(file_); }
  std::string part() const { return path_ + ".part"; }

  bool write(std::string_view bytes) {
    std::ostream& out = path_.empty() ? out_ : file_;
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return static_cast<bool>(out);
  }

  bool finish() {
    if (path_.empty()) return static_cast<bool>(out_.flush());
    file_.close();
    return file_ && std::rename(part().c_str(), path_.c_str()) == 0;
  }

 private:
  std::string path_;
  std::ostream& out_;
  std::ofstream file_;
};

/// "src_1;kind=project;status=failed" as words (RFC 9651, as the server writes it).
std::string gap_words(std::string_view gap) {
  const std::string_view source = gap.substr(0, gap.find(';'));
  const auto parameter = [gap](std::string_view name) {
    const std::size_t at = gap.find(name);
    if (at == std::string_view::npos) return std::string_view("?");
    const std::string_view rest = gap.substr(at + name.size());
    return rest.substr(0, rest.find(';'));
  };
  return printable(fmt::format("{} of {}: {}", parameter(";kind="), source, parameter(";status=")));
}

/// An export is silent about what is missing; its header fields are not.
void warn_of_gaps(std::ostream& err, const ClientResponse& response) {
  const std::string count(response.header("evidenced-gap-count"));
  if (count.empty() || count == "0") return;
  err << fmt::format(
      "evidenced: warning: the export has gaps ({}): kinds that are missing or not "
      "whole\n",
      printable(count));
  std::string_view list = response.header("evidenced-gaps");
  std::size_t named = 0;
  for (; !list.empty(); ++named) {
    const std::string_view gap = list.substr(0, list.find(", "));
    list.remove_prefix(std::min(gap.size() + 2, list.size()));
    err << fmt::format("evidenced: gap: {}\n", gap_words(gap));
  }
  if (count != std::to_string(named)) err << "evidenced: gap: and more\n";
  err << "evidenced: note: evidenced artifact list, with the same filters, tells the reasons\n";
}

std::unique_ptr<ExportCheck> check_of(OutputFormat format) {
  if (format == OutputFormat::csv) return std::make_unique<CsvCheck>();
  return std::make_unique<NdjsonCheck>();
}

}  // namespace

Outcome<int> artifact_list(Context& context) {
  return show_list(context, {.path = "/v1/artifacts",
                             .query = filters(context),
                             .columns = {{"ID", "id"},
                                         {"KIND", "kind"},
                                         {"WORKSPACE", "workspace"},
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
  if (*format != OutputFormat::jsonl && *format != OutputFormat::csv) {
    return failed("cli.usage", "an export is jsonl or csv");
  }
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const std::string path = context.given.text("--file");
  Target target(context, path);
  if (!target.ok()) {
    return failed("cli.output", fmt::format("{}: {}", target.part(), std::strerror(errno)));
  }
  const std::unique_ptr<ExportCheck> check = check_of(*format);
  const auto sink = [&](std::string_view bytes) {
    check->feed(bytes);
    return target.write(bytes);
  };
  const bool csv = *format == OutputFormat::csv;
  const Outcome<ClientResponse> response = api->stream(
      "/v1/artifacts", filters(context), csv ? "text/csv" : "application/x-ndjson", sink);
  if (!response) return failed(response);
  const std::string wrong =
      check->verdict(response->header("evidenced-count"), response->header("content-digest"));
  if (!wrong.empty()) return failed("export.unverified", wrong);
  if (!target.finish())
    return failed("cli.output", fmt::format("{}: {}", path, std::strerror(errno)));
  context.terminal.err << fmt::format("evidenced: {} artifacts, count and SHA-256 verified\n",
                                      check->items());
  warn_of_gaps(context.terminal.err, *response);
  return 0;
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
