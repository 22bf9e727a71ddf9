#include "storage/database_url.hpp"

#include <fmt/format.h>

namespace evidenced::storage {

Result<std::string> sqlite_path(std::string_view url) {
  constexpr std::string_view prefix = "sqlite:///";
  std::string_view path = url.starts_with(prefix) ? url.substr(prefix.size()) : "";
  if (path.size() < 2 || path.front() != '/' || path.find_first_of("?#") != path.npos) {
    return fail(
        "config.invalid",
        fmt::format("storage.url is \"{}\"; it has to be \"sqlite:////absolute/file\"", url));
  }
  return std::string(path);
}

}  // namespace evidenced::storage
