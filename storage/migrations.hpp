#pragma once

#include <span>
#include <string_view>

namespace evidenced::storage {

/// One step of the schema: a file of storage/migrations/, built in. Released steps never change.
struct Migration {
  int version;            ///< 1, 2, …: the number that the file's name begins with
  std::string_view name;  ///< the file's name without ".sql"
  std::string_view sql;
};

/// All steps, in order; the last one's version is the schema version of this program.
std::span<const Migration> migrations();

}  // namespace evidenced::storage
