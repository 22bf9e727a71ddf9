#include "storage/sqlite/work_threads.hpp"

#include "config/log.hpp"

#include <pthread.h>

#include <chrono>
#include <csignal>
#include <exception>

namespace evidenced::storage {

namespace {

constexpr std::chrono::milliseconds idle_after{500};

}  // namespace

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

WorkThreads::WorkThreads(std::vector<std::unique_ptr<SqliteConnection>> connections, Tend tend)
    : connections_(std::move(connections)), tend_(std::move(tend)) {
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
  bool tended = true;
  while (true) {
    std::optional<Job> job = next_job(tended);
    if (!job) return;
    bool has_work = static_cast<bool>(*job);
    if (has_work) (*job)(connection);
    if (tend_) tend_(connection, has_work ? Moment::after_job : Moment::idle);
    tended = !tend_ || !has_work;
  }
}

/// Waits for a job: an empty one when there was none for a while, none at all at the end.
std::optional<WorkThreads::Job> WorkThreads::next_job(bool tended) {
  std::unique_lock lock(mutex_);
  auto ready = [this] { return closing_ || !jobs_.empty(); };
  if (tended) {
    changed_.wait(lock, ready);
  } else if (!changed_.wait_for(lock, idle_after, ready)) {
    return Job();
  }
  if (jobs_.empty()) return std::nullopt;
  Job job = std::move(jobs_.front());
  jobs_.pop_front();
  return job;
}

}  // namespace evidenced::storage
