// Goal: children of a group are cancelled and joined, and what they throw takes nothing down.
// Method: real timers on one io_context; children that wait for ever unless they are cancelled.
#include "config/task_group.hpp"

#include "tests/captured_stderr.hpp"
#include "tests/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>

using evidenced::SystemClock;
using evidenced::Task;
using evidenced::TaskGroup;
using namespace std::chrono_literals;

namespace {

struct World {
  boost::asio::io_context io{1};
  SystemClock clock;
  TaskGroup group{io.get_executor()};

  /// Runs until the group is joined; false when that takes more than ten seconds.
  bool join() {
    bool joined = false;
    boost::asio::co_spawn(io, group.join(),
                          [&](const std::exception_ptr& failure) { joined = failure == nullptr; });
    io.run_for(10s);
    return joined;
  }
};

Task<void> set_after(SystemClock& clock, std::chrono::milliseconds delay, bool& done) {
  co_await clock.sleep_for(delay);
  done = true;
}

Task<void> sleep_for_ever(SystemClock& clock, bool& woke) {
  co_await clock.sleep_for(24h);
  woke = true;
}

Task<void> throw_one(std::string text) {
  throw std::runtime_error(text);
  co_return;
}

Task<void> throw_number() {
  throw 42;  // NOLINT(hicpp-exception-baseclass): the group must stand this, too
  co_return;
}

Task<void> wait_twice(SystemClock& clock) {
  co_await clock.sleep_for(24h);
  co_await clock.sleep_for(24h);
}

}  // namespace

TEST_CASE("join waits until every child has ended") {
  World world;
  bool first = false;
  bool second = false;
  world.group.spawn("first", set_after(world.clock, 5ms, first));
  world.group.spawn("second", set_after(world.clock, 20ms, second));
  CHECK(world.group.size() == 2);
  REQUIRE(world.join());
  CHECK(first);
  CHECK(second);
  CHECK(world.group.size() == 0);
}

TEST_CASE("join of an empty group returns at once, and a group can be used again") {
  World world;
  REQUIRE(world.join());
  world.io.restart();
  bool done = false;
  world.group.spawn("later", set_after(world.clock, 1ms, done));
  REQUIRE(world.join());
  CHECK(done);
}

TEST_CASE("cancel wakes a sleeping child without an exception") {
  World world;
  bool woke = false;
  world.group.spawn("sleeper", sleep_for_ever(world.clock, woke));
  world.io.poll();
  CHECK_FALSE(woke);
  world.group.cancel();
  REQUIRE(world.join());
  CHECK(woke);
  CHECK(world.group.failures() == 0);
}

TEST_CASE("a child that waits again after its cancellation ends, and that is no failure") {
  World world;
  world.group.spawn("stubborn", wait_twice(world.clock));
  world.io.poll();
  world.group.cancel();
  REQUIRE(world.join());
  CHECK(world.group.failures() == 0);
}

TEST_CASE("an exception of a child is logged with its name and counted, and the others go on") {
  evidenced::test::CapturedStderr captured;
  World world;
  bool done = false;
  world.group.spawn("the unlucky one", throw_one("it broke\nin two"));
  world.group.spawn("the odd one", throw_number());
  world.group.spawn("other", set_after(world.clock, 5ms, done));
  REQUIRE(world.join());
  CHECK(done);
  CHECK(world.group.failures() == 2);
  const std::vector<std::string> lines = captured.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines.at(0).contains("task failed"));
  CHECK(lines.at(0).contains("the unlucky one"));
  CHECK(lines.at(0).contains("it broke\\nin two"));
  CHECK(lines.at(1).contains("the odd one"));
}
