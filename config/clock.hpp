#pragma once

#include "config/time.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace evidenced {

/// A coroutine of ours. Parameters are taken by value, or by reference only to what outlives it
/// (docs/decisions/0017).
template <class T>
using Task = boost::asio::awaitable<T>;

/// Time, injectable: the program reads no other clock. In tests time is virtual and a day passes in
/// milliseconds.
class Clock {
 public:
  virtual ~Clock() = default;

  /// The wall clock. May jump either way; used for stamps only.
  virtual Timestamp now() const = 0;

  /// The steady clock. Never goes back.
  virtual SteadyTime steady() const = 0;

  /// Waits on the caller's executor. Cancellation (any type) ends the wait early, without an
  /// exception.
  virtual Task<void> sleep_until(SteadyTime time) = 0;

  Task<void> sleep_for(std::chrono::nanoseconds duration) {
    return sleep_until(steady() + std::chrono::duration_cast<SteadyTime::duration>(duration));
  }
};

/// The clocks of the machine.
class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  SteadyTime steady() const override;
  Task<void> sleep_until(SteadyTime time) override;
};

}  // namespace evidenced
