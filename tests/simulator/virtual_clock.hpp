#pragma once

#include "config/clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace evidenced::simulator {

/// A clock that moves only when everybody waits. One thread.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Timestamp start) : start_(start) {}

  Timestamp now() const override {
    return start_ + std::chrono::floor<std::chrono::milliseconds>(elapsed_);
  }
  SteadyTime steady() const override { return SteadyTime(elapsed_); }
  Task<void> sleep_until(SteadyTime time) override;

  /// Moves to the earliest sleeper and wakes it; false when nobody sleeps.
  bool advance_to_next();
  void advance(std::chrono::nanoseconds duration) { elapsed_ += duration; }

 private:
  Timestamp start_;
  std::chrono::nanoseconds elapsed_{0};
  std::multimap<SteadyTime, std::shared_ptr<boost::asio::steady_timer>> sleepers_;
};

/// Runs `task` to its end on virtual time: whenever nothing is ready, the clock moves to the next
/// sleeper. Throws what the task throws, and std::logic_error when everybody waits for nothing.
template <class T>
T run_virtual(boost::asio::io_context& io, VirtualClock& clock, Task<T> task) {
  std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> result;
  std::exception_ptr failure;
  if constexpr (std::is_void_v<T>) {
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr e) {
      failure = e;
      result.emplace(true);
    });
  } else {
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr e, T value) {
      failure = e;
      result.emplace(std::move(value));
    });
  }
  while (!result) {
    io.restart();
    if (io.poll() > 0) continue;
    if (!clock.advance_to_next()) throw std::logic_error("everybody waits for nothing");
  }
  if (failure) std::rethrow_exception(failure);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace evidenced::simulator
