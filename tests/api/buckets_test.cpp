// Goal: quotas are exact, and clients that come and go leave no memory behind. Method: the
// machines alone, on a clock turned by hand.
#include "api/buckets.hpp"

#include "api/limits.hpp"
#include "tests/catch.hpp"

using namespace evidenced;
using namespace evidenced::api;
using namespace std::chrono_literals;

TEST_CASE("a bucket gives its burst, then its rate, and never more") {
  Buckets buckets(50, 200);
  SteadyTime now{};
  std::int64_t granted = 0;
  for (int tick = 0; tick < 60'000; ++tick) {
    now += 1ms;
    for (int i = 0; i < 2; ++i) granted += buckets.take("key", now).granted ? 1 : 0;
  }
  CHECK(granted >= 200 + 50 * 60 - 1);
  CHECK(granted <= 200 + 50 * 60);
  CHECK(buckets.take("quiet", now).granted);
}

TEST_CASE("a refused request is told when to come back, and that is true") {
  Buckets buckets(1, 2);
  SteadyTime now{};
  CHECK(buckets.take("a", now).remaining == 1);
  CHECK(buckets.take("a", now).granted);
  const auto refused = buckets.take("a", now);
  CHECK_FALSE(refused.granted);
  CHECK(refused.retry_after_seconds == 1);
  CHECK(buckets.take("a", now + 1s).granted);
}

TEST_CASE("no limit is no limit") {
  Buckets buckets(0, 0);
  for (int i = 0; i < 1000; ++i) REQUIRE(buckets.take("a", SteadyTime{}).granted);
  CHECK(buckets.size() == 0);
}

TEST_CASE("names that come once do not pile up") {
  Buckets buckets(10, 50);
  Lockout lockout;
  SteadyTime now{};
  for (int i = 0; i < 30'000; ++i) {
    buckets.take(std::to_string(i), now);
    lockout.failed(std::to_string(i), now);
    if (i % 100 == 0) now += 10s;
  }
  CHECK(buckets.size() <= limits::tracked_clients);
  CHECK(lockout.size() <= limits::tracked_clients);
}

TEST_CASE("a name is shut after ten failures in a minute, and twice as long the next time") {
  Lockout lockout;
  SteadyTime now{1h};
  const auto fail_ten_times = [&] {
    for (int i = 0; i < 10; ++i) {
      CHECK(lockout.shut_for("a", now) == 0);
      lockout.failed("a", now);
    }
  };
  fail_ten_times();
  CHECK(lockout.shut_for("a", now) == 60);
  CHECK(lockout.shut_for("b", now) == 0);
  now += 61s;
  fail_ten_times();
  CHECK(lockout.shut_for("a", now) == 120);
  now += 1h;
  fail_ten_times();
  CHECK(lockout.shut_for("a", now) == 60);
}

TEST_CASE("failures that are far apart shut nothing") {
  Lockout lockout;
  SteadyTime now{1h};
  for (int i = 0; i < 100; ++i) {
    lockout.failed("a", now);
    CHECK(lockout.shut_for("a", now) == 0);
    now += 7s;
  }
}
