// Ingest with history beside bare SQLite upserts of the same rows into the same indexes, and the
// unchanged re-sync beside the first ingest: at the size of Bitbucket's pages, which is what a sync
// commits at a time, and at ten times that. Every round measures all of them on fresh files. What
// is gated is the ratio of CPU time (medians of the rounds); rates by the wall clock, which hold
// the disk's share, are only shown. Arguments: [rows] [rounds] [rows a transaction ...].
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
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
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

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

template <class F>
Cost measure(std::size_t rows, F work) {
  auto start = std::chrono::steady_clock::now();
  double cpu_start = cpu_seconds();
  work();
  std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  double microseconds_a_row = 1e6 / static_cast<double>(rows);
  return {.cpu_us = (cpu_seconds() - cpu_start) * microseconds_a_row,
          .wall_us = wall.count() * microseconds_a_row};
}

std::span<const ArtifactDraft> page_at(const std::vector<ArtifactDraft>& drafts, std::size_t first,
                                       std::size_t size) {
  return std::span(drafts).subspan(first, std::min(size, drafts.size() - first));
}

void check(int code, sqlite3* handle) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
  throw std::runtime_error(sqlite3_errmsg(handle));
}

constexpr const char* bare_table =
    "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "PRAGMA secure_delete=ON; PRAGMA cache_size=-32768;"
    "CREATE TABLE artifacts (num INTEGER PRIMARY KEY, tenant TEXT, id TEXT, source TEXT, kind TEXT,"
    " upstream_id TEXT, workspace TEXT, project TEXT, repository TEXT, title TEXT, digest BLOB,"
    " seq INTEGER, observed_at INTEGER, content TEXT, UNIQUE (source, kind, upstream_id))";
constexpr const char* bare_indexes =
    "CREATE UNIQUE INDEX i1 ON artifacts (tenant, id);"
    "CREATE INDEX i2 ON artifacts (tenant, kind, num);"
    "CREATE INDEX i3 ON artifacts (tenant, source, num);"
    "CREATE INDEX i4 ON artifacts (tenant, workspace, num);"
    "CREATE INDEX i5 ON artifacts (tenant, project, num);"
    "CREATE INDEX i6 ON artifacts (tenant, repository, num);"
    "CREATE INDEX i7 ON artifacts (tenant, seq)";
constexpr const char* bare_upsert =
    "INSERT INTO artifacts (tenant, source, kind, upstream_id, workspace, project, repository,"
    " title, digest, seq, observed_at, content, id)"
    " VALUES ('default', 'src_01J0000000000000000000000', ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?9, 1, ?8,"
    " printf('art_01J00000000000%012d', ?9))"
    " ON CONFLICT (source, kind, upstream_id) DO UPDATE SET title = excluded.title,"
    " digest = excluded.digest, observed_at = excluded.observed_at, content = excluded.content";

/// What a program without history would do: the same columns and keys, the same durability, one
/// upsert a row.
Cost bare_upserts(const std::string& path, bool indexed, const std::vector<ArtifactDraft>& drafts,
                  std::size_t page) {
  sqlite3* handle = nullptr;
  check(sqlite3_open(path.c_str(), &handle), handle);
  check(sqlite3_exec(handle, bare_table, nullptr, nullptr, nullptr), handle);
  if (indexed) check(sqlite3_exec(handle, bare_indexes, nullptr, nullptr, nullptr), handle);
  sqlite3_stmt* upsert = nullptr;
  check(sqlite3_prepare_v2(handle, bare_upsert, -1, &upsert, nullptr), handle);
  sqlite3_int64 seq = 0;
  auto store = [&](const ArtifactDraft& draft) {
    int index = 0;
    for (const std::string* text : {&draft.kind, &draft.upstream_id, &draft.workspace,
                                    &draft.project, &draft.repository, &draft.title}) {
      sqlite3_bind_text(upsert, ++index, text->data(), static_cast<int>(text->size()), nullptr);
    }
    sqlite3_bind_blob(upsert, 7, draft.digest.data(), 32, nullptr);
    sqlite3_bind_text(upsert, 8, draft.content.data(), static_cast<int>(draft.content.size()),
                      nullptr);
    sqlite3_bind_int64(upsert, 9, ++seq);
    check(sqlite3_step(upsert), handle);
    sqlite3_reset(upsert);
  };
  Cost cost = measure(drafts.size(), [&] {
    for (std::size_t first = 0; first < drafts.size(); first += page) {
      check(sqlite3_exec(handle, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), handle);
      for (const ArtifactDraft& draft : page_at(drafts, first, page)) store(draft);
      check(sqlite3_exec(handle, "COMMIT", nullptr, nullptr, nullptr), handle);
    }
  });
  sqlite3_finalize(upsert);
  sqlite3_close(handle);
  return cost;
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
