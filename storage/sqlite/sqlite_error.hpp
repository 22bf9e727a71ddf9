#pragma once

#include "storage/connection.hpp"

#include <sqlite3.h>

#include <string_view>

namespace evidenced::storage {

/// What an extended result code of SQLite (https://sqlite.org/rescode.html) means to the caller.
/// Codes: storage.full, storage.read_only, storage.unavailable, storage.corrupt, storage.busy,
/// query.timeout, else internal.error. `doing` says what was tried, without any value.
Error sqlite_error(int extended_code, std::string_view doing);

/// A failed fsync leaves pages in an unknown state: it is logged and the process ends with exit
/// code 70, to recover at the next start. Does nothing for any other code.
void stop_when_sync_failed(int extended_code);

/// Throws the Fault of the last failure on `handle`, unless stop_when_sync_failed ends the process.
[[noreturn]] void throw_sqlite_fault(sqlite3* handle, std::string_view doing);

}  // namespace evidenced::storage
