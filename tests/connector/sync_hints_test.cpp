// Goal: what a webhook hints at is looked at within seconds, for few requests, and nothing else is
// concluded from that look (C14, TM15, T-55). Method: a whole connector on virtual time; hints are
// stored as the API stores them.
#include "connector/bitbucket/hook_events.hpp"
#include "connector/sync/planner.hpp"
#include "tests/catch.hpp"
#include "tests/connector/sync_access.hpp"

#include <fmt/format.h>

#include <algorithm>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using storage::SyncMode;
using storage::SyncResult;
using storage::SyncState;
using storage::SyncTrigger;

namespace {

/// A connector with one source that has been read to its end.
class HintLab : public SyncLab {
 public:
  explicit HintLab(SourceOptions options = {})
      : SyncLab(six_repositories()), source(add_source(std::move(options))) {
    start();
    REQUIRE(run_sync(source).result == SyncResult::succeeded);
    run_for(1h);
    bitbucket().clear_log();
  }

  /// The repository with an open pull request that most came to.
  simulator::Repository& busiest() {
    auto& repositories = world().workspaces[0]->repositories;
    const auto most = std::ranges::max_element(repositories, {}, [](const auto& repository) {
      return std::ranges::count(repository->pull_requests, "OPEN", &simulator::PullRequest::state);
    });
    return **most;
  }
  simulator::PullRequest& open_one(simulator::Repository& repository) {
    const auto open =
        std::ranges::find(repository.pull_requests, "OPEN", &simulator::PullRequest::state);
    REQUIRE(open != repository.pull_requests.end());
    return *open;
  }

  std::vector<storage::Sync> hook_syncs() {
    auto all = syncs(source);
    std::erase_if(all, [](const storage::Sync& sync) { return sync.trigger != SyncTrigger::hook; });
    return all;
  }
  /// The paths that were asked for.
  std::vector<std::string> asked() {
    std::vector<std::string> paths;
    for (const simulator::LogEntry& entry : bitbucket().log()) {
      paths.push_back(entry.request.target.substr(0, entry.request.target.find('?')));
    }
    return paths;
  }
  bool knows(const std::string& needle) {
    const auto all = stored(source);
    return std::ranges::any_of(all,
                               [&](const auto& entry) { return entry.second.contains(needle); });
  }

  const std::string source;
};

}  // namespace

TEST_CASE("a pull request that changed is fresh within seconds, for two requests", "[sync]") {
  HintLab lab;
  simulator::Repository& repository = lab.busiest();
  lab.world().retitle(lab.open_one(repository), "Told by a webhook", lab.clock().now());
  lab.hint(lab.source, "pullrequest:updated", repository.uuid);
  CHECK(lab.run_until([&] { return lab.knows("Told by a webhook"); }, 5s));
  lab.run_for(1min);
  CHECK(lab.asked().size() == 2);
  for (const std::string& path : lab.asked()) {
    CHECK(path.find(repository.uuid.substr(1, 36)) != std::string::npos);
    CHECK(path.find("/pullrequests") != std::string::npos);
  }
  const auto syncs = lab.hook_syncs();
  REQUIRE(syncs.size() == 1);
  INFO(describe(syncs[0]));
  CHECK(syncs[0].result == SyncResult::succeeded);
  CHECK(syncs[0].only_streams == std::vector<std::string>{"pull_request", "pull_request_activity"});
  for (const storage::SyncStream& row : syncs[0].streams) {
    CHECK(row.partitions_total == 1);
    CHECK(row.partitions_done == 1);
    CHECK_FALSE(row.complete);
    CHECK(row.removed == 0);
  }
  CHECK(lab.differences(lab.source) == nothing);
}

TEST_CASE("a hundred deliveries about a repository cost two looks", "[sync]") {
  HintLab lab;
  simulator::Repository& repository = lab.busiest();
  for (int i = 0; i < 100; ++i) {
    lab.world().retitle(lab.open_one(repository), fmt::format("Number {}.", i), lab.clock().now());
    lab.hint(lab.source, "pullrequest:updated", repository.uuid);
    lab.run(lab.clock().sleep_for(100ms));
  }
  CHECK(lab.run_until([&] { return lab.knows("Number 99."); }, 20s));
  lab.run_for(10min);
  CHECK(lab.hook_syncs().size() == 2);
  // The activity of a hundred changes has several pages.
  const auto is_list = [](const std::string& path) { return path.ends_with("/pullrequests"); };
  CHECK(std::ranges::count_if(lab.asked(), is_list) == 2);
  CHECK(lab.differences(lab.source) == nothing);
}

TEST_CASE("every event of the table leads to the streams that it names, and to no others",
          "[sync]") {
  for (const auto& event : connector::bitbucket::hook_events()) {
    HintLab lab;
    simulator::Repository& repository = lab.busiest();
    lab.hint(lab.source, event.prefix, repository.uuid);
    lab.run_for(10s);
    const auto syncs = lab.hook_syncs();
    INFO(event.prefix);
    REQUIRE(syncs.size() == 1);
    INFO(describe(syncs[0]));
    CHECK(syncs[0].result == SyncResult::succeeded);
    CHECK(syncs[0].streams.size() == event.streams.size());
    for (const std::string_view name : event.streams) {
      CHECK(stream(syncs[0], std::string(name)).partitions_total <= 1);
    }
    CHECK(lab.asked().size() <= event.streams.size() + 2);
    CHECK_FALSE(lab.asked().empty());
  }
}

TEST_CASE("a push to the main branch is seen as commits", "[sync]") {
  HintLab lab;
  simulator::Repository& repository = lab.busiest();
  lab.world().direct_push(repository, 1, lab.clock().now());
  const std::string head = simulator::head_of(repository, repository.main_branch);
  lab.hint(lab.source, "repo:push", repository.uuid);
  CHECK(lab.run_until([&] { return lab.knows(head); }, 5s));
  lab.run_for(1min);
  CHECK(lab.differences(lab.source, {"commit", "main_branch"}) == nothing);
}

TEST_CASE("a repository that nobody knows yet is found in the lists of the workspaces", "[sync]") {
  HintLab lab;
  const simulator::Repository& created =
      lab.world().create_repository(*lab.world().workspaces[0], lab.clock().now());
  const std::string uuid = created.uuid;
  lab.hint(lab.source, "repo:created", "");
  CHECK(lab.run_until([&] { return lab.stored(lab.source).contains("repository " + uuid); }, 5s));
  CHECK(lab.asked().size() == 1);
}

TEST_CASE("hints survive a restart, before they are looked at and while they are", "[sync]") {
  HintLab lab;
  simulator::Repository& repository = lab.busiest();
  const auto change = [&](const std::string& title) {
    lab.world().retitle(lab.open_one(repository), title, lab.clock().now());
    lab.hint(lab.source, "pullrequest:updated", repository.uuid);
  };
  SECTION("before") {
    change("Before the restart");
    lab.restart();
    CHECK(lab.run_until([&] { return lab.knows("Before the restart"); }, 5s));
  }
  SECTION("while") {
    change("While it looks");
    REQUIRE(lab.run_until([&] { return !lab.hook_syncs().empty(); }, 5s));
    lab.restart();
    CHECK(lab.run_until([&] { return lab.knows("While it looks"); }, 5s));
    lab.run_for(1min);
    REQUIRE(lab.hook_syncs().size() == 1);
    CHECK(lab.hook_syncs()[0].result == SyncResult::succeeded);
  }
  SECTION("killed") {
    change("Killed at once");
    lab.database().die_at_write(1, true);
    lab.run_for(10s);
    lab.stop();
    lab.database().revive();
    lab.start();
    CHECK(lab.run_until([&] { return lab.knows("Killed at once"); }, 10s));
  }
  lab.run_for(1min);
  CHECK(lab.differences(lab.source) == nothing);
}

TEST_CASE("a sync for another reason takes the hints along", "[sync]") {
  HintLab lab;
  simulator::Repository& repository = lab.busiest();
  lab.world().approvals_move_updated_on = false;
  lab.world().retitle(lab.open_one(repository), "Along with the others", lab.clock().now());
  lab.hint(lab.source, "pullrequest:updated", repository.uuid);
  const storage::Sync sync = lab.run_sync(lab.source);
  CHECK(sync.result == SyncResult::succeeded);
  CHECK(sync.trigger == SyncTrigger::api);
  CHECK(sync.streams.size() > 20);
  CHECK(stream(sync, "pull_request").complete);
  lab.run_for(1h);
  CHECK(lab.hook_syncs().empty());
  CHECK(lab.differences(lab.source) == nothing);
}

TEST_CASE("hints of a sync that is cancelled, or of a source that is paused, are looked at later",
          "[sync]") {
  HintLab lab;
  simulator::Repository& repository = lab.busiest();
  lab.world().approvals_move_updated_on = false;
  lab.world().retitle(lab.open_one(repository), "Looked at later", lab.clock().now());
  lab.hint(lab.source, "pullrequest:updated", repository.uuid);
  SECTION("cancelled") {
    simulator::Fault slow;
    slow.kind = simulator::FaultKind::slow;
    slow.count = 0;
    slow.delay = 5s;
    lab.bitbucket().add_fault(slow);
    const std::string cancelled = lab.queue(lab.source);
    REQUIRE(lab.run_until([&] { return lab.requests() >= 1; }, 1min));
    lab.cancel(cancelled);
    CHECK(lab.run_to_end(cancelled).result == SyncResult::cancelled);
    lab.bitbucket().clear_faults();
  }
  SECTION("paused") {
    lab.change_source(lab.source, [](auto& s) { s.state = storage::SourceState::paused; });
    lab.run_for(3h);
    CHECK_FALSE(lab.knows("Looked at later"));
    lab.change_source(lab.source, [](auto& s) { s.state = storage::SourceState::active; });
    lab.service().wake();
  }
  lab.run_for(10min);
  CHECK(lab.hook_syncs().size() == 1);
  CHECK(lab.knows("Looked at later"));
}

TEST_CASE("a queued look at hints gives way to whoever comes, and is made up for", "[sync]") {
  HintLab lab;
  simulator::Repository& repository = lab.busiest();
  // A long sync keeps the place.
  simulator::Fault slow;
  slow.kind = simulator::FaultKind::slow;
  slow.count = 0;
  slow.delay = 5s;
  lab.bitbucket().add_fault(slow);
  const std::string first = lab.queue(lab.source, SyncMode::full);
  REQUIRE(lab.run_until([&] { return lab.requests() >= 2; }, 1min));
  lab.world().retitle(lab.open_one(repository), "Made up for", lab.clock().now());
  lab.hint(lab.source, "pullrequest:updated", repository.uuid);
  REQUIRE(lab.run_until([&] { return !lab.hook_syncs().empty(); }, 5min));
  const std::string waiting = lab.hook_syncs()[0].id;
  CHECK(lab.sync(first).state == SyncState::running);
  CHECK(lab.queue(lab.source, SyncMode::incremental, {"account"}) == waiting);
  CHECK(lab.sync(waiting).trigger == SyncTrigger::api);
  lab.bitbucket().clear_faults();
  CHECK(lab.run_to_end(waiting).streams.size() == 1);
  lab.run_for(1min);
  CHECK(lab.hook_syncs().size() == 1);
  CHECK(lab.knows("Made up for"));
}

TEST_CASE("scheduled syncs keep their rhythm, and hints their share of the budget", "[sync]") {
  SourceOptions hourly;
  hourly.scheduled = true;
  HintLab lab(hourly);
  lab.settings().connector.requests_per_hour = 1000;
  const std::size_t scheduled_before = lab.syncs(lab.source).size();
  const Timestamp begin = lab.clock().now();
  // Somebody who has the secret never stops.
  while (lab.clock().now() - begin < 5h) {
    for (const auto& repository : lab.world().workspaces[0]->repositories) {
      lab.hint(lab.source, "pullrequest:updated", repository->uuid);
      lab.hint(lab.source, "repo:push", repository->uuid);
    }
    lab.run_for(20s);
  }
  const auto hooked = lab.hook_syncs();
  CHECK(lab.syncs(lab.source).size() - hooked.size() - scheduled_before >= 4);
  std::map<std::int64_t, std::int64_t> by_hour;
  for (const storage::Sync& sync : hooked) {
    by_hour[(sync.queued_at - begin) / 1h] += sync.requests_done;
  }
  for (const auto& [hour, requests] : by_hour) {
    INFO("hour " << hour);
    CHECK(requests <= 200 + 40);  // and the sync under way
    CHECK((requests >= 100 || hour == 5));
  }
  CHECK(lab.busiest_hour(lab.world().people[0].uuid, "repositories") <= 1000);
}

TEST_CASE("a look at one repository removes nothing and calls nothing whole", "[sync]") {
  HintLab lab;
  simulator::Repository& repository = lab.busiest();
  const auto before = lab.stored(lab.source);
  const auto previous = lab.syncs(lab.source).size();
  simulator::Fault empty;
  empty.kind = simulator::FaultKind::empty_list;
  empty.path = "/2.0/repositories/";
  empty.count = 0;
  lab.bitbucket().add_fault(empty);
  for (int i = 0; i < 4; ++i) {
    lab.hint(lab.source, "pullrequest:updated", repository.uuid);
    lab.hint(lab.source, "repo:deleted", repository.uuid);
    lab.run_for(1min);
  }
  CHECK(lab.syncs(lab.source).size() > previous);
  CHECK(lab.removed(lab.source) == 0);
  CHECK(lab.stored(lab.source) == before);
}

TEST_CASE("what is paused, deleted or lacks a credential is left alone", "[sync]") {
  const auto state = GENERATE(storage::SourceState::paused, storage::SourceState::deleted,
                              storage::SourceState::needs_credential);
  HintLab lab;
  lab.change_source(lab.source, [&](storage::Source& source) { source.state = state; });
  lab.hint(lab.source, "pullrequest:updated", lab.busiest().uuid);
  lab.run_for(3h);
  CHECK(lab.hook_syncs().empty());
  CHECK(lab.requests() == 0);
}

TEST_CASE("a repository that is unknown or out of scope is not asked for", "[sync]") {
  HintLab lab;
  SECTION("unknown") {
    lab.hint(lab.source, "pullrequest:updated", "{00000000-0000-4000-8000-00000000dead}");
  }
  SECTION("out of scope") {
    lab.change_source(lab.source, [](storage::Source& source) {
      source.workspaces.all = false;
      source.workspaces.slugs = {"elsewhere"};
    });
    lab.hint(lab.source, "pullrequest:updated", lab.busiest().uuid);
  }
  lab.run_for(10min);
  CHECK(lab.requests() == 0);
  CHECK(lab.hook_syncs().size() == 1);
}

TEST_CASE("while Bitbucket does not answer, a hint is tried again, not often", "[sync]") {
  HintLab lab;
  simulator::Repository& repository = lab.busiest();
  lab.network().breaks = [](const std::string&) -> std::optional<Error> {
    Error error;
    error.code = "upstream.unavailable";
    return error;
  };
  lab.world().retitle(lab.open_one(repository), "After the outage", lab.clock().now());
  lab.hint(lab.source, "pullrequest:updated", repository.uuid);
  lab.run_for(1h);
  const std::size_t tries = lab.hook_syncs().size();
  CHECK(tries >= 2);
  CHECK(tries <= 12);
  lab.network().breaks = nullptr;
  CHECK(lab.run_until([&] { return lab.knows("After the outage"); }, 10min));
}

TEST_CASE("a list that was never read to its end is left to whoever reads it", "[sync]") {
  using connector::decide;
  const auto* pull_requests = connector::bitbucket::find_stream("pull_request");
  connector::bitbucket::Partition partition;
  partition.id = "{repository}";
  connector::Circumstances circumstances;
  circumstances.sync_id = "syn_2";
  circumstances.hinted = true;
  connector::Known known;
  CHECK(decide(*pull_requests, partition, known, circumstances).visit == connector::Visit::fresh);
  storage::Checkpoint checkpoint;
  checkpoint.sync_id = "syn_1";
  checkpoint.generation = 1;
  checkpoint.watermark = "2026-11-24T06:00:00.000Z";
  known.checkpoint = &checkpoint;
  known.rows = 5000;
  const auto decision = decide(*pull_requests, partition, known, circumstances);
  CHECK(decision.visit == connector::Visit::walk);
  CHECK(decision.mode == SyncMode::incremental);
  CHECK(decision.requests == 1);
  checkpoint.running = true;
  CHECK(decide(*pull_requests, partition, known, circumstances).visit == connector::Visit::fresh);
  checkpoint.running = false;
  checkpoint.error = storage::StoredError{"stream.forbidden", "", {}, 0};
  CHECK(decide(*pull_requests, partition, known, circumstances).visit == connector::Visit::fresh);
  checkpoint.error->code = "upstream.timeout";
  checkpoint.mode = SyncMode::full;
  CHECK(decide(*pull_requests, partition, known, circumstances).visit == connector::Visit::fresh);
  checkpoint.mode = SyncMode::incremental;
  CHECK(decide(*pull_requests, partition, known, circumstances).visit == connector::Visit::walk);
}
