#pragma once

#include "config/error.hpp"
#include "config/settings_table.hpp"

#include <string>
#include <vector>

namespace evidenced {

/// One value of the settings file and its place.
struct FileEntry {
  std::string key;  ///< dotted: "server.listen"
  RawValue value;
  std::string place;  ///< "file:line:column"
};

/// Reads the TOML file at `path`, flat, in the order of its lines. A table that is no section of
/// the settings table is one entry with monostate. Errors: config.unreadable, config.invalid (the
/// place of the first syntax error in `fields`).
Result<std::vector<FileEntry>> read_settings_file(const std::string& path);

}  // namespace evidenced
