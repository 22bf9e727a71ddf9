#include "storage/sqlite/sqlite_error.hpp"

#include "config/log.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace evidenced::storage {

namespace {

struct Meaning {
  int primary_code;
  Code code;
};

constexpr int internal_failure_exit = 70;

const Meaning meanings[] = {
    {SQLITE_FULL, "storage.full"},         {SQLITE_READONLY, "storage.read_only"},
    {SQLITE_PERM, "storage.read_only"},    {SQLITE_CANTOPEN, "storage.unavailable"},
    {SQLITE_IOERR, "storage.unavailable"}, {SQLITE_CORRUPT, "storage.corrupt"},
    {SQLITE_NOTADB, "storage.corrupt"},    {SQLITE_BUSY, "storage.busy"},
    {SQLITE_LOCKED, "storage.busy"},       {SQLITE_NOMEM, "storage.busy"},
    {SQLITE_INTERRUPT, "query.timeout"},
};

}  // namespace

Error sqlite_error(int extended_code, std::string_view doing) {
  Error error;
  for (const Meaning& meaning : meanings) {
    if (meaning.primary_code == (extended_code & 0xff)) error.code = meaning.code;
  }
  error.detail =
      fmt::format("{}: {} (SQLite {})", doing, sqlite3_errstr(extended_code & 0xff), extended_code);
  return error;
}

void stop_when_sync_failed(int extended_code) {
  if (extended_code != SQLITE_IOERR_FSYNC && extended_code != SQLITE_IOERR_DIR_FSYNC) return;
  log::error("the database could not be synced to disk: stopping",
             {{"sqlite_code", extended_code}});
  _exit(internal_failure_exit);
}

void throw_sqlite_fault(sqlite3* handle, std::string_view doing) {
  int code = handle == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(handle);
  stop_when_sync_failed(code);
  Error error = sqlite_error(code, doing);
  // Only a wrong statement or a broken constraint gets here without a meaning of its own; the
  // engine's message then names tables and columns, never values.
  if (error.code == Code("internal.error")) {
    log::error("statement failed", {{"doing", doing}, {"message", sqlite3_errmsg(handle)}});
  }
  throw Fault{std::move(error)};
}

}  // namespace evidenced::storage
