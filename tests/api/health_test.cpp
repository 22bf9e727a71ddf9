// Goal: the one word for a source is right at each boundary. Method: the pure function alone.
#include "api/sources/health.hpp"

#include "tests/catch.hpp"

using namespace evidenced;
using namespace evidenced::api;
using namespace std::chrono_literals;
using storage::SourceState;
using storage::StreamState;
using storage::Sync;
using storage::SyncResult;
using storage::SyncState;

namespace {

const Timestamp now = Timestamp(1'795'000'000s);

Sync done(SyncResult result) {
  Sync sync;
  sync.state = SyncState::done;
  sync.result = result;
  return sync;
}

Sync with_stream(SyncResult result, StreamState state, const std::string& code) {
  Sync sync = done(result);
  sync.streams.push_back({});
  sync.streams[0].name = "project";
  sync.streams[0].state = state;
  sync.streams[0].error = storage::StoredError{code, "", {}, 1};
  return sync;
}

SourceFacts after(const Sync& sync, std::optional<Timestamp> success) {
  SourceFacts facts;
  facts.interval = 1h;
  facts.latest = sync;
  facts.latest_done = sync;
  facts.last_success = success;
  return facts;
}

std::string word(const SourceFacts& facts) {
  return std::string(health_of(facts, now).status);
}

}  // namespace

TEST_CASE("late begins a moment after two intervals") {
  const Sync good = done(SyncResult::succeeded);
  CHECK(word(after(good, now - 2h)) == "healthy");
  CHECK(word(after(good, now - 2h - 1ms)) == "late");
  CHECK(health_of(after(good, now), now).reason.empty());
}

TEST_CASE("before the first end a source is pending, while one runs it is syncing") {
  SourceFacts facts;
  CHECK(word(facts) == "pending");
  facts.latest = Sync{};
  CHECK(word(facts) == "syncing");
  facts = after(done(SyncResult::succeeded), now - 1h);
  facts.latest->state = SyncState::running;
  CHECK(word(facts) == "syncing");
  facts.last_success = now - 3h;
  CHECK(word(facts) == "late");
  CHECK(word(after(done(SyncResult::cancelled), std::nullopt)) == "pending");
}

TEST_CASE("a failure that time mends is failing, one that a person mends asks for action") {
  const auto failed = [](const std::string& code) {
    Sync sync = done(SyncResult::failed);
    sync.error = storage::StoredError{code, "", {}, 0};
    return word(after(sync, now - 1h));
  };
  CHECK(failed("upstream.timeout") == "failing");
  CHECK(failed("upstream.unavailable") == "failing");
  CHECK(failed("credential.expired_or_revoked") == "action_required");
  CHECK(failed("credential.undecryptable") == "action_required");
  CHECK(failed("workspace.not_visible") == "action_required");
}

TEST_CASE("a partial sync stays healthy until it is late, unless a person must act") {
  const auto partial = [](StreamState state, const std::string& code,
                          std::optional<Timestamp> success) {
    return word(after(with_stream(SyncResult::partial, state, code), success));
  };
  CHECK(partial(StreamState::failed, "upstream.timeout", now - 1h) == "healthy");
  CHECK(partial(StreamState::failed, "upstream.timeout", now - 3h) == "late");
  CHECK(partial(StreamState::failed, "upstream.timeout", std::nullopt) == "failing");
  CHECK(partial(StreamState::failed, "stream.forbidden", now - 1h) == "action_required");
  CHECK(partial(StreamState::failed, "stream.suspicious_drop", now - 1h) == "action_required");
  // A known gap is told by coverage; nobody is called for it.
  CHECK(partial(StreamState::unavailable, "credential.scope_missing", now - 1h) == "healthy");
  // What was readable until this sync is no known gap yet.
  Sync lost = with_stream(SyncResult::partial, StreamState::unavailable, "stream.not_found");
  lost.streams.front().partitions_lost = 1;
  CHECK(word(after(lost, now - 1h)) == "action_required");
}

TEST_CASE("paused wins over everything, a refused credential over all the rest") {
  SourceFacts facts = after(done(SyncResult::succeeded), now);
  facts.state = SourceState::paused;
  CHECK(word(facts) == "paused");
  facts.state = SourceState::deleted;
  CHECK(word(facts) == "paused");
  facts.state = SourceState::needs_credential;
  CHECK(word(facts) == "action_required");
  facts.state = SourceState::active;
  facts.token_expires_at = now;
  CHECK(word(facts) == "action_required");
  facts.token_expires_at = now + 1ms;
  CHECK(word(facts) == "healthy");
}

TEST_CASE("a credential newer than the sync that failed asks for no action") {
  Sync sync = done(SyncResult::failed);
  sync.error = storage::StoredError{"credential.expired_or_revoked", "", {}, 0};
  sync.started_at = now - 1h;
  SourceFacts facts = after(sync, now - 1h);
  facts.credential_since = now - 2h;
  CHECK(word(facts) == "action_required");
  facts.credential_since = now - 1min;
  CHECK(word(facts) == "failing");
}
