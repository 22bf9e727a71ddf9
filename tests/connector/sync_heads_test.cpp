// Goal: the builds of every commit that was merged within a month are asked for, however many there
// are, whatever fails and whenever the daemon stops (promises P1, P3). Method: one repository
// without pipelines and with several pages of pull requests that were merged lately.
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"

#include <algorithm>
#include <map>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using simulator::Fault;
using simulator::FaultKind;
using storage::SyncResult;

namespace {

constexpr std::size_t merges = 260;

simulator::WorldOptions pushed_repository() {
  simulator::WorldOptions options;
  options.people = 4;
  options.projects = 1;
  options.repositories = 1;
  options.pull_requests = 5;
  options.with_pipelines = 0;
  options.odd = false;
  return options;
}

simulator::Repository& repository_of(SyncLab& lab) {
  return *lab.world().workspaces.front()->repositories.front();
}

void merge(SyncLab& lab, std::size_t count) {
  simulator::Repository& repository = repository_of(lab);
  for (std::size_t i = 0; i < count; ++i) {
    simulator::PullRequest& made = lab.world().open_pull_request(repository, lab.clock().now());
    lab.world().merge(repository, made, 0, lab.clock().now());
  }
}

/// How often the statuses of each commit were asked for.
std::map<std::string, int> heads_asked(SyncLab& lab) {
  std::map<std::string, int> heads;
  for (const simulator::LogEntry& entry : lab.bitbucket().log()) {
    const std::string& target = entry.request.target;
    const std::size_t end = target.find("/statuses");
    if (end == std::string::npos) continue;
    const std::size_t begin = target.rfind('/', end - 1) + 1;
    ++heads[target.substr(begin, end - begin)];
  }
  return heads;
}

/// Commits of the newest `count` pull requests that were never asked for.
std::size_t missed(SyncLab& lab, const std::map<std::string, int>& asked, std::size_t count) {
  std::size_t missed = 0;
  const auto& pull_requests = repository_of(lab).pull_requests;
  for (auto it = pull_requests.rbegin(); it != pull_requests.rend() && count > 0; ++it, --count) {
    const auto same = [&](const auto& head) { return it->source_hash.starts_with(head.first); };
    if (std::ranges::none_of(asked, same)) ++missed;
  }
  return missed;
}

}  // namespace

TEST_CASE("builds of all that was merged within a month are asked for, and once more a day later",
          "[sync]") {
  SyncLab lab(pushed_repository());
  merge(lab, merges);
  const std::string source = lab.add_source();
  lab.start();
  lab.run_for(1h);
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  const auto asked = heads_asked(lab);
  CHECK(missed(lab, asked, merges) == 0);
  CHECK(std::ranges::all_of(asked, [](const auto& head) { return head.second == 1; }));
  lab.run_for(1h);
  lab.bitbucket().clear_log();
  merge(lab, 7);
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(heads_asked(lab).size() == 7);
  lab.run_for(1h);
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  lab.run_for(1h);
  lab.bitbucket().clear_log();
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(heads_asked(lab).empty());

  lab.hint(source, "repo:commit_status_updated", repository_of(lab).uuid);
  lab.run_for(5min);
  CHECK(missed(lab, heads_asked(lab), merges + 7) == 0);
  lab.bitbucket().clear_log();

  // Once more when a day has gone by: what failed may have been built again.
  lab.run_for(24h);
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  const auto again = heads_asked(lab);
  CHECK(missed(lab, again, merges + 7) == 0);
  CHECK(std::ranges::all_of(again, [](const auto& head) { return head.second == 1; }));
}

TEST_CASE("what a pipeline built is not asked for, and what another server builds beside it is",
          "[sync]") {
  simulator::WorldOptions options = pushed_repository();
  options.with_pipelines = 100;
  SyncLab lab(options);
  merge(lab, 20);
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(heads_asked(lab).empty());

  repository_of(lab).setup.pipelines = simulator::PipelinesState::disabled;
  merge(lab, 7);
  lab.run_for(1h);
  lab.bitbucket().clear_log();
  const bool restarts = GENERATE(false, true);
  if (restarts) lab.restart();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  CHECK(heads_asked(lab).size() == 7);
  CHECK(missed(lab, heads_asked(lab), 7) == 0);
  CHECK(stream(sync, "build_status").created > 0);
}

TEST_CASE("builds are gone on with where the daemon stopped", "[sync]") {
  SyncLab lab(pushed_repository());
  merge(lab, merges);
  const std::string source = lab.add_source();
  lab.start();
  const std::string id = lab.queue(source);
  REQUIRE(lab.run_until([&] { return heads_asked(lab).size() > merges / 2; }, 1h));
  lab.stop();
  merge(lab, 3);
  lab.start();
  const storage::Sync sync = lab.run_to_end(id);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  const auto asked = heads_asked(lab);
  CHECK(missed(lab, asked, merges + 3) <= 3);
  // What was on its way when it stopped is asked for again.
  CHECK(std::ranges::count_if(asked, [](const auto& head) { return head.second > 1; }) <= 1);
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(missed(lab, heads_asked(lab), merges + 3) == 0);
}

TEST_CASE("builds of merges that a failed list hid are asked for when it is read", "[sync]") {
  SyncLab lab(pushed_repository());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  lab.run_for(2h);
  merge(lab, merges);
  Fault down;
  down.kind = FaultKind::status;
  down.status = 503;
  down.contains = "/pullrequests?";
  down.first = 3;
  down.count = 0;
  lab.bitbucket().add_fault(down);
  merge(lab, 1);
  lab.bitbucket().clear_log();
  CHECK(lab.run_sync(source).result == SyncResult::partial);
  CHECK(missed(lab, heads_asked(lab), merges) > 0);
  lab.bitbucket().clear_faults();
  lab.run_for(5h);
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(missed(lab, heads_asked(lab), merges + 1) == 0);
}
