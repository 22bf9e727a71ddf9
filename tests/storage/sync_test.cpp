// Goal: the queue of syncs starts what was asked for, once, in order; sources are listed by what
// they are. Method: real rows.
#include "storage/sync_store.hpp"
#include "storage/vault.hpp"
#include "tests/storage/walker.hpp"

namespace evidenced::storage::tests {

namespace {

class Queue : public Store {
 public:
  Enqueued ask(const std::string& source, SyncMode mode = SyncMode::incremental,
               std::vector<std::string> streams = {}, SyncTrigger trigger = SyncTrigger::api) {
    now_ += std::chrono::seconds(1);
    SyncRequest request{
        .source_id = source, .mode = mode, .trigger = trigger, .only_streams = std::move(streams)};
    return write([&](Connection& c) { return enqueue_sync(c, tenant, request, now_, random); });
  }
  std::optional<OwnedSync> claim(const std::vector<std::string>& busy = {}) {
    return write([&](Connection& c) { return claim_sync(c, now_, busy); });
  }
  void finish(Sync sync, SyncResult result = SyncResult::succeeded) {
    sync.state = SyncState::done;
    sync.result = result;
    sync.finished_at = now_;
    write([&](Connection& c) { save_sync(c, tenant, sync); });
  }
  Sync find(const std::string& id) {
    return read([&](Connection& c) { return find_sync(c, tenant, id); });
  }
  Result<Sync> cancel(const std::string& id) {
    return try_write([&](Connection& c) { return request_cancel(c, tenant, id, now_); });
  }
  void set_state(const std::string& source, SourceState state) {
    write([&](Connection& c) -> Result<Source> {
      Result<Source> found = find_source(c, tenant, source);
      found->state = state;
      return update_source(c, tenant, *found);
    });
  }

 private:
  Timestamp now_ = at(0);
};

}  // namespace

TEST_CASE("asking twice queues once, and the wider wish wins") {
  Queue queue;
  Enqueued first = queue.ask("src_1", SyncMode::incremental, {"repository"});
  CHECK(first.created);
  Enqueued second = queue.ask("src_1", SyncMode::incremental, {"project"});
  CHECK_FALSE(second.created);
  CHECK(second.sync.id == first.sync.id);
  CHECK(second.sync.only_streams == std::vector<std::string>{"repository", "project"});
  Enqueued third = queue.ask("src_1", SyncMode::full);
  CHECK(third.sync.id == first.sync.id);
  Sync stored = queue.find(first.sync.id);
  CHECK(stored.mode == SyncMode::full);
  CHECK(stored.only_streams.empty());
  CHECK(stored.version == 3);
  CHECK(queue.ask("src_1", SyncMode::incremental, {"project"}).sync.version == 3);

  // A new credential is a reason of its own: what was refused is asked for again.
  CHECK(queue.ask("src_1", SyncMode::incremental, {}, SyncTrigger::credential).sync.version == 4);
  CHECK(queue.find(first.sync.id).trigger == SyncTrigger::credential);
  CHECK(queue.ask("src_1", SyncMode::full).sync.trigger == SyncTrigger::credential);
}

TEST_CASE("a source runs one sync and queues one more") {
  Queue queue;
  queue.ask("src_1");
  std::optional<OwnedSync> running = queue.claim();
  REQUIRE(running.has_value());
  CHECK(running->sync.state == SyncState::running);
  CHECK(running->sync.started_at.has_value());
  Enqueued next = queue.ask("src_1");
  CHECK(next.created);
  CHECK_FALSE(queue.claim().has_value());
  queue.finish(running->sync);
  std::optional<OwnedSync> second = queue.claim();
  REQUIRE(second.has_value());
  CHECK(second->sync.id == next.sync.id);
}

TEST_CASE("syncs start in the order of the queue, past busy accounts and paused sources") {
  Queue queue;
  queue.add_source("src_2");
  queue.add_source("src_3");
  Sync first = queue.ask("src_1").sync;
  Sync second = queue.ask("src_2").sync;
  Sync third = queue.ask("src_3").sync;
  queue.set_state("src_2", SourceState::paused);
  CHECK(queue.claim({"{account-src_1}"})->sync.id == third.id);
  CHECK(queue.claim()->sync.id == first.id);
  CHECK_FALSE(queue.claim().has_value());
  queue.set_state("src_2", SourceState::active);
  CHECK(queue.claim()->sync.id == second.id);
}

TEST_CASE("an interrupted sync keeps its id, is queued again and goes first") {
  Queue queue;
  queue.ask("src_1");
  Sync running = queue.claim()->sync;
  Sync waiting = queue.ask("src_1").sync;
  CHECK(queue.write([&](Connection& c) { return requeue_running(c); }) == 1);
  Sync requeued = queue.find(running.id);
  CHECK(requeued.state == SyncState::queued);
  CHECK(requeued.started_at == running.started_at);
  CHECK(queue.ask("src_1").sync.id == waiting.id);
  std::optional<OwnedSync> resumed = queue.claim();
  REQUIRE(resumed.has_value());
  CHECK(resumed->sync.id == running.id);
  CHECK(resumed->sync.started_at == running.started_at);
}

TEST_CASE("cancelling ends a queued sync at once, asks a running one, refuses a finished one") {
  Queue queue;
  Sync queued = queue.ask("src_1").sync;
  Result<Sync> cancelled = queue.cancel(queued.id);
  REQUIRE(cancelled.has_value());
  CHECK(cancelled->state == SyncState::done);
  CHECK(cancelled->result == SyncResult::cancelled);
  CHECK(queue.cancel(queued.id).error().code == Code("sync.finished"));
  CHECK(queue.cancel("syn_none").error().code == Code("resource.not_found"));

  queue.ask("src_1");
  Sync running = queue.claim()->sync;
  CHECK(queue.cancel(running.id)->state == SyncState::running);
  queue.finish(running, SyncResult::cancelled);
  CHECK(queue.find(running.id).cancel_requested);
}

TEST_CASE("a runner that saves its progress learns of a cancel meanwhile") {
  Queue queue;
  queue.ask("src_1");
  Sync running = queue.claim()->sync;
  CHECK(queue.cancel(running.id).has_value());
  running.requests_done = 7;
  queue.write([&](Connection& c) { save_sync(c, queue.tenant, running); });
  CHECK(running.cancel_requested);
  CHECK(running.version == 4);
  CHECK(queue.find(running.id).requests_done == 7);
}

TEST_CASE("streams and errors of a sync are kept as they were") {
  Queue queue;
  queue.ask("src_1");
  Sync sync = queue.claim()->sync;
  SyncStream stream;
  stream.name = "repository";
  stream.state = StreamState::failed;
  stream.seen = 12;
  stream.retries = 3;
  stream.waited_milliseconds = 4567;
  stream.started_at = at(90);
  stream.finished_at = at(95);
  stream.error = StoredError{.code = "stream.forbidden",
                             .detail = "needs \"admin\"\n",
                             .scopes = {"read:repository:bitbucket"},
                             .partitions_failed = 2};
  sync.streams = {stream};
  sync.error = stream.error;
  sync.waiting_until = at(99);
  queue.write([&](Connection& c) { save_sync(c, queue.tenant, sync); });
  Sync found = queue.find(sync.id);
  REQUIRE(found.streams.size() == 1);
  CHECK(found.streams[0].state == StreamState::failed);
  CHECK(found.streams[0].seen == 12);
  CHECK(found.streams[0].created == 0);
  CHECK(found.streams[0].retries == 3);
  CHECK(found.streams[0].waited_milliseconds == 4567);
  CHECK(found.streams[0].started_at == at(90));
  CHECK(found.streams[0].finished_at == at(95));
  CHECK(found.streams[0].error->detail == "needs \"admin\"\n");
  CHECK(found.error->scopes == std::vector<std::string>{"read:repository:bitbucket"});
  CHECK(found.error->partitions_failed == 2);
  CHECK(found.waiting_until == at(99));
}

TEST_CASE("a sync of a version that kept no times reads as one that was never asked or waited") {
  Queue queue;
  queue.ask("src_1");
  const Sync sync = queue.claim()->sync;
  queue.write([&](Connection& c) {
    c.execute("UPDATE syncs SET streams = $2 WHERE id = $1",
              {sync.id, R"([{"name":"project","state":"complete","complete":true,"error":null,)"
                        R"("partitions_done":1,"partitions_total":1,"requests":2,"seen":0}])"});
  });
  const Sync found = queue.find(sync.id);
  REQUIRE(found.streams.size() == 1);
  CHECK(found.streams[0].requests == 2);
  CHECK(found.streams[0].retries == 0);
  CHECK(found.streams[0].waited_milliseconds == 0);
  CHECK_FALSE(found.streams[0].started_at);
  CHECK_FALSE(found.streams[0].finished_at);
}

TEST_CASE("syncs are listed newest first, in pages, by source and state") {
  Queue queue;
  queue.add_source("src_2");
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(queue.ask("src_1").sync.id);
    queue.finish(queue.claim()->sync);
  }
  ids.push_back(queue.ask("src_2").sync.id);
  auto list = [&](const SyncFilter& filter) {
    std::vector<std::string> listed;
    auto syncs = queue.read([&](Connection& c) { return list_syncs(c, queue.tenant, filter); });
    for (const Sync& sync : syncs) listed.push_back(sync.id);
    return listed;
  };
  using Ids = std::vector<std::string>;
  SyncFilter filter;
  filter.limit = 2;
  CHECK(list(filter) == Ids{ids[3], ids[2]});
  filter.before_id = ids[2];
  CHECK(list(filter) == Ids{ids[1], ids[0]});
  filter = {};
  filter.source_ids = {"src_1"};
  CHECK(list(filter) == Ids{ids[2], ids[1], ids[0]});
  filter.states = {SyncState::queued};
  CHECK(list(filter).empty());
  filter = {};
  filter.source_ids = {"src_2"};
  CHECK(list(filter) == Ids{ids[3]});
  filter.source_ids = {"src_2", "src_1"};
  CHECK(list(filter) == Ids{ids[3], ids[2], ids[1], ids[0]});
  filter.states = {SyncState::queued, SyncState::running};
  CHECK(list(filter) == Ids{ids[3]});
  queue.read([&](Connection& c) {
    CHECK(latest_sync(c, queue.tenant, "src_1", true)->id == ids[2]);
    CHECK(latest_sync(c, queue.tenant, "src_2", false)->id == ids[3]);
    CHECK_FALSE(latest_sync(c, queue.tenant, "src_2", true).has_value());
  });
}

TEST_CASE("sources are found, changed and listed by state, tag, workspace and expiry") {
  Queue queue;
  queue.write([&](Connection& c) -> Result<Source> {
    Source source = *find_source(c, queue.tenant, "src_1");
    source.tags = {"prod", "eu \"west\""};
    source.workspaces = {.all = false, .slugs = {"acme"}};
    source.next_run_at = at(10);
    source.interval = std::chrono::minutes(5);
    return update_source(c, queue.tenant, source);
  });
  queue.add_source("src_2");
  Walker walker(queue, "workspace", "");
  walker.walk({workspace("{ws-1}", "acme-labs")});
  auto ids = [&](const SourceFilter& filter) {
    std::string listed;
    auto sources = queue.read([&](Connection& c) { return list_sources(c, queue.tenant, filter); });
    for (const Source& source : sources) listed += source.id + ' ';
    return listed;
  };
  Source stored = queue.read([&](Connection& c) { return find_source(c, queue.tenant, "src_1"); });
  CHECK(stored.version == 2);
  CHECK(stored.interval == std::chrono::minutes(5));
  CHECK(stored.workspaces.slugs == std::vector<std::string>{"acme"});
  SourceFilter filter;
  CHECK(ids(filter) == "src_1 src_2 ");
  filter.tags = {"eu \"west\""};
  CHECK(ids(filter) == "src_1 ");
  filter.tags = {"west"};
  CHECK(ids(filter).empty());
  filter.tags = {"west", "prod"};
  CHECK(ids(filter) == "src_1 ");
  filter = {};
  filter.workspaces = {"acme"};
  CHECK(ids(filter) == "src_1 ");
  filter.workspaces = {"acme-labs"};
  CHECK(ids(filter).empty());
  filter.workspaces = {"acme-labs", "acme"};
  CHECK(ids(filter) == "src_1 ");
  filter = {};
  filter.ids = {"src_2"};
  CHECK(ids(filter) == "src_2 ");
  filter = {};
  filter.after_id = "src_1";
  CHECK(ids(filter) == "src_2 ");
  queue.set_state("src_2", SourceState::deleted);
  filter = {};
  CHECK(ids(filter) == "src_1 ");
  filter.states = {SourceState::deleted};
  CHECK(ids(filter) == "src_2 ");
  filter.states = {SourceState::deleted, SourceState::active};
  CHECK(ids(filter) == "src_1 src_2 ");
  queue.read([&](Connection& c) {
    CHECK_FALSE(find_source(c, TenantScope("other"), "src_1").has_value());
    CHECK(due_sources(c, at(9), 10).empty());
    CHECK(due_sources(c, at(10), 10).size() == 1);
    CHECK(next_due(c) == at(10));
  });
}

TEST_CASE("requests are counted by account, group and minute") {
  Queue queue;
  queue.write([&](Connection& c) {
    add_requests(c, "{a}", "repositories", 1000, 2);
    add_requests(c, "{a}", "repositories", 1000, 3);
    add_requests(c, "{a}", "other", 1000, 1);
    add_requests(c, "{a}", "repositories", 1001, 1);
  });
  auto minutes =
      queue.read([&](Connection& c) { return load_requests(c, "{a}", "repositories", 1000); });
  REQUIRE(minutes.size() == 2);
  CHECK(minutes[0].requests == 5);
  queue.write([&](Connection& c) { add_requests(c, "{a}", "repositories", 2000, 1); });
  CHECK(queue.number("SELECT count(*) FROM request_minutes") == 2);
}

TEST_CASE("what counts against a budget moves with a clock that was set, what is over does not") {
  Queue queue;
  const auto minute = [](std::int64_t number) { return Timestamp(std::chrono::minutes(number)); };
  const std::int64_t by = GENERATE(3, -3, 1000, -1000);
  queue.write([&](Connection& c) {
    add_requests(c, "{a}", "repositories", 4000, 9);
    add_requests(c, "{a}", "repositories", 5000, 2);
    add_requests(c, "{a}", "repositories", 5003, 4);
    add_requests(c, "{b}", "other", 5001, 1);
    save_closing(c, "{a}", "repositories", {minute(5005), minute(5002), 2});
    save_closing(c, "{b}", "other", {minute(4005), minute(4002), 1});
    save_closing(c, "{b}", "webhooks", {std::nullopt, minute(5000), 0});
    move_requests(c, 4990, std::chrono::minutes(by));
  });
  queue.read([&](Connection& c) {
    const auto spent = load_requests(c, "{a}", "repositories", 5000 + by);
    REQUIRE(spent.size() == 2);
    CHECK(spent[0].minute == 5000 + by);
    CHECK(spent[0].requests == 2);
    CHECK(spent[1].minute == 5003 + by);
    CHECK(spent[1].requests == 4);
    CHECK(load_requests(c, "{b}", "other", 5001 + by).size() == 1);
    const BudgetClosing closing = load_closing(c, "{a}", "repositories");
    CHECK(closing.until == minute(5005 + by));
    CHECK(closing.last_throttle == minute(5002 + by));
    CHECK(closing.in_a_row == 2);
    CHECK(load_closing(c, "{b}", "other").until == minute(4005));
    CHECK_FALSE(load_closing(c, "{b}", "webhooks").until);
    CHECK(load_closing(c, "{b}", "webhooks").last_throttle == minute(5000 + by));
    return 0;
  });
}

}  // namespace evidenced::storage::tests
