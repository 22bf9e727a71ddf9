#include "storage/sqlite/sqlite_database.hpp"

#include "config/log.hpp"
#include "storage/migrations.hpp"
#include "storage/sqlite/file_lock.hpp"
#include "storage/sqlite/sqlite_schema.hpp"
#include "storage/sqlite/work_threads.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <mutex>

namespace evidenced::storage {

namespace asio = boost::asio;

namespace {

// The log is copied into the file when there is time, or when it has grown; past the last bound the
// writer waits for the readers and starts the log anew. What readers held back is tried again when
// the log has grown by as much.
constexpr std::int64_t checkpoint_when_idle_bytes = 1 << 20;
constexpr std::int64_t checkpoint_bytes = 16 << 20;
constexpr std::int64_t truncate_bytes = 64 << 20;
constexpr std::int64_t heap_limit_bytes = 256 << 20;
constexpr std::chrono::seconds refusal_counts_for{10};

void tend_log(SqliteConnection& writer, WorkThreads::Moment moment) {
  bool idle = moment == WorkThreads::Moment::idle;
  if (writer.log_growth() < (idle ? checkpoint_when_idle_bytes : checkpoint_bytes)) return;
  bool truncate = writer.log_bytes() >= truncate_bytes;
  if (!writer.checkpoint(truncate)) {
    log::debug("checkpoint not finished", {{"log_bytes", writer.log_bytes()}});
  }
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const SqliteOptions& options, FileLock lock,
                 std::unique_ptr<SqliteConnection> writer,
                 std::vector<std::unique_ptr<SqliteConnection>> readers)
      : lock_(std::move(lock)),
        query_timeout_(options.query_timeout),
        read_timeout_(options.read_timeout) {
    if (options.inline_threads) {
      inline_writer_ = std::move(writer);
      inline_reader_ = std::move(readers.front());
      return;
    }
    std::vector<std::unique_ptr<SqliteConnection>> writers;
    writers.push_back(std::move(writer));
    writer_ = std::make_unique<WorkThreads>(std::move(writers), tend_log);
    readers_ = std::make_unique<WorkThreads>(std::move(readers), nullptr);
  }

  ~SqliteDatabase() override {
    // The writer's connection closes last: it copies the log into the file and removes it.
    readers_.reset();
    inline_reader_.reset();
  }

  Task<Result<void>> run(Access access, Work work) override;
  std::optional<std::uint64_t> version() const override { return version_.load(); }
  std::optional<Error> write_fault() const override {
    const std::lock_guard lock(fault_mutex_);
    return write_fault_;
  }

 private:
  Result<void> run_on(SqliteConnection& connection, Access access, Work& work);
  Result<void> write_on(SqliteConnection& connection, Work& work);

  FileLock lock_;
  std::chrono::milliseconds query_timeout_;
  std::chrono::milliseconds read_timeout_;
  std::atomic<std::uint64_t> version_ = 0;  ///< the lock on the file keeps other writers out
  mutable std::mutex fault_mutex_;
  std::optional<Error> write_fault_;
  std::chrono::steady_clock::time_point refused_at_;
  std::unique_ptr<SqliteConnection> inline_writer_;
  std::unique_ptr<SqliteConnection> inline_reader_;
  std::unique_ptr<WorkThreads> writer_;
  std::unique_ptr<WorkThreads> readers_;
};

Task<Result<void>> SqliteDatabase::run(Access access, Work work) {
  if (inline_writer_) {
    SqliteConnection& connection = access == Access::write ? *inline_writer_ : *inline_reader_;
    co_return run_on(connection, access, work);
  }
  auto executor = co_await asio::this_coro::executor;
  // The operation looks at no cancellation slot, so this frame, and with it `work` and whatever it
  // refers to, stays until the thread is done with it.
  auto start = [&](auto handler) {
    // The tracked work keeps the caller's loop running while only a thread of ours is busy for it.
    auto home = asio::prefer(executor, asio::execution::outstanding_work.tracked);
    WorkThreads& threads = access == Access::write ? *writer_ : *readers_;
    threads.push([this, access, &work, home = std::move(home),
                  handler = std::move(handler)](SqliteConnection& connection) mutable {
      Result<void> result = run_on(connection, access, work);
      asio::post(home, [handler = std::move(handler), result = std::move(result)]() mutable {
        std::move(handler)(std::move(result));
      });
    });
  };
  Result<void> result =
      co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<void>)>(
          std::move(start), asio::use_awaitable);
  co_return result;
}

Result<void> SqliteDatabase::run_on(SqliteConnection& connection, Access access, Work& work) {
  if (access == Access::write) return write_on(connection, work);
  connection.set_time_limit(access == Access::query ? query_timeout_ : read_timeout_);
  Result<void> result = run_transaction(connection, false, work);
  connection.set_time_limit(std::nullopt);
  return result;
}

Result<void> SqliteDatabase::write_on(SqliteConnection& connection, Work& work) {
  const std::int64_t writes = connection.writes();
  Result<void> result = run_transaction(connection, true, work);
  // Before the writer is told, so that whoever was told reads what was written.
  ++version_;
  const std::lock_guard lock(fault_mutex_);
  if (!result && result.error().code.text().starts_with("storage.")) {
    write_fault_ = result.error();
    refused_at_ = std::chrono::steady_clock::now();
  } else if (connection.writes() != writes) {
    const auto since = std::chrono::steady_clock::now() - refused_at_;
    if (since >= refusal_counts_for) write_fault_.reset();
  }
  return result;
}

Result<void> check_file(const SqliteOptions& options) {
  struct stat status{};
  bool exists = ::stat(options.path.c_str(), &status) == 0;
  if (options.create && exists) return fail("storage.exists", options.path);
  if (!options.create && !exists) {
    return fail("storage.unavailable", fmt::format("{}: {}", options.path, std::strerror(errno)));
  }
  if (options.create) return {};
  // The log files of the engine stand beside it.
  const std::string folder = std::filesystem::absolute(options.path).parent_path();
  for (const std::string& place : {options.path, folder}) {
    if (::access(place.c_str(), W_OK) == 0) continue;
    return fail("storage.not_writable", fmt::format("{}: {}", place, std::strerror(errno)));
  }
  return {};
}

Result<std::unique_ptr<Database>> open_locked(const SqliteOptions& options, FileLock lock) {
  try {
    using Use = SqliteConnection::Use;
    auto writer =
        std::make_unique<SqliteConnection>(options.path, options.create ? Use::create : Use::write);
    // Sealed or not, what is in there is nobody else's; the log files take over the mode.
    if (options.create) ::chmod(options.path.c_str(), S_IRUSR | S_IWUSR);
    back_up_before(*writer, options.path, migrations());
    migrate(*writer, migrations());
    drop_older_copies(options.path, migrations().back().version);
    std::vector<std::unique_ptr<SqliteConnection>> readers;
    for (int i = 0; i < std::max(options.readers, 1); ++i) {
      readers.push_back(std::make_unique<SqliteConnection>(options.path, Use::read));
    }
    return std::make_unique<SqliteDatabase>(options, std::move(lock), std::move(writer),
                                            std::move(readers));
  } catch (const Fault& fault) {
    return std::unexpected(fault.error);
  }
}

void remove_files(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options) {
  sqlite3_hard_heap_limit64(heap_limit_bytes);
  Result<void> file = check_file(options);
  if (!file) return fail(file);
  Result<FileLock> lock = FileLock::take(options.path + ".lock");
  if (!lock) return fail(lock);
  if (!options.create) {
    Result<void> schema = check_schema(options.path, migrations());
    if (!schema) return fail(schema);
  }
  Result<std::unique_ptr<Database>> database = open_locked(options, std::move(*lock));
  if (!database && options.create) remove_files(options.path);
  return database;
}

}  // namespace evidenced::storage
