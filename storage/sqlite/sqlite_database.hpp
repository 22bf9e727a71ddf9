#pragma once

#include "storage/database.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace evidenced::storage {

struct SqliteOptions {
  std::string path;  ///< absolute
  int readers = 2;
  std::chrono::milliseconds read_timeout{2000};  ///< progress handler
  bool create = false;                           ///< init: the file must not exist; else it must
  bool inline_threads = false;  ///< tests on virtual time: work runs in the caller, at once
};

/// Opens the file: takes the lock (`path` + ".lock"; storage.locked), checks and migrates the
/// schema (storage.schema_newer), starts the writer and the readers. Other errors: storage.exists,
/// storage.unavailable, storage.not_writable, storage.corrupt.
Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options);

}  // namespace evidenced::storage
