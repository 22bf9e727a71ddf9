#include "storage/sqlite/sqlite_connection.hpp"

#include "storage/sqlite/sqlite_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

namespace evidenced::storage {

namespace {

constexpr int page_bytes = 16384;
constexpr int busy_timeout_ms = 5000;
constexpr int checkpoint_busy_timeout_ms = 250;
// A transaction that outgrows the cache spills pages into the log and reads them back: one page of
// artifacts touches about ten index leaves of 16 KiB besides its content.
constexpr int writer_cache_kib = 32 * 1024;
constexpr int reader_cache_kib = 8 * 1024;
constexpr int instructions_between_looks_at_the_clock = 2000;

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}

  bool is_null(int column) const override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  std::int64_t integer(int column) const override {
    return sqlite3_column_int64(statement_, column);
  }
  std::string_view text(int column) const override {
    const void* bytes = sqlite3_column_text(statement_, column);
    if (bytes == nullptr) return {};
    return {static_cast<const char*>(bytes), size(column)};
  }
  std::span<const std::byte> blob(int column) const override {
    const void* bytes = sqlite3_column_blob(statement_, column);
    if (bytes == nullptr) return {};
    return {static_cast<const std::byte*>(bytes), size(column)};
  }

 private:
  std::size_t size(int column) const {
    return static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  }
  sqlite3_stmt* statement_;
};

/// Binds one parameter; what a view points to outlives the statement's run, so nothing is copied.
struct Binder {
  sqlite3_stmt* statement;
  int index;

  int operator()(std::nullptr_t) const { return sqlite3_bind_null(statement, index); }
  int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, index, value); }
  int operator()(double value) const { return sqlite3_bind_double(statement, index, value); }
  int operator()(std::string_view value) const {
    // A null pointer would bind NULL where an empty text is meant.
    const char* bytes = value.data() == nullptr ? "" : value.data();
    return sqlite3_bind_text64(statement, index, bytes, value.size(), nullptr, SQLITE_UTF8);
  }
  int operator()(Blob value) const {
    if (value.bytes.empty()) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob64(statement, index, value.bytes.data(), value.bytes.size(), nullptr);
  }
};

bool looks_only(SqliteConnection::Use use) {
  return use == SqliteConnection::Use::inspect || use == SqliteConnection::Use::examine;
}

/// Whether a write-ahead log was left that is part of the database.
bool holds_log(const std::string& path) {
  std::error_code absent;
  const auto bytes = std::filesystem::file_size(path + "-wal", absent);
  return !absent && bytes > 0;
}

/// A file without a log is opened as one that cannot change (https://sqlite.org/uri.html): else
/// SQLite would make log and index beside it.
std::string immutable_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      fmt::format_to(std::back_inserter(uri), "%{:02x}", static_cast<unsigned>(c));
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

/// A statement while it runs: left reset, whatever happens.
class SqliteConnection::Running {
 public:
  Running(SqliteConnection& connection, std::string_view sql, std::span<const Value> parameters)
      : connection_(connection), statement_(connection.cache_.take(connection.handle_.get(), sql)) {
    for (std::size_t i = 0; i < statement_->positions.size(); ++i) {
      int position = statement_->positions[i];
      if (position < 1 || static_cast<std::size_t>(position) > parameters.size()) {
        throw Fault{fail("internal.error", "a parameter was not given").error()};
      }
      Binder bind{.statement = handle(), .index = static_cast<int>(i) + 1};
      int code = std::visit(bind, parameters[static_cast<std::size_t>(position) - 1]);
      if (code != SQLITE_OK) throw_sqlite_fault(connection_.handle_.get(), "binding a parameter");
    }
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    sqlite3_reset(handle());
    sqlite3_clear_bindings(handle());
  }

  bool step() {
    int code = sqlite3_step(handle());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    throw_sqlite_fault(connection_.handle_.get(), "running a statement");
  }
  sqlite3_stmt* handle() const { return statement_->handle.get(); }

 private:
  SqliteConnection& connection_;
  std::shared_ptr<Statement> statement_;
};

SqliteConnection::SqliteConnection(const std::string& path, Use use) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
  flags |= looks_only(use) ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (use == Use::create) flags |= SQLITE_OPEN_CREATE;
  std::string name = path;
  const char* vfs = nullptr;
  bool log_is_read = false;
  if (use == Use::examine) {
    log_is_read = holds_log(path);
    if (log_is_read) {
      vfs = "unix-none";
    } else {
      name = immutable_uri(path);
      flags |= SQLITE_OPEN_URI;
    }
  }
  sqlite3* handle = nullptr;
  int code = sqlite3_open_v2(name.c_str(), &handle, flags, vfs);
  handle_.reset(handle);
  if (code != SQLITE_OK) throw_sqlite_fault(handle, fmt::format("opening {}", path));
  // Of one process alone SQLite keeps the index of the log in memory, not in a file.
  if (log_is_read) script("PRAGMA locking_mode=EXCLUSIVE;");
  configure(use);
}

SqliteConnection::~SqliteConnection() {
  cache_.clear();
}

void SqliteConnection::configure(Use use) {
  sqlite3* handle = handle_.get();
  bool writing = use == Use::create || use == Use::write;
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, writing ? 0 : 1, nullptr);
  script(
      "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA "
      "wal_autocheckpoint=0;");
  script(fmt::format("PRAGMA cache_size=-{};", writing ? writer_cache_kib : reader_cache_kib));
  sqlite3_progress_handler(handle, instructions_between_looks_at_the_clock, on_progress, this);
  if (looks_only(use)) return;
  if (!writing) {
    script("PRAGMA query_only=ON;");
    return;
  }
  sqlite3_wal_hook(handle, on_wal, this);
  // These two count only before the first table and change nothing later.
  script(fmt::format("PRAGMA page_size={}; PRAGMA auto_vacuum=INCREMENTAL;", page_bytes));
  script(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
      "PRAGMA secure_delete=ON; PRAGMA journal_size_limit=67108864;");
  bool durable = pragma("PRAGMA journal_mode") == "wal" && pragma("PRAGMA synchronous") == "2";
  if (!durable) {
    throw Fault{fail("storage.unavailable",
                     "the file system of the database does not take a write-ahead log")
                    .error()};
  }
}

std::string SqliteConnection::pragma(const std::string& sql) {
  std::string value;
  query(sql, {}, [&](const Row& row) { value = row.text(0); });
  return value;
}

void SqliteConnection::query(std::string_view sql, std::span<const Value> parameters,
                             const std::function<void(const Row&)>& on_row) {
  Running running(*this, sql, parameters);
  SqliteRow row(running.handle());
  while (running.step()) on_row(row);
}

std::int64_t SqliteConnection::execute(std::string_view sql, std::span<const Value> parameters) {
  Running running(*this, sql, parameters);
  while (running.step()) {
  }
  return sqlite3_changes64(handle_.get());
}

// Not by RETURNING: SQLite runs that as a trigger, and a statement with a trigger keeps a journal
// of every page that it touches, which costs ten times the insert itself.
std::int64_t SqliteConnection::insert(std::string_view sql, std::span<const Value> parameters) {
  execute(sql, parameters);
  return sqlite3_last_insert_rowid(handle_.get());
}

void SqliteConnection::script(const std::string& sql) {
  int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw_sqlite_fault(handle_.get(), "setting up the database");
}

void SqliteConnection::begin(bool writing) {
  // A writer takes its lock at once: upgrading later could fail half way.
  execute(writing ? "BEGIN IMMEDIATE" : "BEGIN");
}

void SqliteConnection::commit() {
  execute("COMMIT");
}

void SqliteConnection::rollback() noexcept {
  // Some failures (full, I/O) have rolled back already.
  if (sqlite3_get_autocommit(handle_.get()) != 0) return;
  deadline_.reset();
  sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void SqliteConnection::set_time_limit(std::optional<std::chrono::milliseconds> limit) {
  deadline_.reset();
  if (limit) deadline_ = std::chrono::steady_clock::now() + *limit;
}

bool SqliteConnection::checkpoint(bool truncate) noexcept {
  sqlite3_busy_timeout(handle_.get(), checkpoint_busy_timeout_ms);
  int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  int log_pages = 0;
  int copied_pages = 0;
  int code = sqlite3_wal_checkpoint_v2(handle_.get(), "main", mode, &log_pages, &copied_pages);
  sqlite3_busy_timeout(handle_.get(), busy_timeout_ms);
  stop_when_sync_failed(code);
  tried_bytes_ = log_bytes_;
  return code == SQLITE_OK && log_pages == copied_pages;
}

int SqliteConnection::on_progress(void* self) {
  const auto& deadline = static_cast<SqliteConnection*>(self)->deadline_;
  return deadline && std::chrono::steady_clock::now() >= *deadline ? 1 : 0;
}

int SqliteConnection::on_wal(void* self, sqlite3*, const char*, int pages) {
  auto* connection = static_cast<SqliteConnection*>(self);
  ++connection->writes_;
  connection->log_bytes_ = std::int64_t{pages} * page_bytes;
  // The log was begun anew.
  connection->tried_bytes_ = std::min(connection->tried_bytes_, connection->log_bytes_);
  return SQLITE_OK;
}

}  // namespace evidenced::storage
