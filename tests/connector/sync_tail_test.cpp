// Goal: lists that grow at their beginning are stored whole once, and then at the cost of what is
// new; whatever goes wrong on the way, nothing is left out.
// Method: a whole sync service on virtual time against a simulated Bitbucket that lives on.
#include "storage/walk_log.hpp"
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"

#include <iostream>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using storage::StreamState;
using storage::SyncMode;
using storage::SyncResult;
using storage::WalkCounts;

namespace {

const std::vector<std::string> happenings = {"pull_request", "pull_request_activity"};

const std::vector<std::string> deliveries = {"pipeline", "deployment"};

simulator::WorldOptions busy_pipelines() {
  simulator::WorldOptions options;
  options.repositories = 3;
  options.pull_requests = 300;
  options.with_pipelines = 70;
  return options;
}

/// The repository with most pull requests.
simulator::Repository& largest(SyncLab& lab) {
  const auto& repositories = lab.world().workspaces[0]->repositories;
  const auto size = [](const auto& repository) { return repository->pull_requests.size(); };
  return **std::ranges::max_element(repositories, {}, size);
}

/// Comments on an open pull request, so many pages of activity.
void write_comments(SyncLab& lab, std::size_t count) {
  simulator::Repository& repository = largest(lab);
  simulator::PullRequest& made = lab.world().open_pull_request(repository, lab.clock().now());
  for (std::size_t i = 1; i < count; ++i) lab.world().comment(made, 0, lab.clock().now());
}

std::int64_t requests(const storage::Sync& sync, const std::string& name) {
  return stream(sync, name).requests;
}

}  // namespace

TEST_CASE("what happened is read down to what is known", "[sync]") {
  SyncLab lab(busy_pipelines());
  const std::string source = lab.add_source();
  lab.start();
  const storage::Sync first = lab.run_sync(source);
  INFO(describe(first));
  REQUIRE(first.result == SyncResult::succeeded);
  REQUIRE(lab.differences(source) == nothing);

  lab.run_for(1h);
  const storage::Sync quiet = lab.run_sync(source);
  CHECK(requests(quiet, "pull_request_activity") == 0);

  write_comments(lab, 20);
  const storage::Sync page = lab.run_sync(source);
  CHECK(requests(page, "pull_request_activity") == 1);
  CHECK(lab.differences(source, happenings) == nothing);

  lab.run_for(1h);
  write_comments(lab, 130);
  const storage::Sync pages = lab.run_sync(source);
  CHECK(requests(pages, "pull_request_activity") == 4);
  CHECK(stream(pages, "pull_request_activity").created == 130);
  CHECK(lab.differences(source, happenings) == nothing);
}

TEST_CASE("days of life are caught up with, hour by hour", "[sync]") {
  simulator::WorldOptions options = busy_pipelines();
  options.life_per_day = 400;
  SyncLab lab(options);
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  std::int64_t sum = 0;
  std::int64_t deliveries_sum = 0;
  for (int hour = 1; hour <= 24; ++hour) {
    lab.run_for(1h);
    lab.bitbucket().live();
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    REQUIRE(sync.result == SyncResult::succeeded);
    sum += requests(sync, "pull_request_activity");
    deliveries_sum += requests(sync, "pipeline") + requests(sync, "deployment");
    if (hour % 6 != 0) continue;
    CHECK(lab.differences(source, happenings) == nothing);
    CHECK(lab.differences(source, {"pipeline"}) == nothing);
  }
  std::cout << "24 hours of 3 repositories: " << sum << " requests for activity, " << deliveries_sum
            << " for pipelines and deployments\n";
  CHECK(sum <= 3 * 24);
}

TEST_CASE("how a sync came by its rows stays as it was, whatever later ones read", "[sync]") {
  SyncLab lab(busy_pipelines());
  const std::string source = lab.add_source();
  lab.start();
  const auto walks = [&](const storage::Sync& sync) {
    const auto counts = lab.read([&](storage::Connection& connection) {
      return storage::count_walks(connection, sync, "pull_request");
    });
    REQUIRE(counts);
    REQUIRE(*counts);
    return **counts;
  };
  const storage::Sync first = lab.run_sync(source);
  const WalkCounts then = walks(first);
  CHECK(then.whole > 1);
  CHECK(then.changes == 0);
  CHECK(then.earliest_since.empty());
  CHECK(then.rows == then.size);
  CHECK(then.running + then.gaps == 0);

  lab.run_for(1h);
  write_comments(lab, 2);
  const WalkCounts now = walks(lab.run_sync(source));
  CHECK(now.changes > 0);
  CHECK_FALSE(now.earliest_since.empty());
  const WalkCounts still = walks(first);
  CHECK(still.whole == then.whole);
  CHECK(still.rows == then.rows);
  CHECK(still.size == then.size);
}

TEST_CASE("the awkward forms of pipelines change nothing in what is stored", "[sync]") {
  simulator::WorldOptions options = busy_pipelines();
  options.pipelines = 900;
  SyncLab lab(options);
  lab.bitbucket().switches.pipelines_without_next = GENERATE(false, true);
  lab.bitbucket().switches.pipelines_next_drops_sort = GENERATE(false, true);
  const std::string source = lab.add_source();
  lab.start();
  const storage::Sync first = lab.run_sync(source);
  INFO(describe(first));
  REQUIRE(first.result == SyncResult::succeeded);
  CHECK(lab.differences(source, deliveries) == nothing);
  CHECK(stream(first, "pipeline").seen >= 900);
  CHECK(requests(first, "pipeline") <= 12);
}

TEST_CASE("a waiting deployment is seen again when it is made at last", "[sync]") {
  SyncLab lab(busy_pipelines());
  // Young ones alone: what waits for longer than a week is found by the weekly walk.
  while (lab.world().deploy(largest(lab), 0, lab.clock().now())) {
  }
  lab.world().live_quietly(largest(lab), lab.clock().now());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  lab.run_for(37h);  // its turn comes within a day and a half
  simulator::Repository& repository = largest(lab);
  REQUIRE(lab.world().deploy(repository, 0, lab.clock().now()));
  lab.run_for(1h);
  lab.world().settle(lab.clock().now());
  const storage::Sync next = lab.run_sync(source);
  INFO(describe(next));
  CHECK(stream(next, "deployment").revised >= 1);
  CHECK(lab.differences(source, deliveries) == nothing);
}

TEST_CASE("commits are read since the head that was known, or the year before", "[sync]") {
  SyncLab lab(busy_pipelines());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  REQUIRE(lab.differences(source, {"commit"}) == nothing);
  lab.run_for(1h);
  CHECK(stream(lab.run_sync(source), "commit").seen == 0);
  simulator::Repository& repository = largest(lab);
  lab.world().direct_push(repository, 0, lab.clock().now());
  const storage::Sync pushed = lab.run_sync(source);
  INFO(describe(pushed));
  CHECK(requests(pushed, "commit") == 1);
  const std::int64_t created = stream(pushed, "commit").created;
  CHECK(created >= 1);
  CHECK(created <= 2);  // a merge brings its branch
  CHECK(stream(pushed, "commit").seen == created);
  CHECK(lab.differences(source, {"commit"}) == nothing);
}

TEST_CASE("history that was written anew is read from its new head to what is known", "[sync]") {
  SyncLab lab(busy_pipelines());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  lab.run_for(1h);
  simulator::Repository& repository = largest(lab);
  auto& history = repository.history;
  const auto head = static_cast<std::size_t>(history.heads[repository.main_branch]);
  const std::string gone = history.commits[head].hash;
  history.commits[head].hash = std::string(40, 'e');
  lab.world().describe_repository(repository, "Rewritten", lab.clock().now());
  const std::size_t before = lab.stored(source).size();
  const storage::Sync next = lab.run_sync(source);
  INFO(describe(next));
  CHECK(stream(next, "commit").state == StreamState::complete);
  CHECK(requests(next, "commit") <= 3);
  const auto stored = lab.stored(source);
  CHECK(stored.size() >= before + 1);
  // What was pushed over stays: it is evidence.
  CHECK(stored.contains("commit " + repository.uuid + "/" + gone));
  CHECK(stored.contains("commit " + repository.uuid + "/" + std::string(40, 'e')));
}

TEST_CASE("of each repository with an open pull request the demands of its merge are stored",
          "[sync]") {
  SyncLab lab(busy_pipelines());
  const std::string source = lab.add_source();
  lab.start();
  const storage::Sync first = lab.run_sync(source);
  const auto stored = lab.stored(source);
  const std::size_t all = lab.bitbucket().expected(lab.token(), {}, {"merge_check"}).size();
  std::size_t found = 0;
  for (const auto& repository : lab.world().workspaces[0]->repositories) {
    std::int64_t newest = 0;
    for (const simulator::PullRequest& made : repository->pull_requests) {
      if (made.state == "OPEN") newest = std::max(newest, made.id);
    }
    if (newest == 0) continue;
    ++found;
    const auto check =
        stored.find("merge_check " + repository->uuid + "/" + std::to_string(newest));
    REQUIRE(check != stored.end());
    CHECK(check->second.find("git_mergeability_check") == std::string::npos);
    CHECK(check->second.find("pullrequest_state_check") != std::string::npos);
  }
  CHECK(found > 0);
  CHECK(all > found);
  CHECK(requests(first, "merge_check") == static_cast<std::int64_t>(found));
  CHECK(stream(first, "merge_check").seen == static_cast<std::int64_t>(found));
}

TEST_CASE("builds of what was merged lately are stored where no pipelines build", "[sync]") {
  simulator::WorldOptions options = busy_pipelines();
  options.with_pipelines = 0;
  options.pull_requests = 900;
  SyncLab lab(options);
  const std::string source = lab.add_source();
  lab.start();
  const storage::Sync first = lab.run_sync(source);
  INFO(describe(first));
  REQUIRE(first.result == SyncResult::succeeded);
  const auto in_time = lab.clock().now();
  const auto merge = [&] {
    simulator::Repository& repository = largest(lab);
    simulator::PullRequest& made = lab.world().open_pull_request(repository, lab.clock().now());
    lab.world().merge(repository, made, 0, lab.clock().now());
  };
  for (int i = 0; i < 12; ++i) merge();
  lab.run_for(1h);
  const storage::Sync next = lab.run_sync(source);
  INFO(describe(next));
  CHECK(requests(next, "build_status") == 12);
  std::size_t found = 0;
  const auto stored = lab.stored(source);
  for (const auto& status : lab.bitbucket().expected(lab.token(), {}, {"build_status"})) {
    for (const auto& repository : lab.world().workspaces[0]->repositories) {
      if (repository->uuid != status.key[0]) continue;
      for (const simulator::PullRequest& made : repository->pull_requests) {
        const bool lately = simulator::to_micros(in_time - 29 * 24h) < made.updated_on;
        if (made.state != "MERGED" || made.fork_deleted || !lately) continue;
        if (made.source_hash != status.key[1]) continue;
        ++found;
        CHECK(stored.contains("build_status " + status.key[0] + "/" + status.key[1] + "/" +
                              status.key[2]));
      }
    }
  }
  CHECK(found > 0);
  // What was asked for is not asked for again.
  CHECK(requests(lab.run_sync(source), "build_status") <= 12);
  lab.run_for(1h);
  CHECK(requests(lab.run_sync(source), "build_status") == 0);
}

TEST_CASE("a tail that broke off is read again down to what was known before", "[sync]") {
  SyncLab lab(busy_pipelines());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  lab.run_for(1h);
  write_comments(lab, 230);
  simulator::Fault broken;
  broken.kind = simulator::FaultKind::status;
  broken.status = GENERATE(403, 500);
  broken.path = "/2.0/repositories/";
  broken.contains = "/pullrequests/activity";
  broken.first = 3;
  broken.count = 0;
  lab.bitbucket().add_fault(broken);
  const storage::Sync spoilt = lab.run_sync(source);
  INFO(describe(spoilt));
  CHECK(spoilt.result == SyncResult::partial);
  lab.bitbucket().clear_faults();
  const storage::Sync healed = lab.run_sync(source);
  CHECK(healed.result == SyncResult::succeeded);
  CHECK(lab.differences(source, happenings) == nothing);
}

TEST_CASE("an interrupted tail goes on where it was", "[sync]") {
  SyncLab lab(busy_pipelines());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  lab.run_for(1h);
  write_comments(lab, 230);
  const std::string sync = lab.queue(source);
  const auto begun = [&] {
    const auto rows = lab.sync(sync).streams;
    const auto row = std::ranges::find(rows, "pull_request_activity", &storage::SyncStream::name);
    return row != rows.end() && row->seen >= 100;
  };
  REQUIRE(lab.run_until(begun, 10min));
  lab.database().die_at_write(1, true);
  lab.run_for(1min);
  lab.stop();
  lab.database().revive();
  lab.start();
  CHECK(lab.run_to_end(sync).result == SyncResult::succeeded);
  CHECK(lab.differences(source, happenings) == nothing);
}
