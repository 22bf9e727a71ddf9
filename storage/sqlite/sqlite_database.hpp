#pragma once

#include "storage/database.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace evidenced::storage {

struct SqliteOptions {
  std::string path;  ///< absolute
  int readers = 2;
  std::chrono::milliseconds query_timeout{2000};  ///< of one unit of work with Access::query
  std::chrono::milliseconds read_timeout{60000};  ///< of one with Access::read
  bool create = false;                            ///< init: the file must not exist; else it must
  bool inline_threads = false;  ///< tests on virtual time: work runs in the caller, at once
};

/// Opens the file: takes the lock (`path` + ".lock"; storage.locked), checks and migrates the
/// schema (storage.schema_newer), starts the writer and the readers. Other errors: storage.exists,
/// storage.unavailable, storage.not_writable, storage.corrupt.
///
/// The database finishes the work it was given before it is destroyed; whoever waits for that work
/// must still be able to be resumed: destroy the database before the executors of its callers stop.
Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options);

}  // namespace evidenced::storage
