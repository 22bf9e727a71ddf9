#include "config/problem.hpp"

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

}  // namespace evidenced
