#include "api/json_out.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/doctor_checks.hpp"
#include "server/cli/local_settings.hpp"
#include "server/cli/output.hpp"
#include "server/cli/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ostream>

namespace evidenced::cli {
namespace {

constexpr std::array<std::string_view, 4> words = {"ok", "note", "warning", "FAILED"};

/// For who reads with a program.
std::string json_of(const std::vector<Finding>& findings) {
  std::string text;
  api::JsonOut json(text);
  json.begin_array();
  for (const Finding& finding : findings) {
    json.begin_object();
    json.member("check", finding.subject);
    json.member("status", words.at(static_cast<std::size_t>(finding.verdict)));
    json.member("detail", finding.detail);
    json.member("remedy", finding.remedy);
    json.end_object();
  }
  json.end_array();
  return text;
}

void print(std::ostream& out, const Finding& finding) {
  out << fmt::format("{:<8} {:<16} {}\n", words.at(static_cast<std::size_t>(finding.verdict)),
                     finding.subject, printable(finding.detail));
  for (const std::string& step : finding.remedy) {
    out << fmt::format("{:<25} remedy: {}\n", "", printable(step));
  }
  out << std::flush;
}

int exit_code(Verdict worst) {
  constexpr std::array<int, 4> codes = {0, 0, 3, 1};
  return codes.at(static_cast<std::size_t>(worst));
}

/// One for each mistake in the configuration.
std::vector<Finding> mistakes(const Failure& failure) {
  std::vector<Finding> found;
  if (failure.fields.empty()) {
    found.push_back({Verdict::failed, "configuration", failure.detail, failure.remedy});
  }
  for (const FieldError& field : failure.fields) {
    found.push_back({Verdict::failed, "configuration", field.pointer + ": " + field.detail, {}});
  }
  return found;
}

/// What is found, one after the other: some checks take a while.
template <class F>
void examine(const Context& context, F report) {
  const Outcome<LoadedSettings> loaded = load_local_settings(context);
  if (!loaded) {
    for (const Finding& mistake : mistakes(loaded.error())) report(mistake);
    return;
  }
  report({Verdict::passed,
          "configuration",
          loaded->file.empty() ? "no file: the defaults" : loaded->file,
          {}});
  for (const std::string& warning : loaded->warnings) {
    report({Verdict::warned, "configuration", warning, {}});
  }
  for (const auto check : {check_key, check_files, check_database, check_upstream}) {
    for (const Finding& finding : check(loaded->settings)) report(finding);
  }
}

}  // namespace

Outcome<int> doctor(Context& context) {
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  Verdict worst = Verdict::passed;
  std::vector<Finding> findings;
  examine(context, [&](const Finding& finding) {
    worst = std::max(worst, finding.verdict);
    findings.push_back(finding);
    if (*format == OutputFormat::table) print(context.terminal.out, finding);
  });
  if (*format != OutputFormat::table) {
    const Outcome<int> shown = show_local(
        context, *format,
        {{"CHECK", "check"}, {"STATUS", "status"}, {"DETAIL", "detail"}, {"REMEDY", "remedy"}},
        json_of(findings));
    if (!shown) return shown;
  }
  return exit_code(worst);
}

}  // namespace evidenced::cli
