#include "config/task_group.hpp"

#include "config/log.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <map>
#include <string>
#include <vector>

namespace evidenced {

namespace asio = boost::asio;

struct TaskGroup::State {
  explicit State(asio::any_io_executor e)
      : executor(std::move(e)), emptied(executor, asio::steady_timer::time_point::max()) {}

  asio::any_io_executor executor;
  std::map<std::uint64_t, asio::cancellation_signal>
      children;  // nodes never move: slots point here
  std::uint64_t next_id = 1;
  std::size_t failures = 0;
  asio::steady_timer emptied;

  void ended(std::uint64_t id, const std::string& name, const std::exception_ptr& failure);
};

namespace {

/// Whether `failure` is only the echo of a cancellation.
bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

std::string what(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

/// The root of a child: without the first line it would obey terminal cancellation only.
Task<void> run_child(Task<void> task) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  co_await std::move(task);
}

}  // namespace

void TaskGroup::State::ended(std::uint64_t id, const std::string& name,
                             const std::exception_ptr& failure) {
  children.erase(id);
  if (failure && !is_cancellation(failure)) {
    ++failures;
    log::error("task failed", {{"task", name}, {"error", what(failure)}});
  }
  if (children.empty()) emptied.cancel();
}

TaskGroup::TaskGroup(asio::any_io_executor executor)
    : state_(std::make_shared<State>(std::move(executor))) {}

TaskGroup::~TaskGroup() {
  if (size() > 0) log::error("task group left with tasks running", {{"tasks", size()}});
}

std::uint64_t TaskGroup::spawn(std::string_view name, Task<void> task) {
  const std::uint64_t id = state_->next_id++;
  auto slot = state_->children[id].slot();
  auto on_end = [state = state_, id, label = std::string(name)](const std::exception_ptr& failure) {
    state->ended(id, label, failure);
  };
  asio::co_spawn(state_->executor, run_child(std::move(task)),
                 asio::bind_cancellation_slot(slot, std::move(on_end)));
  return id;
}

void TaskGroup::cancel(std::uint64_t child) {
  const auto found = state_->children.find(child);
  if (found != state_->children.end()) found->second.emit(asio::cancellation_type::terminal);
}

void TaskGroup::cancel() {
  std::vector<std::uint64_t> ids;  // a child may end, and leave the map, while it is cancelled
  ids.reserve(state_->children.size());
  for (const auto& [id, signal] : state_->children) ids.push_back(id);
  for (const std::uint64_t id : ids) cancel(id);
}

Task<void> TaskGroup::join() {
  const std::shared_ptr<State> state = state_;
  while (!state->children.empty()) {
    boost::system::error_code ignored;
    co_await state->emptied.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

std::size_t TaskGroup::size() const {
  return state_->children.size();
}

std::size_t TaskGroup::failures() const {
  return state_->failures;
}

}  // namespace evidenced
