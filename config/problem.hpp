#pragma once

#include <array>
#include <span>
#include <string_view>

namespace evidenced {

/// One row of the problem catalogue: what a stable code means to HTTP clients, to the shell, and to
/// a person. The catalogue generates `GET /v1/problems`, the `type` URI of every answer and the
/// exit code of every client verb.
struct Problem {
  std::string_view code;  ///< stable, dotted: "credential.app_password"
  int http_status;        ///< status of an answer that carries it; Error::http_status wins
  int exit_code;   ///< exit code of a client verb that meets it (reference: quality, section 5)
  bool retryable;  ///< whether the same request can succeed later without anybody changing anything
  std::string_view title;   ///< what happened, the same words every time
  std::string_view remedy;  ///< what to do, one step a line; empty when there is nothing to do
};

/// All problems, in the order of the documentation.
std::span<const Problem> problems();

/// The row of `code`, or nullptr when there is none.
const Problem* find_problem(std::string_view code);

}  // namespace evidenced
