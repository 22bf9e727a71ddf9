// Goal: every source runs at its own moment of the interval, once, whatever the clock does
// (T-65, T-68).
// Method: days of virtual time; the wall clock is set while they pass.
#include "connector/sync/schedule.hpp"
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"

#include <array>
#include <set>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using connector::appointment;
using connector::last_slot;
using connector::next_slot;
using connector::phase_of;
using connector::rotation_due;
using storage::SourceState;
using storage::SyncState;
using storage::SyncTrigger;

namespace {

simulator::WorldOptions least_world() {
  simulator::WorldOptions options;
  options.people = 3;
  options.projects = 1;
  options.repositories = 1;
  options.pull_requests = 2;
  options.restrictions = 1;
  return options;
}

SourceOptions hourly() {
  SourceOptions options;
  options.scheduled = true;
  return options;
}

const Timestamp noon{std::chrono::milliseconds(1795521600000)};

}  // namespace

TEST_CASE("phases are stable and evenly spread", "[sync]") {
  std::array<int, 20> bins{};
  for (int i = 0; i < 4000; ++i) {
    const std::string id = "src_" + std::to_string(i);
    CHECK(phase_of(id, 1h) == phase_of(id, 1h));
    ++bins[static_cast<std::size_t>(phase_of(id, 1h) / 3min)];
  }
  double chi_squared = 0;
  for (const int count : bins) chi_squared += (count - 200.0) * (count - 200.0) / 200.0;
  CHECK(chi_squared < 36.2);  // 19 degrees of freedom, p = 0.01
}

TEST_CASE("slots are an interval apart and on both sides of now", "[sync]") {
  for (const char* id : {"src_a", "src_b", "src_c"}) {
    const Timestamp last = last_slot(id, 1h, noon);
    CHECK(last <= noon);
    CHECK(noon - last < 1h);
    CHECK(next_slot(id, 1h, noon) == last + 1h);
    CHECK(last_slot(id, 1h, last) == last);
    CHECK(last_slot(id, 1h, last - 1ms) == last - 1h);
    CHECK(last_slot(id, 1h, Timestamp{} - 24h) <= Timestamp{} - 24h);
  }
}

TEST_CASE("an appointment that is too far away is made anew", "[sync]") {
  CHECK(appointment("src_a", 1h, noon + 30min, noon) == noon + 30min);
  CHECK(appointment("src_a", 1h, noon - 48h, noon) == noon - 48h);
  CHECK(appointment("src_a", 1h, noon + 2h, noon) == next_slot("src_a", 1h, noon));
  CHECK(appointment("src_a", 1h, std::nullopt, noon) == next_slot("src_a", 1h, noon));
}

TEST_CASE("a rotation comes round once a day", "[sync]") {
  for (int i = 0; i < 50; ++i) {
    const std::string id = "{repository " + std::to_string(i) + "}";
    std::optional<Timestamp> visited = noon;
    int visits = 0;
    for (int hour = 1; hour <= 72; ++hour) {
      if (!rotation_due(id, 24h, visited, noon + hour * 1h)) continue;
      ++visits;
      visited = noon + hour * 1h;
    }
    CHECK(visits == 3);
  }
  CHECK(rotation_due("x", 24h, std::nullopt, noon));
  CHECK(rotation_due("x", 24h, noon + 9000h, noon));
}

TEST_CASE("an hourly source runs once an hour, at its moment", "[sync]") {
  SyncLab lab(least_world());
  const std::string source = lab.add_source(hourly());
  lab.start();
  lab.run_for(72h);
  const auto syncs = lab.syncs(source);
  CHECK(syncs.size() >= 72);
  CHECK(syncs.size() <= 73);
  for (std::size_t i = 0; i + 1 < syncs.size(); ++i) {
    CHECK(syncs[i].trigger == SyncTrigger::schedule);
    const auto late = syncs[i].queued_at - last_slot(source, 1h, syncs[i].queued_at);
    CHECK(late < 2s);
    CHECK(syncs[i].result == storage::SyncResult::succeeded);
  }
  CHECK(*lab.source(source).next_run_at > lab.clock().now());
}

TEST_CASE("after a night without a daemon one sync catches up", "[sync]") {
  SyncLab lab(least_world());
  const std::string source = lab.add_source(hourly());
  lab.start();
  lab.run_for(5h);
  const std::size_t before = lab.syncs(source).size();
  lab.stop();
  lab.clock().turning().advance(10h);
  lab.start();
  lab.run_for(1s);
  CHECK(lab.syncs(source).size() == before + 1);
  lab.run_for(3h);
  CHECK(lab.syncs(source).size() >= before + 4 - 1);
  CHECK(lab.syncs(source).size() <= before + 4);
}

TEST_CASE("a clock that jumps costs at most one sync and keeps the rhythm", "[sync]") {
  const std::chrono::hours jump =
      GENERATE(as<std::chrono::hours>{}, std::chrono::hours(1), std::chrono::hours(-1),
               std::chrono::hours(87600), std::chrono::hours(-87600));
  SyncLab lab(least_world());
  const std::string source = lab.add_source(hourly());
  lab.start();
  lab.run_for(4h);
  const std::size_t some = lab.syncs(source).size();
  while (lab.syncs(source).size() == some) lab.run_for(1min);
  lab.run_for(20min);
  const std::size_t before = lab.syncs(source).size();
  lab.clock().jump(jump);
  lab.run_for(2min);
  INFO("jump of " << jump.count() << " hours");
  CHECK(lab.syncs(source).size() <= before + 1);
  lab.run_for(10h);
  CHECK(lab.syncs(source).size() >= before + 9);
  CHECK(lab.syncs(source).size() <= before + 12);
}

TEST_CASE(
    "paused and deleted sources are left alone, one with a dead credential but for a question",
    "[sync]") {
  const SourceState state =
      GENERATE(SourceState::paused, SourceState::deleted, SourceState::needs_credential);
  SyncLab lab(least_world());
  lab.token().revoked = true;
  const std::string source = lab.add_source(hourly());
  lab.change_source(source, [&](storage::Source& s) { s.state = state; });
  lab.start();
  lab.run_for(5h);
  CHECK(lab.syncs(source).empty());
  CHECK(lab.requests() <= (state == SourceState::needs_credential ? 6 : 0));
}

TEST_CASE("wishes for a sync of a source are gathered in one, and one runs at a time", "[sync]") {
  SyncLab lab(least_world());
  const std::string source = lab.add_source();
  lab.start();
  const std::string first = lab.queue(source);
  REQUIRE(lab.run_until([&] { return lab.requests() >= 2; }, 1min));
  const std::string second = lab.queue(source);
  const std::string third = lab.queue(source, storage::SyncMode::full);
  CHECK(second != first);
  CHECK(third == second);
  CHECK(lab.sync(second).state == SyncState::queued);
  lab.run_to_end(second);
  CHECK(lab.sync(second).mode == storage::SyncMode::full);
  CHECK(*lab.sync(second).started_at >= *lab.sync(first).finished_at);
}

TEST_CASE("who waits for a change is told at once, at the deadline, and at the end", "[sync]") {
  SyncLab lab(least_world());
  const std::string source = lab.add_source();
  lab.start();
  const std::string id = lab.queue(source);
  const std::int64_t version = lab.sync(id).version;
  const auto wait = [&](const std::string& sync_id, std::uint64_t since) {
    const SteadyTime before = lab.clock().steady();
    lab.run(lab.service().wait_for_change(sync_id, since, 30s));
    return lab.clock().steady() - before;
  };
  const std::uint64_t early = lab.service().changes();
  wait(id, early);
  CHECK(lab.sync(id).version > version);
  CHECK(lab.service().changes() > early);
  CHECK(wait(id, early) == 0s);
  CHECK(wait("", lab.service().changes()) < 30s);
  lab.run_to_end(id);
  const auto quiet = wait(id, lab.service().changes());
  CHECK(quiet >= 30s);
  CHECK(quiet < 31s);
}

TEST_CASE("a herd that is due at once is served with a few syncs at a time", "[sync]") {
  SyncLab lab(least_world());
  std::vector<std::string> sources;
  for (int i = 0; i < 60; ++i) sources.push_back(lab.add_source(hourly()));
  lab.settings().connector.requests_per_hour = 300;
  lab.start();
  lab.run_for(12h);
  const std::string account = lab.world().people[0].uuid;
  CHECK(lab.busiest_hour(account, "other") <= 200);
  CHECK(lab.busiest_hour(account, "repositories") <= 200);
  for (const std::string& source : sources) {
    const auto syncs = lab.syncs(source);
    REQUIRE_FALSE(syncs.empty());
    CHECK(syncs.back().result == storage::SyncResult::succeeded);
  }
}
