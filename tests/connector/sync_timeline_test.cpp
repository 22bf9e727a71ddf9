// Goal: a sync tells when each stream was asked, how often again, and how long its requests waited,
// and an interruption loses none of it.
// Method: refusals, failures, small budgets and restarts on virtual time.
#include "connector/sync/timeline.hpp"
#include "tests/catch.hpp"
#include "tests/connector/sync_access.hpp"
#include "tests/connector/sync_faults.hpp"

#include <algorithm>

using namespace evidenced;
using namespace evidenced::connector;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using simulator::Fault;
using storage::SyncResult;
using storage::SyncStream;

namespace {

std::chrono::milliseconds waited(const storage::Sync& sync) {
  std::int64_t sum = 0;
  for (const SyncStream& row : sync.streams) sum += row.waited_milliseconds;
  return std::chrono::milliseconds(sum);
}

std::int64_t retries(const storage::Sync& sync) {
  std::int64_t sum = 0;
  for (const SyncStream& row : sync.streams) sum += row.retries;
  return sum;
}

/// Each stream lies within the sync, and its waits within the stream.
void check_order(const storage::Sync& sync) {
  for (const SyncStream& row : sync.streams) {
    INFO(row.name);
    CHECK(row.started_at.has_value() == row.finished_at.has_value());
    CHECK((row.requests == 0 || row.started_at.has_value()));
    if (!row.started_at) continue;
    CHECK(*row.started_at >= *sync.started_at);
    CHECK(*row.finished_at <= *sync.finished_at);
    const auto took = *row.finished_at - *row.started_at;
    CHECK(std::chrono::milliseconds(row.waited_milliseconds) <= took);
  }
}

}  // namespace

TEST_CASE("waits beside each other count once, and what goes on counts already", "[sync]") {
  simulator::VirtualClock clock{Timestamp{}};
  WaitMeter meter(500ms);
  {
    const WaitMeter::Wait one(&meter, clock);
    clock.advance(10s);
    {
      const WaitMeter::Wait two(&meter, clock);
      clock.advance(10s);
    }
    clock.advance(5s);
    CHECK(meter.waited(clock.steady()) == 25500ms);
  }
  clock.advance(1h);
  CHECK(meter.waited(clock.steady()) == 25500ms);
}

TEST_CASE("a stream that was asked is restored, one that never was stays without times", "[sync]") {
  simulator::VirtualClock clock{Timestamp(24h)};
  Timeline timeline(clock);
  SyncStream before;
  before.name = "project";
  before.retries = 2;
  before.waited_milliseconds = 4000;
  before.started_at = Timestamp(23h);
  timeline.restore(before);
  {
    Timeline::Request request(timeline, "project");
    request.sent(0);
    request.sent(3);
    request.sent(1);
    const WaitMeter::Wait wait(&request.waits(), clock);
    clock.advance(1500ms);
  }
  timeline.write(before);
  CHECK(before.started_at == Timestamp(23h));
  CHECK(before.finished_at == Timestamp(24h) + 1500ms);
  CHECK(before.retries == 2 + 3);
  CHECK(before.waited_milliseconds == 5500);
  SyncStream other;
  other.name = "commit";
  timeline.write(other);
  CHECK_FALSE(other.started_at);
  CHECK_FALSE(other.finished_at);
  CHECK(other.waited_milliseconds == 0);
}

TEST_CASE("429s are retries, and the time until the budget opens is waited", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  Fault storm = answer(429, "Rate limit for this resource has been exceeded", "/2.0/repositories/");
  storm.contains = "/branch-restrictions";
  storm.count = 2;
  lab.bitbucket().add_fault(storm);
  lab.settings().connector.account_concurrency = 1;
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  REQUIRE(sync.result == SyncResult::succeeded);
  check_order(sync);
  // 60 s, then 120 s.
  const SyncStream row = stream(sync, "branch_restriction");
  CHECK(row.retries == 2);
  CHECK(row.requests == 2 + 2);
  CHECK(row.waited_milliseconds >= 180'000);
  CHECK(row.waited_milliseconds <= 181'000);
  CHECK(retries(sync) == 2);
  CHECK(waited(sync) == std::chrono::milliseconds(row.waited_milliseconds));
  CHECK(*stream(sync, "repository").finished_at <= *row.started_at);
}

TEST_CASE("attempts after failures are retries, and the time between them is waited", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  Fault down = answer(503, "", "/2.0/repositories/");
  down.contains = "/branch-restrictions";
  down.count = 3;
  lab.bitbucket().add_fault(down);
  lab.settings().connector.account_concurrency = 1;
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  REQUIRE(sync.result == SyncResult::succeeded);
  check_order(sync);
  const SyncStream row = stream(sync, "branch_restriction");
  CHECK(row.retries == 3);
  CHECK(row.requests == 2 + 3);
  CHECK(row.waited_milliseconds > 0);
  CHECK(row.waited_milliseconds <= 1000 + 2000 + 4000);
  CHECK(waited(sync) == std::chrono::milliseconds(row.waited_milliseconds));
}

TEST_CASE("a request that is put to the test by a 401 waits, and is asked again", "[sync]") {
  SyncLab lab(six_repositories());
  const std::string source = lab.add_source();
  Fault once = fault(simulator::FaultKind::unauthorized, "/2.0/repositories/", 1);
  once.contains = "/branch-restrictions";
  once.count = 1;
  lab.bitbucket().add_fault(once);
  lab.settings().connector.account_concurrency = 1;
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  const SyncStream row = stream(sync, "branch_restriction");
  CHECK(row.retries == 1);
  CHECK(row.requests == 6 + 1);
  CHECK(row.waited_milliseconds >= 60'000);
  CHECK(row.waited_milliseconds <= 61'000);
  check_order(sync);
}

TEST_CASE("waits for the budget count whole, through polite stops and kills in their middle",
          "[sync]") {
  simulator::WorldOptions options = small();
  options.repositories = 20;
  SyncLab lab(options);
  lab.settings().connector.requests_per_hour = 40;
  lab.settings().connector.requests_reserve = 4;
  const std::string source = lab.add_source();
  lab.start();
  const std::string id = lab.queue(source);
  REQUIRE(lab.run_until([&] { return lab.sync(id).waiting_until.has_value(); }, 1h));

  const std::map<std::string, RequestBudget> budgets = lab.service().budgets();
  REQUIRE(budgets.contains(id));
  CHECK(budgets.at(id).used == 36);
  CHECK(budgets.at(id).limit == 40);
  CHECK(budgets.at(id).reserve == 4);

  lab.run_for(20min);
  SECTION("uninterrupted") {}
  SECTION("a stop keeps what was waited until then") {
    lab.stop();
    const storage::Sync kept = lab.sync(id);
    CHECK(waited(kept) >= 20min);
    CHECK(waited(kept) <= lab.clock().now() - *kept.started_at);
    lab.start();
  }
  SECTION("a kill loses no more than the last wait") {
    lab.database().die_at_write(1, false);
    lab.stop();
    lab.database().revive();
    lab.start();
  }
  const storage::Sync sync = lab.run_to_end(id);
  INFO(describe(sync));
  REQUIRE(sync.result == SyncResult::succeeded);
  CHECK(lab.service().budgets().empty());
  const auto took = *sync.finished_at - *sync.started_at;
  REQUIRE(took >= 2h);
  check_order(sync);
  CHECK(waited(sync) <= took);
  CHECK(waited(sync) >= took - 20min - 2min);
}
