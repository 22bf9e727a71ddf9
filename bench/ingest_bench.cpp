// Ingest with history beside bare SQLite upserts of the same rows into the same indexes, and the
// unchanged re-sync beside the first ingest: at the size of Bitbucket's pages, which is what a sync
// commits at a time, and at ten times that. Every round measures all of them on fresh files. What
// is gated is the ratio of CPU time (medians of the rounds); rates by the wall clock, which hold
// the disk's share, are only shown. Arguments: [rows] [rounds] [rows a transaction ...].
#include "bench/bare_store.hpp"
#include "bench/drafts.hpp"
#include "bench/folder.hpp"
#include "config/log.hpp"
#include "config/random.hpp"
#include "storage/collection_store.hpp"
#include "storage/source_store.hpp"
#include "storage/sqlite/sqlite_database.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace evidenced;
using namespace evidenced::storage;

constexpr double ingest_target = 0.6;
constexpr double unchanged_target = 4.0;

constexpr int resyncs = 3;

struct Options {
  std::size_t rows = 30'000;
  int rounds = 5;
  std::vector<std::size_t> pages{100, 1000};
};

struct Cost {
  double cpu_us = 0;   ///< of all threads, a row
  double wall_us = 0;  ///< a row
};

struct Costs {
  Cost keyed;  ///< bare, without the indexes that lists need
  Cost bare;
  Cost ingest;
  Cost unchanged;
};

template <class F>
Cost measure(std::size_t rows, F work) {
  auto start = std::chrono::steady_clock::now();
  double cpu_start = bench::own_cpu_seconds();
  work();
  std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  double microseconds_a_row = 1e6 / static_cast<double>(rows);
  return {.cpu_us = (bench::own_cpu_seconds() - cpu_start) * microseconds_a_row,
          .wall_us = wall.count() * microseconds_a_row};
}

std::span<const ArtifactDraft> page_at(const std::vector<ArtifactDraft>& drafts, std::size_t first,
                                       std::size_t size) {
  return std::span(drafts).subspan(first, std::min(size, drafts.size() - first));
}

/// What a program without history would do.
Cost bare_upserts(const std::string& path, bool indexed, const std::vector<ArtifactDraft>& drafts,
                  std::size_t page) {
  bench::BareStore store(path, indexed);
  return measure(drafts.size(), [&] {
    for (std::size_t first = 0; first < drafts.size(); first += page) {
      store.store(page_at(drafts, first, page));
    }
  });
}

Task<void> walk(Database& database, const std::vector<ArtifactDraft>& drafts, std::string sync_id,
                std::size_t page_size) {
  TenantScope tenant{std::string(default_tenant)};
  SystemRandom random;
  PageCommit page;
  page.key = {.source_id = "src_01J0000000000000000000000",
              .stream = "pull_request",
              .partition = "{5f0c7c3e-repo-4000}"};
  page.sync_id = sync_id;
  auto begin = [&](Connection& c) {
    return begin_walk(c, page.key, SyncMode::full, sync_id, "").walk;
  };
  Result<std::int64_t> number = co_await write(database, std::move(begin));
  page.walk = number.value();
  for (std::size_t first = 0; first < drafts.size(); first += page_size) {
    page.artifacts = page_at(drafts, first, page_size);
    page.position = fmt::format("{}", first);
    auto commit = [&](Connection& c) { return commit_page(c, tenant, page, random); };
    Result<PageResult> result = co_await write(database, std::move(commit));
    result.value();
  }
  auto complete = [&](Connection& c) {
    return complete_walk(c, tenant, page.key, sync_id, page.now);
  };
  Result<WalkEnd> end = co_await write(database, std::move(complete));
  end.value();
}

void run(Task<void> task) {
  boost::asio::io_context io(1);
  boost::asio::co_spawn(io, std::move(task), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.run();
}

Task<void> add_source(Database& database) {
  auto insert = [](Connection& c) {
    Source source;
    source.id = "src_01J0000000000000000000000";
    insert_source(c, TenantScope{std::string(default_tenant)}, source);
  };
  Result<void> inserted = co_await write(database, insert);
  inserted.value();
}

Costs round(const std::vector<ArtifactDraft>& drafts, std::size_t page) {
  const bench::Folder folder;
  Costs costs;
  costs.keyed = bare_upserts(folder.path() + "/keyed.db", false, drafts, page);
  costs.bare = bare_upserts(folder.path() + "/bare.db", true, drafts, page);
  {
    SqliteOptions file;
    file.path = folder.path() + "/evidenced.db";
    file.create = true;
    std::unique_ptr<Database> database = std::move(open_sqlite(file).value());
    run(add_source(*database));
    costs.ingest = measure(drafts.size(), [&] { run(walk(*database, drafts, "syn_0", page)); });
    costs.unchanged = measure(drafts.size() * resyncs, [&] {
      for (int i = 1; i <= resyncs; ++i) {
        run(walk(*database, drafts, fmt::format("syn_{}", i), page));
      }
    });
  }
  return costs;
}

double median_ratio(const std::vector<Costs>& rounds, Cost Costs::* base, Cost Costs::* measured,
                    double Cost::* unit) {
  std::vector<double> ratios;
  for (const Costs& costs : rounds) ratios.push_back(costs.*base.*unit / (costs.*measured.*unit));
  std::ranges::sort(ratios);
  return ratios[ratios.size() / 2];
}

void print_row(const char* name, const Cost& cost) {
  fmt::print("  {:<34} {:7.1f} us CPU {:7.1f} us wall a row\n", name, cost.cpu_us, cost.wall_us);
}

/// Measures, prints, and says whether the targets hold.
bool compare(const std::vector<ArtifactDraft>& drafts, std::size_t page, int repeats) {
  std::vector<Costs> rounds;
  for (int i = 0; i < repeats; ++i) rounds.push_back(round(drafts, page));
  fmt::print("ingest: {} rows of 1 KB, {} a transaction, last of {} rounds\n", drafts.size(), page,
             repeats);
  print_row("bare upserts, unique key only", rounds.back().keyed);
  print_row("bare upserts, all indexes", rounds.back().bare);
  print_row("ingest with history", rounds.back().ingest);
  print_row("unchanged re-sync", rounds.back().unchanged);
  double ingest = median_ratio(rounds, &Costs::bare, &Costs::ingest, &Cost::cpu_us);
  double unchanged = median_ratio(rounds, &Costs::ingest, &Costs::unchanged, &Cost::cpu_us);
  fmt::print("ingest with history, of bare upserts: {:.2f} (target {}; by wall clock {:.2f})\n",
             ingest, ingest_target,
             median_ratio(rounds, &Costs::bare, &Costs::ingest, &Cost::wall_us));
  fmt::print("unchanged re-sync, of first ingest:   {:.1f} (target {}; by wall clock {:.1f})\n",
             unchanged, unchanged_target,
             median_ratio(rounds, &Costs::ingest, &Costs::unchanged, &Cost::wall_us));
  return ingest >= ingest_target && unchanged >= unchanged_target;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (argc > 1) options.rows = std::strtoul(argv[1], nullptr, 10);
  if (argc > 2) options.rounds = std::atoi(argv[2]);
  if (argc > 3) options.pages.clear();
  for (int i = 3; i < argc; ++i) options.pages.push_back(std::strtoul(argv[i], nullptr, 10));
  evidenced::log::configure(log::Level::warning, log::Format::text);
  std::vector<ArtifactDraft> drafts = bench::make_drafts(0, static_cast<int>(options.rows));
  bool held = true;
  for (std::size_t page : options.pages) held = compare(drafts, page, options.rounds) && held;
  return held ? EXIT_SUCCESS : EXIT_FAILURE;
}
