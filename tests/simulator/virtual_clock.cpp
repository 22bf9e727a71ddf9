#include "tests/simulator/virtual_clock.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>

namespace evidenced::simulator {

namespace asio = boost::asio;

Task<void> VirtualClock::sleep_until(SteadyTime time) {
  if (time <= steady()) co_return;
  auto executor = co_await asio::this_coro::executor;
  auto timer =
      std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
  sleepers_.emplace(time, timer);
  boost::system::error_code ignored;
  co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  for (auto it = sleepers_.lower_bound(time); it != sleepers_.end(); ++it) {
    if (it->second != timer) continue;
    sleepers_.erase(it);
    break;
  }
}

bool VirtualClock::advance_to_next() {
  if (sleepers_.empty()) return false;
  auto first = sleepers_.begin();
  elapsed_ = std::max(elapsed_, std::chrono::duration_cast<std::chrono::nanoseconds>(
                                    first->first.time_since_epoch()));
  auto timer = first->second;
  sleepers_.erase(first);
  timer->cancel();
  return true;
}

}  // namespace evidenced::simulator
