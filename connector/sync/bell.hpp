#pragma once

#include "config/clock.hpp"

#include <list>
#include <memory>

namespace evidenced::connector {

/// What sleepers wait for beside the clock: `ring` wakes all of them before their time. One
/// executor's thread. Must outlive its waiters.
class Bell {
 public:
  Bell() = default;
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  /// Returns at `time`, at the next `ring`, or when the caller is cancelled.
  Task<void> wait_until(Clock& clock, SteadyTime time);
  Task<void> wait_for(Clock& clock, std::chrono::nanoseconds duration);

  void ring();
  bool idle() const { return waiters_.empty(); }

 private:
  struct Waiter;
  std::list<std::shared_ptr<Waiter>> waiters_;
};

/// So many may be inside at once; the others wait in the order in which they came. One executor's
/// thread.
class Slots {
 public:
  explicit Slots(int count) : free_(count) {}
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;

  /// A place inside, given back when it goes. Empty after a move.
  class Place {
   public:
    Place() = default;
    explicit Place(Slots* slots) : slots_(slots) {}
    Place(Place&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
    Place& operator=(Place&& other) noexcept {
      release();
      slots_ = std::exchange(other.slots_, nullptr);
      return *this;
    }
    ~Place() { release(); }
    void release();

   private:
    Slots* slots_ = nullptr;
  };

  /// Waits for a place. Throws when the caller is cancelled while it waits.
  Task<Place> enter();

 private:
  struct Waiter;
  void leave();

  int free_;
  std::list<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace evidenced::connector
