#include "connector/sync/bell.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace evidenced::connector {

namespace asio = boost::asio;

struct Bell::Waiter {
  explicit Waiter(asio::any_io_executor e) : executor(std::move(e)) {}
  asio::any_io_executor executor;
  asio::cancellation_signal signal;
};

Task<void> Bell::wait_until(Clock& clock, SteadyTime time) {
  auto executor = co_await asio::this_coro::executor;
  asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  auto waiter = std::make_shared<Waiter>(executor);
  const auto place = waiters_.insert(waiters_.end(), waiter);

  // The sleep listens to our signal instead of the caller's slot: cancellation is handed on by
  // hand.
  asio::cancellation_slot caller = state.slot();
  if (caller.is_connected()) {
    caller.assign([weak = std::weak_ptr(waiter)](asio::cancellation_type type) {
      if (auto alive = weak.lock()) alive->signal.emit(type);
    });
  }
  auto token = asio::bind_cancellation_slot(waiter->signal.slot(), asio::use_awaitable);
  try {
    co_await asio::co_spawn(executor, clock.sleep_until(time), token);
  } catch (const boost::system::system_error&) {
    // rung between the start and the first line of the sleep
  }
  if (caller.is_connected()) caller.clear();
  waiters_.erase(place);
}

Task<void> Bell::wait_for(Clock& clock, std::chrono::nanoseconds duration) {
  return wait_until(clock,
                    clock.steady() + std::chrono::duration_cast<SteadyTime::duration>(duration));
}

void Bell::ring() {
  // Never emitted here: outside of the loop Asio 1.26 would post to a coroutine that may have ended
  // by then.
  for (const std::shared_ptr<Waiter>& waiter : waiters_) {
    asio::post(waiter->executor, [weak = std::weak_ptr(waiter)] {
      if (auto alive = weak.lock()) alive->signal.emit(asio::cancellation_type::terminal);
    });
  }
}

struct Slots::Waiter {
  explicit Waiter(const asio::any_io_executor& executor)
      : timer(executor, asio::steady_timer::time_point::max()) {}
  asio::steady_timer timer;
  bool admitted = false;
};

void Slots::Place::release() {
  if (slots_ != nullptr) std::exchange(slots_, nullptr)->leave();
}

Task<Slots::Place> Slots::enter() {
  if (free_ > 0) {
    --free_;
    co_return Place(this);
  }
  auto executor = co_await asio::this_coro::executor;
  auto waiter = std::make_shared<Waiter>(executor);
  waiters_.push_back(waiter);
  boost::system::error_code error;
  co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  if (waiter->admitted) co_return Place(this);
  waiters_.remove(waiter);
  throw boost::system::system_error(asio::error::operation_aborted);
}

void Slots::leave() {
  if (waiters_.empty()) {
    ++free_;
    return;
  }
  auto next = waiters_.front();
  waiters_.pop_front();
  next->admitted = true;
  next->timer.cancel();
}

}  // namespace evidenced::connector
