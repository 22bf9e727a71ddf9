#pragma once

#include "storage/connection.hpp"
#include "storage/sqlite/statement_cache.hpp"

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace evidenced::storage {

/// One connection to the file, used by one thread at a time. Exactly one of them, the writer,
/// writes and checkpoints: two connections that do so at once can lose the WAL
/// (https://sqlite.org/wal.html#walresetbug), and the versions of Debian have that bug.
class SqliteConnection final : public Connection {
 public:
  enum class Use {
    create,   ///< the writer of a file that does not exist yet
    write,    ///< the writer
    read,     ///< a reader: cannot write, never checkpoints
    inspect,  ///< looks at a file that may belong to a newer version: changes nothing at all
    examine   ///< the same, of a file that nobody else has open: makes no file beside it either
  };

  /// Opens `path` and sets everything that a connection needs. Throws Fault.
  SqliteConnection(const std::string& path, Use use);
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection() override;

  using Connection::execute;
  using Connection::insert;
  using Connection::query;
  void query(std::string_view sql, std::span<const Value> parameters,
             const std::function<void(const Row&)>& on_row) override;
  std::int64_t execute(std::string_view sql, std::span<const Value> parameters) override;
  std::int64_t insert(std::string_view sql, std::span<const Value> parameters) override;

  /// Runs several statements without parameters. Throws Fault.
  void script(const std::string& sql);

  void begin(bool writing);
  void commit();
  void rollback() noexcept;

  /// From now until the next call, statements end with query.timeout after `limit`.
  void set_time_limit(std::optional<std::chrono::milliseconds> limit);

  /// Size of the write-ahead log after the last commit of this connection, in bytes, and by how
  /// much it grew since the last checkpoint was tried.
  std::int64_t log_bytes() const { return log_bytes_; }
  std::int64_t log_growth() const { return log_bytes_ - tried_bytes_; }

  /// How many of its commits wrote something.
  std::int64_t writes() const { return writes_; }

  /// Copies the write-ahead log into the file; `truncate` also waits for readers and empties it.
  /// false when not all could be copied (readers, disk full): the log simply grows on.
  bool checkpoint(bool truncate) noexcept;

 private:
  struct Closer {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  class Running;

  void configure(Use use);
  std::string pragma(const std::string& sql);
  static int on_progress(void* self);
  static int on_wal(void* self, sqlite3* handle, const char* database, int pages);

  std::unique_ptr<sqlite3, Closer> handle_;
  StatementCache cache_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  std::int64_t writes_ = 0;
  std::int64_t log_bytes_ = 0;
  std::int64_t tried_bytes_ = 0;
};

}  // namespace evidenced::storage
