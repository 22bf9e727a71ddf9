// Goal: what is stored after a sync is what the simulated Bitbucket holds, object by object, at the
// cost that design/collection.md promises.
// Method: a whole sync service on virtual time against the simulator.
#include "connector/bitbucket/streams.hpp"
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <iostream>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using storage::StreamState;
using storage::SyncMode;
using storage::SyncResult;

namespace {

constexpr int history_days = 400;  // as the settings have it

std::int64_t pages(std::size_t rows, std::size_t length) {
  return static_cast<std::int64_t>(std::max<std::size_t>(1, (rows + length - 1) / length));
}

/// Pages of commits up to one that is older than what is asked for.
std::int64_t commit_pages(const simulator::Repository& repository, Timestamp now) {
  const auto window = window_of(*connector::bitbucket::find_stream("commit"), history_days);
  const simulator::Micros start = simulator::to_micros(now - window);
  const auto& history = repository.history;
  const auto rows = simulator::reachable(history, {history.heads.at(repository.main_branch)}, {});
  std::int64_t count = 0;
  for (std::size_t i = 0; i < rows.size(); i += 100) {
    ++count;
    if (history.commits[rows[i]].date < start) break;
  }
  return count;
}

/// Pages of activity up to one that is older than what is asked for.
std::int64_t activity_pages(const simulator::Repository& repository, Timestamp now) {
  const auto window =
      window_of(*connector::bitbucket::find_stream("pull_request_activity"), history_days);
  const simulator::Micros start = simulator::to_micros(now - window);
  const auto rows = simulator::activity_of(repository);
  const auto old = std::ranges::find_if(
      rows, [start](const simulator::Happened& row) { return row.event->time < start; });
  // The page on which only old rows stand is the last one.
  const auto young = static_cast<std::size_t>(old - rows.begin());
  return std::min(pages(rows.size(), 50), pages(young, 50) + (young > 0 ? 1 : 0));
}

bool has_pipelines(const simulator::Repository& repository) {
  return !repository.history.pipelines.empty() ||
         repository.setup.pipelines == simulator::PipelinesState::enabled;
}

/// Commits that were merged within the window for builds, where no pipeline builds.
std::int64_t merged_heads(const simulator::Repository& repository, Timestamp now) {
  if (!repository.history.pipelines.empty()) return 0;
  const auto window = window_of(*connector::bitbucket::find_stream("build_status"), history_days);
  const simulator::Micros start = simulator::to_micros(now - window);
  return std::ranges::count_if(repository.pull_requests, [start](const auto& made) {
    return made.state == "MERGED" && !made.fork_deleted && made.updated_on > start;
  });
}

bool has_open(const simulator::Repository& repository) {
  return std::ranges::any_of(repository.pull_requests,
                             [](const auto& made) { return made.state == "OPEN"; });
}

/// design/collection.md, "Request cost to reach", for the streams that are walked: identity,
/// members, groups, projects, repositories, effective access, all pull requests and what happened
/// to them, pipelines, deployments, the commits of the time that is asked for, what the merge of an
/// open pull request demands, builds of what was merged lately where no pipelines are, and the
/// configuration: of a workspace variables, runners and webhooks; of a project grants, reviewers
/// and keys; of a repository restrictions, grants, reviewers, model, main branch, whether it has
/// pipelines (and only then deployments, environments, variables, schedules, runners), keys and
/// webhooks.
std::int64_t formula(const simulator::World& world) {
  std::int64_t sum = 2;
  for (const auto& workspace : world.workspaces) {
    sum += 1 + pages(workspace->members.size(), 100) + pages(workspace->projects.size(), 100) +
           pages(workspace->repositories.size(), 100) + 1 + 3 +
           4 * static_cast<std::int64_t>(workspace->projects.size());
    std::size_t access = 0;
    for (const auto& repository : workspace->repositories) {
      access += simulator::effective_access(*workspace, *repository).size();
      const bool has_branch = !repository->main_branch.empty();
      sum += pages(repository->pull_requests.size(), 50) +
             activity_pages(*repository, world.options().now) +
             pages(repository->history.pipelines.size(), 100) +
             (has_pipelines(*repository) ? pages(repository->history.deployments.size(), 100) + 4
                                         : 0) +
             (has_branch ? commit_pages(*repository, world.options().now) : 0) +
             (has_open(*repository) ? 1 : 0) + merged_heads(*repository, world.options().now) + 1 +
             2 + 2 + (has_branch ? 1 : 0) + 1 + 2;
    }
    sum += pages(access, 100);
  }
  return sum;
}

simulator::WorldOptions company() {
  simulator::WorldOptions options;
  options.people = 60;
  options.projects = 6;
  options.repositories = 40;
  options.pull_requests = 3000;
  return options;
}

/// What Bitbucket holds and we do not, or not as it is.
std::vector<std::string> missed(SyncLab& lab, const std::string& source,
                                const std::vector<std::string>& kinds) {
  std::vector<std::string> names;
  const auto stored = lab.stored(source);
  for (const auto& [name, content] : lab.expected(lab.token())) {
    if (std::ranges::find(kinds, name.substr(0, name.find(' '))) == kinds.end()) continue;
    const auto found = stored.find(name);
    const bool same =
        found != stored.end() && boost::json::parse(found->second) == boost::json::parse(content);
    if (!same) names.push_back(name);
  }
  return names;
}

}  // namespace

TEST_CASE("a first sync ends with what Bitbucket holds", "[sync]") {
  SyncLab lab;
  const std::string source = lab.add_source();
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  CHECK_FALSE(sync.error);
  for (const storage::SyncStream& row : sync.streams) {
    CHECK(row.state == StreamState::complete);
    CHECK(row.complete);
    CHECK(row.partitions_done == row.partitions_total);
  }
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a company's first sync costs what the formula says, and changes are found again",
          "[sync]") {
  SyncLab lab(company());
  const std::string source = lab.add_source();
  lab.start();
  const storage::Sync first = lab.run_sync(source);
  INFO(describe(first));
  REQUIRE(first.result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
  const std::int64_t promised = formula(lab.world());
  std::cout << "first sync of 40 repositories, 3,000 pull requests, 60 people: "
            << first.requests_done << " requests, the formula says " << promised << '\n';
  CHECK(first.requests_done >= promised * 9 / 10);
  CHECK(first.requests_done <= promised * 11 / 10);
  CHECK(static_cast<std::size_t>(first.requests_done) == lab.requests());

  lab.bitbucket().clear_log();
  lab.run_for(1h);
  const storage::Sync quiet = lab.run_sync(source);
  std::cout << "an hour later, nothing changed: " << quiet.requests_done << " requests\n";
  CHECK(quiet.result == SyncResult::succeeded);

  lab.run_for(1h);
  lab.bitbucket().mutate(200, simulator::mutate_without_names);
  const storage::Sync changed = lab.run_sync(source);
  std::cout << "after 200 changes: " << changed.requests_done << " requests\n";
  INFO(describe(changed));
  CHECK(changed.result == SyncResult::succeeded);
  // What disappeared is believed the second time; what rotates has a day to come round, and grants
  // that changed nobody's access a week.
  const std::vector<std::string> at_once = {"account", "workspace",  "workspace_member",
                                            "project", "repository", "pull_request"};
  CHECK(missed(lab, source, at_once) == nothing);
  lab.run_sync(source);
  CHECK(lab.differences(source, at_once) == nothing);
  for (int hour = 0; hour < 25; ++hour) {
    lab.run_for(1h);
    const storage::Sync hourly = lab.run_sync(source);
    INFO(describe(hourly));
    REQUIRE(hourly.result == SyncResult::succeeded);
  }
  lab.run_sync(source);
  std::vector<std::string> kinds;
  for (const auto& row : connector::bitbucket::streams()) kinds.emplace_back(row.kind);
  std::erase(kinds, "repository_grant");
  CHECK(lab.differences(source, kinds) == nothing);
  lab.run_for(7 * 24h);
  lab.run_sync(source);
  lab.run_sync(source);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("changes of every sort are found, renames among them", "[sync]") {
  simulator::WorldOptions options = company();
  options.repositories = 16;
  options.pull_requests = 600;
  SyncLab lab(options);
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  lab.run_for(1h);
  const auto made = lab.bitbucket().mutate(200, simulator::mutate_everything);
  for (const std::string_view what : {"rename repository", "rename project", "rename person"}) {
    CHECK(std::ranges::any_of(made, [what](const auto& line) { return line.starts_with(what); }));
  }
  const storage::Sync changed = lab.run_sync(source);
  INFO(describe(changed));
  CHECK(changed.result == SyncResult::succeeded);
  lab.run_sync(source);
  CHECK(lab.differences(source,
                        {"account", "workspace", "workspace_member", "project", "repository",
                         "pull_request", "pull_request_activity", "commit"},
                        true) == nothing);
  CHECK(lab.differences(source, {"pull_request"}) != nothing);
  lab.run_for(8 * 24h);
  lab.run_sync(source);
  lab.run_sync(source);
  // Pull requests are read again once a week; commits, which never change, are not.
  CHECK(lab.differences(source, {"pull_request"}) == nothing);
  CHECK(lab.differences(source, {}, true) == nothing);
}

TEST_CASE("the awkward forms of the service change nothing in what is stored", "[sync]") {
  SyncLab lab;
  simulator::Switches& forms = lab.bitbucket().switches;
  SECTION("opaque cursors") {
    forms.opaque_next = true;
  }
  SECTION("lists without size") {
    forms.omit_size = true;
  }
  SECTION("an empty next") {
    forms.empty_next = true;
  }
  SECTION("the other shape of workspaces") {
    forms.second_workspaces_shape = true;
  }
  SECTION("shorter pages than asked for") {
    forms.max_page_length = 20;
  }
  SECTION("rows that move") {
    forms.sorted_by_update = true;
  }
  SECTION("no OR in queries") {
    forms.refuse_or = true;
  }
  SECTION("a server clock that is behind") {
    forms.clock_skew_seconds = -1800;
  }
  SECTION("a server clock that is ahead") {
    forms.clock_skew_seconds = 1800;
  }
  const std::string source = lab.add_source();
  lab.start();
  const storage::Sync first = lab.run_sync(source);
  INFO(describe(first));
  REQUIRE(first.result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
  lab.run_for(1h);
  lab.bitbucket().mutate(60, simulator::mutate_pull_requests | simulator::mutate_repositories);
  for (int i = 0; i < 2; ++i) {
    const storage::Sync next = lab.run_sync(source);
    INFO(describe(next));
    REQUIRE(next.result == SyncResult::succeeded);
  }
  CHECK(lab.differences(source, {"repository", "pull_request"}) == nothing);
}

TEST_CASE("approvals that move no timestamp are found all the same", "[sync]") {
  SyncLab lab;
  lab.world().approvals_move_updated_on = false;
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  lab.run_for(1h);
  for (const auto& repository : lab.world().workspaces[0]->repositories) {
    for (simulator::PullRequest& pull_request : repository->pull_requests) {
      if (pull_request.state == "OPEN") lab.world().approve(pull_request, 0, lab.clock().now());
    }
  }
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a world that changes between any two pages is caught up with", "[sync]") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    simulator::WorldOptions options;
    options.seed = seed;
    options.repositories = 4;
    options.pull_requests = 160;
    SyncLab lab(options, seed);
    lab.bitbucket().switches.sorted_by_update = seed % 2 == 0;
    simulator::Fault change;
    change.kind = simulator::FaultKind::action;
    change.first = seed % 7 + 1;
    change.count = 12;
    change.action = [&] { lab.bitbucket().mutate(3, simulator::mutate_without_names); };
    lab.bitbucket().add_fault(change);
    const std::string source = lab.add_source();
    lab.start();
    lab.run_sync(source);
    lab.bitbucket().clear_faults();
    for (int i = 0; i < 3; ++i) {
      lab.run_for(10min);
      const storage::Sync next = lab.run_sync(source, SyncMode::full);
      INFO("seed " << seed << "\n" << describe(next));
      CHECK(next.result == SyncResult::succeeded);
    }
    CHECK(lab.differences(source) == nothing);
  }
}
