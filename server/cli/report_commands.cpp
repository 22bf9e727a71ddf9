#include "server/cli/commands.hpp"
#include "server/cli/export_command.hpp"
#include "server/cli/output.hpp"

#include <utility>
#include <vector>

namespace evidenced::cli {
namespace {

/// A report, and how it is shown: as a table for people, whole as JSON, row by row for programs.
struct Report {
  std::string_view path;
  Query query;
  std::vector<Column> columns;
  std::string_view what;  ///< its rows in an export
  std::string_view command;
};

Outcome<int> show_report(const Context& context, Report report) {
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  if (is_export(*format)) {
    return write_export(context, {.path = std::string(report.path),
                                  .query = std::move(report.query),
                                  .format = *format,
                                  .what = report.what,
                                  .list = report.command});
  }
  if (context.given.has("--file")) return failed("cli.usage", "--file goes with jsonl or csv");
  return show_list(context, {.path = report.path,
                             .query = std::move(report.query),
                             .columns = std::move(report.columns),
                             .nothing = "nothing to report"});
}

}  // namespace

Outcome<int> report_access(Context& context) {
  return show_report(context, {.path = "/v1/reports/access",
                               .query = query_of(context, {{"--source", "source"},
                                                           {"--workspace", "workspace"},
                                                           {"--project", "project"},
                                                           {"--repository", "repository"},
                                                           {"--permission", "permission"},
                                                           {"--search", "q"}}),
                               .columns = {{"NAME", "name"},
                                           {"MEMBER", "member"},
                                           {"WORKSPACE", "workspace_permission"},
                                           {"ADMIN", "admin"},
                                           {"WRITE", "write"},
                                           {"READ", "read"},
                                           {"ID", "id"}},
                               .what = "permissions",
                               .command = "evidenced report access"});
}

Outcome<int> report_changes(Context& context) {
  return show_report(context, {.path = "/v1/reports/changes",
                               .query = query_of(context, {{"--from", "from"},
                                                           {"--to", "to"},
                                                           {"--source", "source"},
                                                           {"--workspace", "workspace"},
                                                           {"--project", "project"},
                                                           {"--repository", "repository"},
                                                           {"--branch", "branch"},
                                                           {"--author", "author"},
                                                           {"--merged-by", "merged_by"},
                                                           {"--finding", "finding"},
                                                           {"--search", "q"}}),
                               .columns = {{"MERGED", "merged_at"},
                                           {"REPOSITORY", "repository"},
                                           {"PR", "number"},
                                           {"TITLE", "title"},
                                           {"AUTHOR", "author.name"},
                                           {"MERGED BY", "merged_by.name"},
                                           {"FINDINGS", "findings"}},
                               .what = "changes",
                               .command = "evidenced report changes"});
}

}  // namespace evidenced::cli
