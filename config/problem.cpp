#include "config/problem.hpp"

#include "config/error.hpp"
#include "config/problem_table.hpp"

#include <algorithm>

namespace evidenced {

std::span<const Problem> problems() {
  return problem_table;
}

const Problem* find_problem(std::string_view code) {
  const auto* row = std::ranges::find(problem_table, code, &Problem::code);
  return row == std::end(problem_table) ? nullptr : row;
}

Code Code::from_stored(std::string_view text) {
  const Problem* row = find_problem(text);
  return row == nullptr ? Code("internal.error") : Code(row);
}

}  // namespace evidenced
