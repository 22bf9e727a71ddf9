// What collecting costs in requests, on virtual time against the simulated Bitbucket: the reference
// repository of collection.md, first and on a quiet day, beside what others need for the same by
// their code (reference: bitbucket, section 13); and a workspace of 100 people, 20 projects, 500
// repositories and 20,000 pull requests, first and in the hours after. Counted are requests of the
// group of repositories, which is the one that runs out; what was planned once a tenth was
// done is shown beside what was used. The aims for the workspace were made for what the others
// collect, too (section 8): the streams that they leave out are summed up apart.
#include "config/log.hpp"
#include "connector/bitbucket/streams.hpp"
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"

#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <iterator>
#include <map>
#include <numeric>
#include <string>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
namespace bitbucket = connector::bitbucket;

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
    {"Faros (activity, changes and steps one by one)",
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
  std::int64_t planned = 0;  ///< of every group, when a tenth of it was done
  std::int64_t of_beyond = 0;
  std::map<std::string, std::int64_t> of_streams;  ///< whatever their group
};

/// What a sync said: so many requests done of so many planned.
struct Said {
  std::int64_t done = 0;
  std::int64_t planned = 0;
};

/// From its queue to its end; its requests are the only ones since the log was cleared.
Cost watch(SyncLab& lab, const std::string& id) {
  std::vector<Said> said;
  storage::Sync sync = lab.sync(id);
  while (sync.state != storage::SyncState::done) {
    lab.run_for(1s);
    sync = lab.sync(id);
    said.push_back({sync.requests_done, sync.requests_planned});
  }
  INFO(describe(sync));
  REQUIRE(sync.result == storage::SyncResult::succeeded);
  Cost cost;
  cost.all = sync.requests_done;
  // Early: a tenth of it was done.
  const auto early = std::ranges::find_if(
      said, [&cost](const Said& moment) { return moment.done * 10 >= cost.all; });
  cost.planned = early->planned;
  cost.requests = lab.requests("repositories");
  for (const storage::SyncStream& stream : sync.streams) {
    const bool counts = std::ranges::find(beyond, stream.name) != std::end(beyond);
    if (counts) cost.of_beyond += stream.requests;
    if (stream.requests > 0) cost.of_streams[stream.name] += stream.requests;
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
  std::fflush(stdout);
}

void print_apart(const Cost& cost) {
  std::printf("%-44s %6zu requests, and %lld for activity, commits, builds and keys\n",
              "  of which for what the aim counts",
              cost.requests - static_cast<std::size_t>(cost.of_beyond),
              static_cast<long long>(cost.of_beyond));
}

/// Where the requests go, stream by stream.
struct Column {
  const char* title;
  const Cost& cost;
  double divisor = 1;

  double of(const std::string& stream) const {
    const auto found = cost.of_streams.find(stream);
    if (found == cost.of_streams.end()) return 0;
    return static_cast<double>(found->second) / divisor;
  }
};
void print_streams(std::initializer_list<Column> columns) {
  std::printf("  %-28s", "stream");
  for (const Column& column : columns) std::printf(" %9s", column.title);
  std::printf("\n");
  for (const bitbucket::Stream& stream : bitbucket::streams()) {
    const std::string name(stream.name);
    const bool any =
        std::ranges::any_of(columns, [&](const Column& column) { return column.of(name) > 0; });
    if (!any) continue;
    std::printf("  %-28s", name.c_str());
    for (const Column& column : columns) std::printf(" %9.1f", column.of(name));
    std::printf("  %s\n", std::string(bitbucket::group_name(stream.group)).c_str());
  }
}

}  // namespace

TEST_CASE("the reference repository") {
  log::set_level(log::Level::off);
  SyncLab lab(simulator::WorldOptions::reference_repository());
  const std::string source = lab.add_source();
  lab.start();
  const Cost first = run(lab, source);
  print("reference repository, first", first, 400);
  lab.run_for(23h);
  lab.world().live_quietly(*lab.world().workspaces.front()->repositories.front(),
                           lab.clock().now());
  lab.run_for(1h);
  const Cost quiet = run(lab, source);
  print("reference repository, a quiet day later", quiet, 30);
  std::printf("  %lld and %lld requests of all groups\n", static_cast<long long>(first.all),
              static_cast<long long>(quiet.all));
  print_streams({{"first", first}, {"quiet day", quiet}});
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
  const std::string source = lab.add_source();
  lab.start();
  lab.bitbucket().switches.lives = true;
  const Cost first = run(lab, source);
  print("workspace, first", first, 6'500);
  print_apart(first);
  lab.change_source(source, [&](storage::Source& hourly) {
    hourly.next_run_at = lab.clock().now() + hourly.interval;
  });
  Cost after;
  Cost day;
  double least = 1;
  double most = 1;
  // The second day is like those after it but for what has a turn every four or seven days: some
  // fifteen requests an hour more.
  constexpr int hours = 48;
  for (int hour = 1; hour <= hours; ++hour) {
    const Cost later = wait_for_next(lab, source);
    if (hour == 1) {
      print("workspace, an hour later", later, 260);
      after = later;
    }
    if (hour <= hours - 24) continue;
    const double planned = static_cast<double>(later.planned) / static_cast<double>(later.all);
    least = std::min(least, planned);
    most = std::max(most, planned);
    day.requests += later.requests;
    day.all += later.all;
    day.planned += later.planned;
    day.of_beyond += later.of_beyond;
    for (const auto& [name, requests] : later.of_streams) day.of_streams[name] += requests;
  }
  day.requests /= 24;
  day.of_beyond /= 24;
  print("workspace, on average of an hour of day two", day, 260);
  print_apart(day);
  std::printf("  hour by hour planned between %.2f and %.2f of what was used\n", least, most);
  print_streams({{"first", first}, {"hour after", after}, {"day two/h", day, 24}});
}
