#include "server/io_loop.hpp"

#include "config/log.hpp"

#include <exception>
#include <string>

namespace evidenced::server {
namespace {

constexpr auto window = std::chrono::seconds(60);
constexpr std::size_t tolerated = 3;

}  // namespace

std::size_t MinuteCounter::add(SteadyTime now) {
  events_.push_back(now);
  while (now - events_.front() > window) events_.pop_front();
  return events_.size();
}

void run_io(boost::asio::io_context& io, const std::function<void()>& too_many) {
  MinuteCounter bugs;
  bool told = false;
  for (;;) {
    std::string failure;
    try {
      io.run();
      return;
    } catch (const std::exception& error) {
      failure = error.what();
    } catch (...) {
      failure = "an exception that is no std::exception";
    }
    log::error("exception in the event loop", {{"error", failure}});
    if (bugs.add(std::chrono::steady_clock::now()) <= tolerated || told) continue;
    told = true;
    too_many();
  }
}

}  // namespace evidenced::server
