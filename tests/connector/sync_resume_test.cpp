// Goal: a sync that is killed anywhere goes on where it was, under its id, and ends as if nothing
// had happened; a stop is polite (promise P2; T-01, T-02, T-17). Method: the database dies in the
// middle of a random write, before or after it is committed; a new service starts on what was
// committed.
#include "storage/collection_store.hpp"
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"

#include <iostream>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using storage::SyncMode;
using storage::SyncResult;
using storage::SyncState;

namespace {

simulator::WorldOptions long_lists() {
  simulator::WorldOptions options;
  options.people = 12;
  options.repositories = 4;
  options.pull_requests = 300;
  return options;
}

/// How often each target was asked for, beyond once.
std::size_t asked_again(SyncLab& lab) {
  std::map<std::string, std::size_t> targets;
  for (const simulator::LogEntry& entry : lab.bitbucket().log()) ++targets[entry.request.target];
  std::size_t again = 0;
  for (const auto& [target, count] : targets) again = std::max(again, count - 1);
  return again;
}

/// Requests of a partition's stream that were asked for more than once, by path.
std::map<std::string, std::size_t> repeated_pages(SyncLab& lab) {
  std::map<std::string, std::size_t> targets;
  for (const simulator::LogEntry& entry : lab.bitbucket().log()) ++targets[entry.request.target];
  std::map<std::string, std::size_t> paths;
  for (const auto& [target, count] : targets) {
    paths[target.substr(0, target.find('?'))] += count - 1;
  }
  return paths;
}

}  // namespace

TEST_CASE("a sync that is killed resumes and fetches at most one page of a partition again",
          "[sync]") {
  SyncLab undisturbed(long_lists());
  const std::string calm = undisturbed.add_source();
  undisturbed.start();
  const storage::Sync whole = undisturbed.run_sync(calm);
  REQUIRE(whole.result == SyncResult::succeeded);
  const auto wanted = undisturbed.stored(calm);
  const std::int64_t writes = undisturbed.database().writes();

  SeededRandom dice(7);
  std::size_t kills = 0;
  for (int round = 0; round < 50; ++round) {
    SyncLab lab(long_lists());
    const std::string source = lab.add_source();
    const std::string id = lab.queue(source);
    const auto n = static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(writes))) + 1;
    const bool committed = dice.below(2) == 0;
    INFO("killed at write " << n << (committed ? ", committed" : ""));
    lab.database().die_at_write(n, committed);
    lab.start();
    lab.run_until([&] { return lab.database().dead(); }, 1h);
    kills += lab.database().dead() ? 1 : 0;
    lab.stop();
    lab.database().revive();
    lab.start();
    const storage::Sync sync = lab.run_to_end(id);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::succeeded);
    CHECK(sync.id == id);
    CHECK(lab.differences(source) == nothing);
    CHECK(lab.stored(source).size() == wanted.size());
    for (const auto& [path, count] : repeated_pages(lab)) {
      INFO(path << " asked again " << count << " times");
      CHECK(count <= 1);
    }
    for (const storage::SyncStream& row : sync.streams) CHECK(row.complete);
  }
  std::cout << kills << " kills in 50 syncs of " << writes << " writes\n";
  CHECK(kills >= 45);
}

TEST_CASE("a sync that is killed again and again still ends", "[sync]") {
  SyncLab lab(long_lists());
  const std::string source = lab.add_source();
  const std::string id = lab.queue(source);
  int lives = 0;
  for (; lives < 100; ++lives) {
    lab.database().die_at_write(12, lives % 2 == 0);
    lab.start();
    lab.run_until([&] { return lab.database().dead(); }, 10min);
    const bool killed = lab.database().dead();
    lab.stop();
    lab.database().revive();
    if (!killed) break;
  }
  const storage::Sync sync = lab.sync(id);
  INFO(describe(sync) << lives << " lives");
  CHECK(lives >= 5);
  CHECK(sync.result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a stop ends at the page boundary and the sync goes on after the restart", "[sync]") {
  SyncLab lab(long_lists());
  const std::string source = lab.add_source();
  lab.start();
  const std::string id = lab.queue(source);
  REQUIRE(lab.run_until([&] { return lab.requests() >= 8; }, 1h));
  const SteadyTime before = lab.clock().steady();
  lab.stop();
  CHECK(lab.clock().steady() - before <= 1s);
  CHECK(lab.sync(id).state == SyncState::running);
  lab.start();
  const storage::Sync sync = lab.run_to_end(id);
  CHECK(sync.result == SyncResult::succeeded);
  CHECK(asked_again(lab) == 0);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a stop does not wait for an answer that does not come", "[sync]") {
  SyncLab lab(long_lists());
  const std::string source = lab.add_source();
  simulator::Fault silence;
  silence.kind = simulator::FaultKind::never;
  silence.path = "/2.0/repositories/";
  silence.first = 4;
  lab.bitbucket().add_fault(silence);
  lab.start();
  const std::string id = lab.queue(source);
  REQUIRE(lab.run_until([&] { return lab.requests() >= 10; }, 1h));
  const SteadyTime before = lab.clock().steady();
  lab.stop();
  CHECK(lab.clock().steady() - before <= 4s);
  lab.start();
  CHECK(lab.run_to_end(id).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a database that cannot be written for a while only delays a sync", "[sync]") {
  SyncLab lab(long_lists());
  const std::string source = lab.add_source();
  lab.database().die_at_write(20, false);
  lab.start();
  const std::string id = lab.queue(source);
  REQUIRE(lab.run_until([&] { return lab.database().dead(); }, 1h));
  lab.run_for(60s);
  lab.database().revive();
  const storage::Sync sync = lab.run_to_end(id);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  CHECK(asked_again(lab) == 0);
  CHECK(lab.differences(source) == nothing);
}
