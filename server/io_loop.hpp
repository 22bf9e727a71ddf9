#pragma once

#include "config/time.hpp"

#include <boost/asio/io_context.hpp>

#include <deque>
#include <functional>

namespace evidenced::server {

/// Counts events within the last minute; a machine without a clock.
class MinuteCounter {
 public:
  /// The events of the minute that ends at `now`, this one included.
  std::size_t add(SteadyTime now);

 private:
  std::deque<SteadyTime> events_;
};

/// Runs `io` until it has nothing left to do. An exception that leaves a handler is a bug: it is
/// logged and the loop goes on. At the fourth within a minute `too_many` is called, once, and it
/// should end the program in an orderly way.
void run_io(boost::asio::io_context& io, const std::function<void()>& too_many);

}  // namespace evidenced::server
