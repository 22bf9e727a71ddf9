#pragma once

#include "storage/sqlite/sqlite_database.hpp"

#include <memory>
#include <string>

namespace evidenced::storage {

/// The file behind "sqlite:////absolute/file"; errors: config.invalid for any other form.
Result<std::string> sqlite_path(std::string_view url);

}  // namespace evidenced::storage
