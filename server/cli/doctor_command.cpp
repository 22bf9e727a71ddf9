#include "server/cli/commands.hpp"
#include "server/cli/doctor_checks.hpp"
#include "server/cli/local_settings.hpp"
#include "server/cli/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ostream>

namespace evidenced::cli {
namespace {

constexpr std::array<std::string_view, 4> words = {"ok", "note", "warning", "FAILED"};

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

/// One line for each mistake in the configuration.
void print_mistakes(std::ostream& out, const Failure& failure) {
  if (failure.fields.empty()) {
    print(out, {Verdict::failed, "configuration", failure.detail, failure.remedy});
  }
  for (const FieldError& field : failure.fields) {
    print(out, {Verdict::failed, "configuration", field.pointer + ": " + field.detail, {}});
  }
}

}  // namespace

Outcome<int> doctor(Context& context) {
  std::ostream& out = context.terminal.out;
  const Outcome<LoadedSettings> loaded = load_local_settings(context);
  if (!loaded) {
    print_mistakes(out, loaded.error());
    return exit_code(Verdict::failed);
  }
  Verdict worst = Verdict::passed;
  const auto report = [&](const Finding& finding) {
    print(out, finding);
    worst = std::max(worst, finding.verdict);
  };
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
  return exit_code(worst);
}

}  // namespace evidenced::cli
