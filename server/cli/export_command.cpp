#include "server/cli/export_command.hpp"

#include "server/cli/export_check.hpp"
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
void warn_of_gaps(std::ostream& err, const ClientResponse& response,
                  std::string_view list_command) {
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
  err << fmt::format("evidenced: note: {}, with the same filters, tells the reasons\n",
                     list_command);
}

std::unique_ptr<ExportCheck> check_of(OutputFormat format) {
  if (format == OutputFormat::csv) return std::make_unique<CsvCheck>();
  return std::make_unique<NdjsonCheck>();
}

}  // namespace

bool is_export(OutputFormat format) {
  return format == OutputFormat::jsonl || format == OutputFormat::csv;
}

Outcome<int> write_export(const Context& context, const ExportView& view) {
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const std::string path = context.given.text("--file");
  Target target(context, path);
  if (!target.ok()) {
    return failed("cli.output", fmt::format("{}: {}", target.part(), std::strerror(errno)));
  }
  const std::unique_ptr<ExportCheck> check = check_of(view.format);
  const auto sink = [&](std::string_view bytes) {
    check->feed(bytes);
    return target.write(bytes);
  };
  const bool csv = view.format == OutputFormat::csv;
  const Outcome<ClientResponse> response =
      api->stream(view.path, view.query, csv ? "text/csv" : "application/x-ndjson", sink);
  if (!response) return failed(response);
  const std::string wrong =
      check->verdict(response->header("evidenced-count"), response->header("content-digest"));
  if (!wrong.empty()) return failed("export.unverified", wrong);
  if (!target.finish())
    return failed("cli.output", fmt::format("{}: {}", path, std::strerror(errno)));
  context.terminal.err << fmt::format("evidenced: {} {}, count and SHA-256 verified\n",
                                      check->items(), view.what);
  warn_of_gaps(context.terminal.err, *response, view.list);
  return 0;
}

}  // namespace evidenced::cli
