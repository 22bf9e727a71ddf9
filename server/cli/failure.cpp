#include "server/cli/failure.hpp"

#include "api/message.hpp"
#include "config/problem.hpp"
#include "config/redact.hpp"
#include "server/cli/json_view.hpp"
#include "server/cli/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace evidenced::cli {

using api::lines_of;

namespace {

int exit_code_of_status(int status) {
  if (status == 401 || status == 403) return 4;
  if (status == 404 || status == 410) return 5;
  if (status == 429 || status == 502 || status == 504) return 6;
  return 1;
}

std::string text_of(const JsonText& object, std::string_view name) {
  return shown(at_path(object, name));
}

void read_lists(const JsonText& problem, Failure& failure) {
  for (const JsonText& item : items_of(at_path(problem, "errors"))) {
    failure.fields.push_back(
        {text_of(item, "pointer"), text_of(item, "code"), text_of(item, "detail")});
  }
  for (const JsonText& item : items_of(at_path(problem, "causes"))) {
    failure.causes.push_back({text_of(item, "text"), text_of(item, "likelihood")});
  }
  for (const JsonText& item : items_of(at_path(problem, "remedy"))) {
    failure.remedy.push_back(item.text());
  }
}

class Printer {
 public:
  explicit Printer(std::ostream& out) : out_(out) {}

  /// One line; the label is shown only when it differs from the line before.
  void line(std::string_view label, std::string_view text) {
    constexpr int label_width = 11;
    const bool again = label == last_;
    last_ = label;
    out_ << fmt::format("  {:<{}} {}\n", again ? "" : safe(label), label_width, safe(text));
  }

  static std::string safe(std::string_view text) { return printable(redact(text)); }

 private:
  std::ostream& out_;
  std::string last_;
};

}  // namespace

std::unexpected<Failure> failed(Code code, std::string detail) {
  Error error;
  error.code = code;
  error.detail = std::move(detail);
  return failed(error);
}

std::unexpected<Failure> failed(const Error& error) {
  const Problem& problem = error.code.problem();
  Failure failure;
  failure.code = problem.code;
  failure.title = problem.title;
  failure.detail = error.detail;
  failure.fields = error.fields;
  failure.causes = error.causes;
  failure.remedy = lines_of(problem.remedy);
  failure.exit_code = problem.exit_code;
  return std::unexpected(std::move(failure));
}

Failure failure_of_answer(int status, std::string_view body) {
  Failure failure;
  failure.code = "cli.unreachable";
  failure.title = fmt::format("The server answered with status {}", status);
  failure.detail = "The answer is none of evidenced: check --url.";
  failure.exit_code = exit_code_of_status(status);
  const Result<JsonText> problem = connector::bitbucket::read_json(body);
  if (!problem || !problem->is_object() || text_of(*problem, "code").empty()) return failure;
  failure.code = text_of(*problem, "code");
  failure.title = text_of(*problem, "title");
  failure.detail = text_of(*problem, "detail");
  failure.request_id = text_of(*problem, "request_id");
  const Problem* known = find_problem(failure.code);
  if (known != nullptr) failure.exit_code = known->exit_code;
  read_lists(*problem, failure);
  return failure;
}

void print_failure(std::ostream& out, const Failure& failure) {
  Printer printer(out);
  out << fmt::format("evidenced: {} ({})\n", Printer::safe(failure.title),
                     Printer::safe(failure.code));
  if (!failure.detail.empty() && failure.detail != failure.title) {
    printer.line("cause:", failure.detail);
  }
  for (const FieldError& field : failure.fields) {
    printer.line("at:", fmt::format("{}: {}", field.pointer, field.detail));
  }
  for (const Cause& cause : failure.causes) printer.line(cause.likelihood + ":", cause.text);
  for (const std::string& step : failure.remedy) printer.line("remedy:", step);
  if (!failure.request_id.empty()) printer.line("request id:", failure.request_id);
}

void print_failure_lines(std::ostream& out, const Failure& failure) {
  for (const FieldError& field : failure.fields) {
    out << Printer::safe(
               fmt::format("evidenced: {}: {} ({})", field.pointer, field.detail, failure.code))
        << '\n';
  }
  if (!failure.fields.empty()) return;
  std::string line = fmt::format("evidenced: {}", failure.title);
  if (!failure.detail.empty()) line += ": " + failure.detail;
  line += fmt::format(" ({})", failure.code);
  for (const std::string& step : failure.remedy) line += " " + step;
  out << Printer::safe(line) << '\n';
}

}  // namespace evidenced::cli
