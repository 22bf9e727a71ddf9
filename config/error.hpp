#pragma once

#include "config/problem_table.hpp"

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced {

/// A stable error code. Built from a literal it is checked against the catalogue at compile time: a
/// code without a row, and so without a status, an exit code and a remedy, does not compile.
class Code {
 public:
  consteval Code(const char* literal) : problem_(lookup(literal)) {}

  /// The code stored under `text`, or `internal.error` when a newer version wrote one that is not
  /// known here.
  static Code from_stored(std::string_view text);

  std::string_view text() const { return problem_->code; }
  const Problem& problem() const { return *problem_; }
  friend bool operator==(Code a, Code b) { return a.problem_ == b.problem_; }

 private:
  constexpr explicit Code(const Problem* problem) : problem_(problem) {}
  static consteval const Problem* lookup(std::string_view code) {
    for (const Problem& row : problem_table) {
      if (row.code == code) return &row;
    }
    throw "this error code has no row in config/problem_table.hpp";
  }

  const Problem* problem_;
};

/// One wrong place in a request body (RFC 6901 pointer, e.g. "/credential/email") or query
/// ("?limit").
struct FieldError {
  std::string pointer;
  std::string code;
  std::string detail;
};

/// One explanation of an answer that cannot be told apart from others.
struct Cause {
  std::string text;
  std::string likelihood;  ///< "likely", "possible" or "unlikely"
};

/// A failure as a value. `detail` is for people and holds no secret, no token and no e-mail
/// address.
struct Error {
  Code code = "internal.error";
  std::string detail;
  std::vector<FieldError> fields;
  std::vector<Cause> causes;
  std::vector<std::string> scopes_required;  ///< with credential.scope_missing and stream.forbidden
  std::vector<std::string> scopes_granted;
  int retry_after_seconds = 0;  ///< 0: nothing known
  int http_status = 0;          ///< of the answer, where it is not the code's own; 0: it is

  // Nearly every function of the program copies or destroys one on some path: compiled once, not
  // in each.
  Error();
  Error(const Error&);
  Error(Error&&) noexcept;
  Error& operator=(const Error&);
  Error& operator=(Error&&) noexcept;
  ~Error();
};

/// The result of everything that the world can make fail. Exceptions are for bugs and failed
/// start-up.
template <class T>
using Result = std::expected<T, Error>;

/// `return fail("source.paused", "…");`
std::unexpected<Error> fail(Code code, std::string detail = {});

/// Hands a failure on: `if (!page) return fail(page);`
template <class T>
std::unexpected<Error> fail(const Result<T>& result) {
  return std::unexpected(result.error());
}

}  // namespace evidenced
