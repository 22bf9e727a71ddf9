// Goal: of each expiry the right thresholds are announced, each once. Method: the pure functions,
// by script.
#include "connector/expiry.hpp"

#include "tests/catch.hpp"

#include <random>

using namespace evidenced;
using namespace evidenced::connector;
using namespace std::chrono_literals;
using storage::ExpiryNotice;

namespace {

const Timestamp expires_at{1'800'000'000s};
using Days = std::chrono::days;

/// What is announced when somebody looks at these moments (before the expiry), one after another.
std::vector<int> announced(const std::vector<std::chrono::milliseconds>& before) {
  std::vector<ExpiryNotice> given;
  std::vector<int> thresholds;
  for (const auto left : before) {
    const auto due = due_notice(expires_at, expires_at - left, given);
    if (!due) continue;
    given.push_back({*due, expires_at - left});
    thresholds.push_back(*due);
  }
  return thresholds;
}

}  // namespace

TEST_CASE("days left are whole days, rounded down") {
  CHECK(days_left(expires_at, expires_at - 24h) == 1);
  CHECK(days_left(expires_at, expires_at - 24h + 1ms) == 0);
  CHECK(days_left(expires_at, expires_at) == 0);
  CHECK(days_left(expires_at, expires_at + 1ms) == -1);
}

TEST_CASE("a credential is ok until 30 days are left, and expired from its date on") {
  CHECK(expiry_state(expires_at, expires_at - Days(30) - 1ms) == "ok");
  CHECK(expiry_state(expires_at, expires_at - Days(30)) == "expiring");
  CHECK(expiry_state(expires_at, expires_at - 1ms) == "expiring");
  CHECK(expiry_state(expires_at, expires_at) == "expired");
}

TEST_CASE("each threshold is announced from the moment on at which it is reached, once") {
  for (const int threshold : expiry_thresholds) {
    const std::chrono::milliseconds at = Days(threshold);
    CHECK(announced({at, at - 1ms, at}) == std::vector<int>{threshold});
  }
  CHECK(announced({Days(30) + 1ms}).empty());
  std::vector<std::chrono::milliseconds> hours;
  for (int hour = 365 * 24; hour >= -48; --hour) hours.emplace_back(std::chrono::hours(hour));
  CHECK(announced(hours) == std::vector<int>{30, 14, 7, 3, 1, 0});
}

TEST_CASE("who sleeps over several thresholds is told of the nearest") {
  CHECK(announced({Days(40), Days(5), Days(4)}) == std::vector<int>{7});
  CHECK(announced({Days(40), -Days(5), -Days(6)}) == std::vector<int>{0});
  CHECK(announced({Days(29), Days(2), Days(1)}) == std::vector<int>{30, 3, 1});
}

TEST_CASE("a clock that goes back repeats nothing, and one that was far ahead hides nothing") {
  CHECK(announced({Days(7), Days(7) + 1h, Days(7) + 23h, Days(7)}) == std::vector<int>{7});
  CHECK(announced({-Days(3650), Days(200), Days(30), Days(14), Days(7), Days(3), Days(1), 0h}) ==
        std::vector<int>{0, 30, 14, 7, 3, 1});
}

TEST_CASE("whatever a clock does, no threshold is announced twice") {
  std::mt19937 engine(1);
  for (int life = 0; life < 500; ++life) {
    std::vector<std::chrono::milliseconds> moments;
    moments.reserve(60);
    for (int look = 0; look < 60; ++look) {
      moments.push_back(std::chrono::hours(static_cast<int>(engine() % 1200) - 100));
    }
    std::vector<int> thresholds = announced(moments);
    std::ranges::sort(thresholds);
    CHECK(std::ranges::adjacent_find(thresholds) == thresholds.end());
  }
}

TEST_CASE("the next notice is the next threshold that will be announced") {
  const auto next = [](std::chrono::milliseconds left, std::vector<ExpiryNotice> given) {
    const auto found = next_notice(expires_at, expires_at - left, given);
    if (found) CHECK(found->at == expires_at - Days(found->threshold_days));
    return found ? found->threshold_days : -1;
  };
  CHECK(next(Days(200), {}) == 30);
  CHECK(next(Days(30), {{30, expires_at - Days(30)}}) == 14);
  CHECK(next(Days(5), {{7, expires_at - Days(6)}}) == 3);
  CHECK(next(1h, {{1, expires_at - 2h}}) == 0);
  CHECK(next(0h, {}) == -1);
  CHECK(next(Days(8), {{7, expires_at - Days(8)}}) == 3);
}
