#pragma once

#include "config/clock.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace evidenced {

/// The parent of coroutines that run beside their starter: nothing runs detached. All calls on one
/// executor's thread. An exception that leaves a child is logged with the child's name and counted,
/// and never takes the process down.
class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup();  ///< the group is empty by then: join it first

  /// Starts `task`; it obeys all cancellation types from its first line on. The number names it to
  /// `cancel`.
  std::uint64_t spawn(std::string_view name, Task<void> task);

  /// Emits terminal cancellation to one child, as often as it is called; to none when it has ended.
  void cancel(std::uint64_t child);

  /// Emits terminal cancellation to every child.
  void cancel();

  /// Waits until every child has ended; at once when there is none.
  Task<void> join();

  /// Children that run.
  std::size_t size() const;

  /// Children that ended by an exception other than their cancellation, so far.
  std::size_t failures() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace evidenced
