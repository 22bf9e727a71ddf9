// Goal: work runs on the database's threads, callers resume on their own, and nobody sees half a
// page. Method: many coroutines on one loop over a database with a writer and readers.
#include "tests/storage/walker.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <latch>
#include <thread>

namespace evidenced::storage::tests {

namespace {

constexpr int rows_together = 20;

struct Tally {
  std::atomic<int> reads{0};
  std::atomic<int> torn{0};
  std::atomic<int> failed{0};
  std::atomic<int> elsewhere{0};
};

Task<void> read_once(Database& database, std::thread::id home, Tally& tally) {
  auto count = [](Connection& c) {
    std::int64_t rows = 0;
    c.query("SELECT count(*) FROM artifacts", {}, [&](const Row& row) { rows = row.integer(0); });
    std::int64_t seq = current_seq(c, TenantScope{std::string(default_tenant)});
    return std::pair(rows, seq);
  };
  Result<std::pair<std::int64_t, std::int64_t>> counted = co_await read(database, count);
  if (std::this_thread::get_id() != home) ++tally.elsewhere;
  ++tally.reads;
  if (!counted) {
    ++tally.failed;
  } else if (counted->first % rows_together != 0 || counted->first != counted->second) {
    ++tally.torn;
  }
}

Task<void> write_pages(Database& database, PageCommit page, int pages) {
  SeededRandom random;
  TenantScope tenant{std::string(default_tenant)};
  for (int i = 0; i < pages; ++i) {
    std::vector<ArtifactDraft> drafts;
    for (int k = 0; k < rows_together; ++k) {
      drafts.push_back(pull_request(fmt::format("pr-{}-{}", i, k), "acme/api"));
    }
    page.artifacts = drafts;
    auto commit = [&](Connection& c) { return commit_page(c, tenant, page, random); };
    Result<PageResult> result = co_await write(database, std::move(commit));
    if (!result) throw std::runtime_error(result.error().detail);
  }
}

}  // namespace

TEST_CASE("a thousand readers beside a writer see whole pages only") {
  Store store(true);
  Walker walker(store, "pull_request", "{repo-1}");
  walker.begin(SyncMode::full, "syn_1");
  boost::asio::io_context io(1);
  Tally tally;
  auto rethrow = [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  };
  boost::asio::co_spawn(io, write_pages(store.database(), walker.page_of({}), 40), rethrow);
  for (int i = 0; i < 1000; ++i) {
    boost::asio::co_spawn(io, read_once(store.database(), std::this_thread::get_id(), tally),
                          rethrow);
  }
  io.run();
  CHECK(tally.reads == 1000);
  CHECK(tally.failed == 0);
  CHECK(tally.torn == 0);
  CHECK(tally.elsewhere == 0);
  CHECK(store.number("SELECT count(*) FROM artifacts") == 40 * rows_together);
}

TEST_CASE("work goes on to its end when its caller is cancelled, and the caller learns the end") {
  Store store(true);
  boost::asio::io_context io(1);
  boost::asio::cancellation_signal signal;
  std::latch begun(1);
  std::latch go_on(1);
  std::string kept = "of the caller";
  std::string seen;
  auto work = [&](Connection& c) -> Result<void> {
    begun.count_down();
    go_on.wait();
    seen = kept;
    c.execute("INSERT INTO request_minutes VALUES ('a', 'b', 1, 1)");
    return {};
  };
  bool ended = false;
  boost::asio::co_spawn(io, store.database().run(Access::write, work),
                        boost::asio::bind_cancellation_slot(
                            signal.slot(), [&](std::exception_ptr failure, Result<void> result) {
                              ended = !failure && result.has_value();
                            }));
  std::thread helper([&] {
    begun.wait();
    boost::asio::post(io, [&] {
      signal.emit(boost::asio::cancellation_type::all);
      CHECK_FALSE(ended);
      go_on.count_down();
    });
  });
  io.run();
  helper.join();
  CHECK(ended);
  CHECK(seen == kept);
  CHECK(store.number("SELECT count(*) FROM request_minutes") == 1);
}

TEST_CASE("a caller's loop stays while only a thread of the database is busy for it") {
  Store store(true);
  auto slow = [](Connection&) { std::this_thread::sleep_for(std::chrono::milliseconds(30)); };
  CHECK(store.try_write(slow).has_value());
  CHECK(store.try_read(slow).has_value());
}

TEST_CASE("a database that goes first finishes the work it was given") {
  Store store(true);
  boost::asio::io_context io(1);
  int done = 0;
  for (int i = 0; i < 20; ++i) {
    auto work = [i](Connection& c) -> Result<void> {
      c.execute("INSERT INTO request_minutes VALUES ('a', 'b', $1, 1)", {std::int64_t{i}});
      return {};
    };
    boost::asio::co_spawn(io, store.database().run(Access::write, work),
                          [&](std::exception_ptr failure, Result<void> result) {
                            if (!failure && result) ++done;
                          });
  }
  io.poll();
  store.close();
  io.run();
  CHECK(done == 20);
  store.open();
  CHECK(store.number("SELECT count(*) FROM request_minutes") == 20);
}

}  // namespace evidenced::storage::tests
