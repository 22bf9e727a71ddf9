// What collecting costs in requests, on virtual time against the simulated Bitbucket: the reference
// repository of collection.md, first and on a quiet day, beside what others need for the same by
// their code (reference: bitbucket, section 13); and a workspace of 100 people, 20 projects, 500
// repositories and 20,000 pull requests, first and in the hours after. Counted are requests of the
// group of repositories, which is the one that runs out; what was planned is shown beside what was
// used. The aims for the workspace were made for what the others collect, too (section 8): the
// streams that they leave out are summed up apart.
#include "config/log.hpp"
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <numeric>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;

namespace {

constexpr double pull_requests = 2'000;
constexpr double pipelines = 5'000;
constexpr double deployments = 1'500;

struct Other {
  const char* name;
  double first;  ///< by its code: pages of its length, and what it asks for each object
  double quiet;  ///< 20 pull requests and 50 pipelines touched; 0: not derived
};
constexpr Other others[] = {
    {"DevLake (comments, commits and steps one by one)",
     pull_requests / 50 + 2 * pull_requests + pipelines / 50 + pipelines + deployments / 50, 221},
    {"an ETL connector (activity, changes and steps one by one)",
     pull_requests / 10 + 2 * pull_requests + pipelines / 100 + pipelines + deployments / 100, 0},
    {"a Singer tap (pull requests alone)", 2 * pull_requests / 10 + 2 * pull_requests, 242},
    {"Steampipe (pull requests alone)", pull_requests / 10 + pull_requests,
     pull_requests / 10 + pull_requests},
};

/// What the aims do not count.
constexpr std::string_view beyond[] = {"pull_request_activity", "commit", "build_status",
                                       "deploy_key"};

struct Cost {
  std::size_t requests = 0;  ///< of the group of repositories
  std::int64_t all = 0;      ///< of every group
  std::int64_t planned = 0;  ///< of every group, when the repositories had been listed
  std::int64_t of_beyond = 0;
};

/// From its queue to its end; its requests are the only ones since the log was cleared.
Cost watch(SyncLab& lab, const std::string& id) {
  const auto knows_parents = [&] {
    const storage::Sync sync = lab.sync(id);
    if (sync.state == storage::SyncState::done) return true;
    return std::ranges::any_of(sync.streams, [](const storage::SyncStream& stream) {
      return stream.name == "pull_request" && stream.state == storage::StreamState::running;
    });
  };
  Cost cost;
  lab.run_until(knows_parents, 1h);
  cost.planned = lab.sync(id).requests_planned;
  const storage::Sync sync = lab.run_to_end(id);
  INFO(describe(sync));
  REQUIRE(sync.result == storage::SyncResult::succeeded);
  cost.all = sync.requests_done;
  cost.requests = lab.requests("repositories");
  for (const storage::SyncStream& stream : sync.streams) {
    const bool counts = std::ranges::find(beyond, stream.name) != std::end(beyond);
    if (counts) cost.of_beyond += stream.requests;
  }
  return cost;
}

Cost run(SyncLab& lab, const std::string& source) {
  lab.bitbucket().clear_log();
  return watch(lab, lab.queue(source));
}

/// The next sync of the schedule.
Cost wait_for_next(SyncLab& lab, const std::string& source) {
  const std::string before = lab.syncs(source).front().id;
  lab.bitbucket().clear_log();
  REQUIRE(lab.run_until([&] { return lab.syncs(source).front().id != before; }, 2h));
  return watch(lab, lab.syncs(source).front().id);
}

void print(const char* what, const Cost& cost, std::size_t aim) {
  const auto requests = static_cast<double>(cost.requests);
  std::printf("%-44s %6zu requests   %.2f of the aim of %zu%s   planned %.2f of what was used\n",
              what, cost.requests, requests / static_cast<double>(aim), aim,
              cost.requests <= aim ? " ok" : "   ",
              static_cast<double>(cost.planned) / static_cast<double>(cost.all));
}

void print_apart(const Cost& cost) {
  std::printf("%-44s %6zu requests, and %lld for activity, commits, builds and keys\n",
              "  of which for what the aim counts",
              cost.requests - static_cast<std::size_t>(cost.of_beyond),
              static_cast<long long>(cost.of_beyond));
}

}  // namespace

TEST_CASE("the reference repository") {
  log::set_level(log::Level::off);
  SyncLab lab(simulator::WorldOptions::reference_repository());
  const std::string source = lab.add_source();
  lab.start();
  const Cost first = run(lab, source);
  print("reference repository, first", first, 400);
  lab.run_for(24h);
  const Cost quiet = run(lab, source);
  print("reference repository, a quiet day later", quiet, 30);
  for (const Other& other : others) {
    std::printf("  %-58s %5.0f first: %.0f times as many", other.name, other.first,
                other.first / static_cast<double>(first.requests));
    if (other.quiet > 0) std::printf("; %.0f on a quiet day", other.quiet);
    std::printf("\n");
  }
}

TEST_CASE("a workspace of 500 repositories") {
  log::set_level(log::Level::off);
  simulator::WorldOptions options;
  options.people = 100;
  options.projects = 20;
  options.repositories = 500;
  options.pull_requests = 20'000;
  options.with_pipelines = 40;
  options.left_open = 7;
  SyncLab lab(options);
  SourceOptions hourly;
  hourly.scheduled = true;
  const std::string source = lab.add_source(hourly);
  lab.start();
  const Cost first = run(lab, source);
  print("workspace, first", first, 6'500);
  print_apart(first);
  lab.bitbucket().switches.lives = true;
  Cost day;
  constexpr int hours = 30;
  for (int hour = 1; hour <= hours; ++hour) {
    const Cost later = wait_for_next(lab, source);
    if (hour == 1) print("workspace, an hour later", later, 260);
    if (hour <= hours - 24) continue;
    day.requests += later.requests;
    day.all += later.all;
    day.planned += later.planned;
    day.of_beyond += later.of_beyond;
  }
  day.requests /= 24;
  day.of_beyond /= 24;
  print("workspace, on average of an hour of a day", day, 260);
  print_apart(day);
}
