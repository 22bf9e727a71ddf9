#include "config/error.hpp"

namespace evidenced {

Code Code::from_stored(std::string_view text) {
  const Problem* row = find_problem(text);
  return row == nullptr ? Code("internal.error") : Code(row);
}

Error::Error() = default;
Error::Error(const Error&) = default;
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(const Error&) = default;
Error& Error::operator=(Error&&) noexcept = default;
Error::~Error() = default;

std::unexpected<Error> fail(Code code, std::string detail) {
  Error error;
  error.code = code;
  error.detail = std::move(detail);
  return std::unexpected(std::move(error));
}

}  // namespace evidenced
