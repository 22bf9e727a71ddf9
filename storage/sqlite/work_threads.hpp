#pragma once

#include "storage/database.hpp"
#include "storage/sqlite/sqlite_connection.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace evidenced::storage {

/// Runs `work` in one transaction of `connection`. Whatever leaves `work`, an Error, a Fault or
/// another exception (internal.error), rolls it back.
Result<void> run_transaction(SqliteConnection& connection, bool writing, Database::Work& work);

/// A queue and the threads that empty it, each with a connection of its own. What is queued is
/// finished before the threads are joined.
class WorkThreads {
 public:
  using Job = std::move_only_function<void(SqliteConnection&)>;

  enum class Moment {
    after_job,
    idle  ///< no job for a while: once after the last one
  };
  /// Runs on a thread between jobs.
  using Tend = std::function<void(SqliteConnection&, Moment)>;

  WorkThreads(std::vector<std::unique_ptr<SqliteConnection>> connections, Tend tend);
  WorkThreads(const WorkThreads&) = delete;
  WorkThreads& operator=(const WorkThreads&) = delete;
  ~WorkThreads();

  /// Thread-safe.
  void push(Job job);

 private:
  void loop(SqliteConnection& connection);
  std::optional<Job> next_job(bool tended);

  std::vector<std::unique_ptr<SqliteConnection>> connections_;
  Tend tend_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace evidenced::storage
