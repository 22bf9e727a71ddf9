// Goal: a hint is kept until a sync has looked, and costs no more looks than it must. Method: real
// rows; the clock is a number.
#include "storage/hint_store.hpp"
#include "storage/sync_store.hpp"
#include "tests/storage/store.hpp"

namespace evidenced::storage::tests {

namespace {

using namespace std::chrono_literals;

class Hints : public Store {
 public:
  bool add(const std::string& stream, const std::string& repository = "{r}") {
    const Hint hint{source_id, stream, repository};
    return write([&](Connection& c) { return add_hint(c, tenant, hint, now); });
  }
  bool due() {
    return !read([&](Connection& c) { return hinted_sources(c, now); }).empty();
  }
  std::optional<Timestamp> next() {
    return read([&](Connection& c) { return next_hint(c); });
  }
  Enqueued ask(SyncTrigger trigger, std::vector<std::string> streams = {}) {
    const SyncRequest request{.source_id = source_id,
                              .mode = SyncMode::incremental,
                              .trigger = trigger,
                              .only_streams = std::move(streams)};
    return write([&](Connection& c) { return enqueue_sync(c, tenant, request, now, random); });
  }
  OwnedSync claim() {
    auto claimed = write([&](Connection& c) { return claim_sync(c, now); });
    REQUIRE(claimed.has_value());
    return std::move(*claimed);
  }
  void end(Sync sync, bool looked = true) {
    sync.state = SyncState::done;
    sync.result = looked ? SyncResult::succeeded : SyncResult::failed;
    sync.finished_at = now;
    write([&](Connection& c) {
      save_sync(c, tenant, sync);
      settle_hints(c, sync.id, looked, now);
    });
  }

  Timestamp now = at(0);
};

}  // namespace

TEST_CASE("a hint waits a moment for others, and is told once") {
  Hints hints;
  CHECK(hints.add("pull_request"));
  CHECK_FALSE(hints.add("pull_request"));
  CHECK(hints.add("pull_request", "{other}"));
  CHECK_FALSE(hints.due());
  CHECK(hints.next() == hints.now + hint_settles);
  hints.now += hint_settles;
  CHECK(hints.due());
  hints.ask(SyncTrigger::hook);
  CHECK_FALSE(hints.due());  // a sync is on its way
  CHECK_FALSE(hints.next().has_value());
  hints.add("commit");
  const OwnedSync claimed = hints.claim();
  CHECK(claimed.hints.size() == 3);
  CHECK(claimed.sync.only_streams == std::vector<std::string>{"commit", "pull_request"});
  hints.end(claimed.sync);
  CHECK_FALSE(hints.next().has_value());
}

TEST_CASE("what was just looked at is looked at again after a while, not at once") {
  Hints hints;
  hints.add("pull_request");
  hints.now += 2s;
  hints.ask(SyncTrigger::hook);
  const OwnedSync first = hints.claim();
  const Timestamp looked = hints.now;
  hints.now += 1s;
  CHECK(hints.add("pull_request"));
  CHECK(hints.next() == looked + hint_spacing);
  hints.end(first.sync);
  hints.add("commit");
  hints.now += 2s;
  hints.ask(SyncTrigger::hook);
  const OwnedSync second = hints.claim();
  REQUIRE(second.hints.size() == 1);
  CHECK(second.hints[0].stream == "commit");
  hints.end(second.sync);
  CHECK(hints.next() == looked + hint_spacing);
}

TEST_CASE("a clock that went back keeps no hint waiting") {
  Hints hints;
  hints.add("pull_request");
  hints.now += 2s;
  hints.ask(SyncTrigger::hook);
  hints.end(hints.claim().sync);
  hints.now -= 240h;
  CHECK(hints.add("pull_request"));
  CHECK(hints.next() == hints.now + hint_settles);
  hints.now -= 240h;
  CHECK(hints.due());
}

TEST_CASE("a sync that did not get to look gives its hints back, for later") {
  Hints hints;
  hints.add("pull_request");
  hints.now += 2s;
  hints.ask(SyncTrigger::hook);
  hints.end(hints.claim().sync, false);
  CHECK(hints.next() == hints.now + hint_retry);
}

TEST_CASE("an interrupted sync goes on with its hints, and takes no others") {
  Hints hints;
  hints.add("pull_request");
  hints.now += 2s;
  hints.ask(SyncTrigger::hook);
  const std::string id = hints.claim().sync.id;
  hints.write([](Connection& c) { return requeue_running(c); });
  hints.now += 20s;
  hints.add("commit");
  hints.add("pull_request");
  hints.now += 1s;
  const OwnedSync again = hints.claim();
  CHECK(again.sync.id == id);
  REQUIRE(again.hints.size() == 1);
  CHECK(again.hints[0].stream == "pull_request");
  hints.end(again.sync);
  hints.now += 2s;
  hints.ask(SyncTrigger::hook);
  CHECK(hints.claim().hints.size() == 2);
}

TEST_CASE("whoever comes while a look at hints is queued takes its place and its hints") {
  Hints hints;
  hints.add("pull_request");
  hints.add("commit");
  hints.now += 2s;
  const std::string id = hints.ask(SyncTrigger::hook).sync.id;
  const std::string schedule = hints.ask(SyncTrigger::schedule, {"commit"}).sync.id;
  CHECK(schedule == id);
  CHECK_FALSE(hints.ask(SyncTrigger::hook).created);
  const OwnedSync claimed = hints.claim();
  CHECK(claimed.sync.trigger == SyncTrigger::schedule);
  CHECK(claimed.sync.only_streams == std::vector<std::string>{"commit"});
  REQUIRE(claimed.hints.size() == 1);
  CHECK(claimed.hints[0].stream == "commit");
  hints.end(claimed.sync);
  CHECK(hints.due());  // the other one still waits
}

TEST_CASE("what hints cost is told of an hour and an account") {
  Hints hints;
  hints.add("pull_request");
  hints.now += 2s;
  hints.ask(SyncTrigger::hook);
  Sync sync = hints.claim().sync;
  sync.requests_done = 7;
  hints.end(sync);
  const auto cost = [&](const std::string& account) {
    return hints.read(
        [&](Connection& c) { return requests_for_hints(c, account, hints.now - 1h); });
  };
  CHECK(cost("{account-src_1}") == 7);
  CHECK(cost("{another}") == 0);
  hints.now += 2h;
  CHECK(cost("{account-src_1}") == 0);
}

TEST_CASE("the state of a source is told by the syncs that looked at all of it") {
  Hints hints;
  const std::string whole = hints.ask(SyncTrigger::schedule).sync.id;
  hints.end(hints.claim().sync);
  hints.now += 1s;
  hints.ask(SyncTrigger::hook);
  hints.end(hints.claim().sync);
  hints.read([&](Connection& c) {
    CHECK(latest_sync(c, hints.tenant, hints.source_id, true)->id == whole);
    SyncFilter filter;
    CHECK(list_syncs(c, hints.tenant, filter).size() == 2);
    filter.with_hooks = false;
    CHECK(list_syncs(c, hints.tenant, filter).size() == 1);
  });
}

TEST_CASE("what has not been hinted at for long is forgotten, what waits is not") {
  Hints hints;
  hints.add("pull_request");
  hints.now += 2s;
  hints.ask(SyncTrigger::hook);
  hints.end(hints.claim().sync);
  hints.add("commit");
  hints.write([&](Connection& c) { forget_hints(c, hints.now + 1s); });
  CHECK(hints.number("SELECT count(*) FROM hook_hints") == 1);
}

}  // namespace evidenced::storage::tests
