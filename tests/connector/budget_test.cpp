// Goal: never more requests than the limit in any 60 minutes, and never stuck for good.
// Method: random traces with bursts, pauses, restarts and 429s; then the clock is turned about.
#include "connector/budget.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <random>
#include <vector>

namespace {

using namespace std::chrono_literals;
using evidenced::Timestamp;
using evidenced::connector::Budget;
using evidenced::storage::BudgetMinute;
using Use = Budget::Use;

const Timestamp start = *evidenced::parse_timestamp("2026-11-24T08:00:30.500Z");

/// The most requests in any 60 minutes, to the millisecond.
std::int64_t busiest_hour(const std::vector<Timestamp>& sent) {
  std::int64_t most = 0;
  std::size_t first = 0;
  for (std::size_t last = 0; last < sent.size(); ++last) {
    while (sent[last] - sent[first] >= 1h) ++first;
    most = std::max(most, static_cast<std::int64_t>(last - first + 1));
  }
  return most;
}

/// The minutes as a store would keep them over a restart.
std::vector<BudgetMinute> minutes_of(const std::vector<Timestamp>& sent) {
  std::vector<BudgetMinute> minutes;
  for (const Timestamp time : sent) {
    const auto minute = std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count();
    if (minutes.empty() || minutes.back().minute != minute) minutes.push_back({minute, 0});
    ++minutes.back().requests;
  }
  return minutes;
}

TEST_CASE("a random trace never passes the limit in any 60 minutes") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 engine(seed);
    const auto below = [&](std::int64_t bound) {
      return static_cast<std::int64_t>(engine()) % bound;
    };
    const std::int64_t limit = 1 + below(60);
    const std::int64_t reserve = below(limit + 5);
    Budget budget(limit, reserve);
    std::vector<Timestamp> sent;
    Timestamp now = start;
    for (int step = 0; step < 600; ++step) {
      // bursts, short pauses, long ones
      const std::int64_t pauses[] = {0, 1, below(5000), below(600000), below(7200000)};
      now += std::chrono::milliseconds(pauses[std::min<std::int64_t>(below(12), 4)]);
      const Timestamp time = budget.earliest(now, below(4) == 0 ? Use::probe : Use::sync);
      REQUIRE(time >= now);
      REQUIRE(time - now <= 2h + 2min);
      if (below(3) == 0) now = time;
      if (time > now) continue;
      budget.spend(now);
      sent.push_back(now);
      if (below(40) == 0) {
        budget.throttled(
            now, below(2) == 0 ? std::optional(std::chrono::seconds(below(5000))) : std::nullopt);
      } else {
        budget.succeeded();
      }
      if (below(100) == 0) {
        budget = Budget(limit, reserve);
        budget.load(minutes_of(sent));
      }
    }
    CHECK(busiest_hour(sent) <= limit);
    CHECK(sent.size() > 10);
  }
}

TEST_CASE("a full budget opens when its oldest minute is an hour old") {
  Budget budget(10, 0);
  for (int n = 0; n < 10; ++n) budget.spend(start + n * 1min);
  const Timestamp now = start + 20min;
  CHECK(budget.used(now) == 10);
  CHECK(budget.earliest(now, Use::sync) == *evidenced::parse_timestamp("2026-11-24T09:01:00Z"));
  CHECK(budget.used(start + 60min) == 10);
  CHECK(budget.used(start + 61min) == 9);
  CHECK(budget.used(start + 71min) == 0);
}

TEST_CASE("a steady walk uses nearly the whole budget") {
  Budget budget(1000, 0);
  std::vector<Timestamp> sent;
  for (Timestamp now = start; now < start + 5h;) {
    now = budget.earliest(now, Use::sync);
    budget.spend(now);
    sent.push_back(now);
    now += 100ms;
  }
  CHECK(busiest_hour(sent) == 1000);
  CHECK(sent.size() > 4800);
}

TEST_CASE("the reserve is for probes") {
  Budget budget(10, 3);
  for (int n = 0; n < 7; ++n) {
    CHECK(budget.earliest(start, Use::sync) == start);
    budget.spend(start);
  }
  CHECK(budget.earliest(start, Use::sync) > start);
  for (int n = 0; n < 3; ++n) {
    CHECK(budget.earliest(start, Use::probe) == start);
    budget.spend(start);
  }
  CHECK(budget.earliest(start, Use::probe) > start);
}

TEST_CASE("a reserve as large as the limit still leaves a request for syncs") {
  Budget budget(5, 50);
  CHECK(budget.earliest(start, Use::sync) == start);
}

TEST_CASE("429s in a row close for a minute, doubling to fifteen") {
  Budget budget(1000, 100);
  Timestamp now = start;
  for (const auto closed : {1min, 2min, 4min, 8min, 15min, 15min}) {
    budget.throttled(now, std::nullopt);
    CHECK(budget.earliest(now, Use::probe) == now + closed);
    now += closed;
    CHECK(budget.earliest(now, Use::probe) == now);
  }
  budget.succeeded();
  budget.throttled(now, std::nullopt);
  CHECK(budget.earliest(now, Use::sync) == now + 1min);
}

TEST_CASE("429s of requests under way do not lengthen the closing") {
  Budget budget(1000, 100);
  budget.throttled(start, std::nullopt);
  budget.throttled(start + 1s, std::nullopt);
  budget.throttled(start + 2s, std::nullopt);
  CHECK(budget.earliest(start + 3s, Use::sync) == start + 1min);
  budget.throttled(start + 1min, std::nullopt);
  CHECK(budget.earliest(start + 1min, Use::sync) == start + 3min);
}

TEST_CASE("what a 429 asks for is honoured between a second and an hour") {
  for (const auto& [asked, closed] :
       {std::pair{0s, 1s}, {90s, 90s}, {3600s, 3600s}, {9000s, 3600s}}) {
    Budget budget(1000, 100);
    budget.throttled(start, asked);
    CHECK(budget.earliest(start, Use::sync) == start + closed);
  }
}

TEST_CASE("after a 429 the limit halves until an hour has passed without one") {
  Budget budget(20, 0);
  budget.throttled(start, 1s);
  Timestamp now = start + 2s;
  for (int n = 0; n < 10; ++n) {
    CHECK(budget.earliest(now, Use::sync) == now);
    budget.spend(now);
  }
  budget.succeeded();
  CHECK(budget.earliest(now, Use::sync) == start + 1h);
  now = start + 1h;
  CHECK(budget.earliest(now, Use::sync) == now);
}

TEST_CASE("a restart does not forget what was spent") {
  const std::int64_t minute =
      std::chrono::floor<std::chrono::minutes>(start).time_since_epoch().count();
  Budget budget(10, 0);
  const std::vector<BudgetMinute> stored = {{minute - 70, 900}, {minute, 4}, {minute - 30, 6}};
  budget.load(stored);
  CHECK(budget.used(start) == 10);
  CHECK(budget.earliest(start, Use::sync) > start);
}

TEST_CASE("a clock set back holds up for two hours at the most") {
  const auto jump = GENERATE(1min, 59min, 60min, 61min, 120min, 525600min * 10);
  Budget budget(10, 0);
  for (int n = 0; n < 10; ++n) budget.spend(start);
  budget.throttled(start, 3600s);
  const Timestamp now = start - jump;
  CHECK(budget.earliest(now, Use::sync) - now <= 2h + 2min);
}

TEST_CASE("a clock set forward opens at once") {
  Budget budget(10, 0);
  for (int n = 0; n < 10; ++n) budget.spend(start);
  budget.throttled(start, 3600s);
  const Timestamp now = start + std::chrono::years(10);
  CHECK(budget.earliest(now, Use::sync) == now);
}

}  // namespace
