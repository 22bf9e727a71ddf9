// Goal: statements, transactions and failures of the driver are what portable code expects. Method:
// the driver's own connections on real files.
#include "storage/sqlite/sqlite_connection.hpp"
#include "storage/sqlite/sqlite_error.hpp"
#include "tests/storage/store.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace evidenced::storage::tests {

namespace {

constexpr const char* endless =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

}  // namespace

TEST_CASE("a parameter goes where its number says, in whatever order and however often") {
  Store store;
  store.read([](Connection& c) {
    std::string text;
    c.query("SELECT $2 || $1 || $2", {"a", "b"}, [&](const Row& row) { text = row.text(0); });
    CHECK(text == "bab");
    c.query("SELECT $1", {std::string_view()}, [&](const Row& row) {
      CHECK_FALSE(row.is_null(0));
      CHECK(row.text(0).empty());
    });
    c.query("SELECT $1", {nullptr}, [&](const Row& row) { CHECK(row.is_null(0)); });
    CHECK_THROWS_AS(c.query("SELECT $3", {"a"}, [](const Row&) {}), Fault);
    CHECK_THROWS_AS(c.query("SELEC 1", {}, [](const Row&) {}), Fault);
  });
}

TEST_CASE(
    "a statement runs inside its own rows, and more statements than the cache holds all run") {
  Store store;
  store.read([](Connection& c) {
    constexpr std::string_view two = "SELECT 1 UNION ALL SELECT 2";
    int pairs = 0;
    c.query(two, {}, [&](const Row&) { c.query(two, {}, [&](const Row&) { ++pairs; }); });
    CHECK(pairs == 4);
    std::int64_t sum = 0;
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < 300; ++i) {
        c.query(fmt::format("SELECT {}", i), {}, [&](const Row& row) { sum += row.integer(0); });
      }
    }
    CHECK(sum == 2 * 299 * 150);
  });
}

TEST_CASE("the cache of statements stays within its capacity and keeps those in use") {
  TempDir dir;
  SqliteConnection connection(dir.file("x.db"), SqliteConnection::Use::create);
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(":memory:", &handle) == SQLITE_OK);
  StatementCache cache;
  sqlite3_stmt* hot = cache.take(handle, "SELECT 'hot'")->handle.get();
  for (int i = 0; i < 400; ++i) {
    cache.take(handle, fmt::format("SELECT {}", i));
    CHECK(cache.take(handle, "SELECT 'hot'")->handle.get() == hot);
  }
  CHECK(cache.size() == StatementCache::capacity);
  cache.clear();
  sqlite3_close(handle);
}

TEST_CASE("whatever leaves a unit of work rolls it back") {
  Store store(true);
  auto insert = [](Connection& c) {
    c.execute("INSERT INTO request_minutes VALUES ('a', 'b', 1, 1)");
  };
  Result<void> failed = store.try_write([&](Connection& c) -> Result<void> {
    insert(c);
    return fail("source.paused");
  });
  CHECK(failed.error().code == Code("source.paused"));
  Result<void> thrown = store.try_write([&](Connection& c) {
    insert(c);
    throw std::runtime_error("a bug");
  });
  CHECK(thrown.error().code == Code("internal.error"));
  CHECK(thrown.error().detail.find("a bug") == std::string::npos);
  Result<void> odd = store.try_write([&](Connection& c) {
    insert(c);
    throw 42;
  });
  CHECK(odd.error().code == Code("internal.error"));
  CHECK(store.number("SELECT count(*) FROM request_minutes") == 0);
}

TEST_CASE("a runaway query ends with a timeout and its connection goes on") {
  Store store;
  store.close();
  store.options().query_timeout = std::chrono::milliseconds(50);
  store.options().read_timeout = std::chrono::milliseconds(50);
  store.options().readers = 1;
  store.open();
  auto runaway = [](Connection& c) { c.query(endless, {}, [](const Row&) {}); };
  CHECK(store.try_query(runaway).error().code == Code("query.timeout"));
  CHECK(store.try_read(runaway).error().code == Code("query.timeout"));
  CHECK(store.number("SELECT count(*) FROM sources") == 1);
}

TEST_CASE("the time limit of answers is not that of the daemon's own reading; writing has none") {
  Store store;
  store.close();
  store.options().query_timeout = std::chrono::milliseconds(1);
  store.open();
  constexpr const char* long_query =
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)"
      " SELECT count(*) FROM n";
  auto work = [&](Connection& c) { c.query(long_query, {}, [](const Row&) {}); };
  CHECK(store.try_query(work).error().code == Code("query.timeout"));
  CHECK(store.try_read(work).has_value());
  CHECK(store.try_write(work).has_value());
}

TEST_CASE("engine failures have the codes that clients know") {
  using Row = std::pair<int, const char*>;
  for (auto [sqlite, code] : {Row{SQLITE_FULL, "storage.full"},
                              {SQLITE_READONLY_DIRECTORY, "storage.read_only"},
                              {SQLITE_CANTOPEN_FULLPATH, "storage.unavailable"},
                              {SQLITE_NOTADB, "storage.corrupt"},
                              {SQLITE_CORRUPT_INDEX, "storage.corrupt"},
                              {SQLITE_BUSY_SNAPSHOT, "storage.busy"},
                              {SQLITE_INTERRUPT, "query.timeout"},
                              {SQLITE_IOERR_READ, "storage.unavailable"},
                              {SQLITE_CONSTRAINT_UNIQUE, "internal.error"}}) {
    CHECK(sqlite_error(sqlite, "testing").code.text() == code);
  }
}

}  // namespace evidenced::storage::tests
