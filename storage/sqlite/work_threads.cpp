#include "storage/sqlite/work_threads.hpp"

#include "config/log.hpp"

#include <pthread.h>

#include <csignal>
#include <exception>

namespace evidenced::storage {

Result<void> run_transaction(SqliteConnection& connection, bool writing, Database::Work& work) {
  Result<void> result;
  try {
    connection.begin(writing);
    result = work(connection);
    if (result) connection.commit();
  } catch (const Fault& fault) {
    result = std::unexpected(fault.error);
  } catch (const std::exception& exception) {
    log::error("an exception left a unit of work", {{"what", exception.what()}});
    result = fail("internal.error", "an exception left a unit of work");
  } catch (...) {
    log::error("an exception left a unit of work");
    result = fail("internal.error", "an exception left a unit of work");
  }
  if (!result) connection.rollback();
  return result;
}

WorkThreads::WorkThreads(std::vector<std::unique_ptr<SqliteConnection>> connections, After after)
    : connections_(std::move(connections)), after_(std::move(after)) {
  // Signals are the io thread's business: these threads start with all of them blocked.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (auto& connection : connections_) {
    threads_.emplace_back([this, &connection] { loop(*connection); });
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

WorkThreads::~WorkThreads() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkThreads::push(Job job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void WorkThreads::loop(SqliteConnection& connection) {
  pthread_setname_np(pthread_self(), "storage");
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    std::size_t waiting = jobs_.size();
    lock.unlock();
    job(connection);
    if (after_) after_(connection, waiting);
    job = nullptr;
    lock.lock();
  }
}

}  // namespace evidenced::storage
