#pragma once

#include "config/error.hpp"

#include <expected>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::cli {

/// Why a command did not do what it was asked: of this process or of the daemon, whose catalogue
/// may be newer than ours.
struct Failure {
  std::string code;
  std::string title;
  std::string detail;
  std::vector<FieldError> fields;
  std::vector<Cause> causes;
  std::vector<std::string> remedy;
  std::string request_id;
  int exit_code = 1;
};

/// The result of a step of a command.
template <class T>
using Outcome = std::expected<T, Failure>;

/// `return failed("cli.usage", "…");`
std::unexpected<Failure> failed(Code code, std::string detail = {});
std::unexpected<Failure> failed(const Error& error);

/// Hands a failure on.
template <class T>
std::unexpected<Failure> failed(const Outcome<T>& outcome) {
  return std::unexpected(outcome.error());
}

/// The failure behind an answer of the daemon: problem+json where it is, the status else.
Failure failure_of_answer(int status, std::string_view body);

/// Writes code, cause and remedy for a person; without anything that could move a terminal's
/// cursor.
void print_failure(std::ostream& out, const Failure& failure);

/// The same as one line, or one line for each mistake: what a daemon that cannot start leaves in
/// the journal.
void print_failure_lines(std::ostream& out, const Failure& failure);

}  // namespace evidenced::cli
