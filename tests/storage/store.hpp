#pragma once

#include "config/random.hpp"
#include "storage/artifact_store.hpp"
#include "storage/collection_store.hpp"
#include "storage/database.hpp"
#include "storage/source_store.hpp"
#include "storage/sqlite/sqlite_database.hpp"
#include "tests/catch.hpp"
#include "tests/folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <random>
#include <string>

namespace evidenced::storage::tests {

using TempDir = test::Folder;

/// Numbers that look random and are the same in every run.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed = 1) : engine_(seed) {}
  void fill(std::span<unsigned char> out) override {
    for (unsigned char& byte : out) byte = static_cast<unsigned char>(engine_());
  }
  bool chance(int percent) { return below(100) < static_cast<std::uint64_t>(percent); }

 private:
  std::mt19937_64 engine_;
};

inline Timestamp at(std::int64_t seconds) {
  return Timestamp(std::chrono::seconds(1'800'000'000 + seconds));
}

template <class T>
Task<void> keep_result(Task<T> task, std::optional<T>* result) {
  T value = co_await std::move(task);
  result->emplace(std::move(value));
}

/// Runs a task on a loop of its own, to its end.
template <class T>
T run(Task<T> task) {
  boost::asio::io_context io(1);
  std::optional<T> result;
  boost::asio::co_spawn(io, keep_result(std::move(task), &result), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.run();
  return std::move(*result);
}

/// A database on a real file with one tenant and one source, and verbs for what tests do to it.
class Store {
 public:
  explicit Store(bool threads = false) : options_{.path = dir_.file("evidenced.db")} {
    options_.inline_threads = !threads;
    options_.create = true;
    open();
    options_.create = false;
    add_source(source_id);
  }

  void open() {
    Result<std::unique_ptr<Database>> opened = open_sqlite(options_);
    INFO((opened ? "" : opened.error().detail));
    REQUIRE(opened.has_value());
    database_ = std::move(*opened);
  }
  void close() { database_.reset(); }

  template <class F>
  auto write(F work) {
    return unwrap(run(run_as(Access::write, *database_, std::move(work))));
  }
  template <class F>
  auto read(F work) {
    return unwrap(run(run_as(Access::read, *database_, std::move(work))));
  }
  template <class F>
  auto try_write(F work) {
    return run(run_as(Access::write, *database_, std::move(work)));
  }
  template <class F>
  auto try_query(F work) {
    return run(run_as(Access::query, *database_, std::move(work)));
  }
  template <class F>
  auto try_read(F work) {
    return run(run_as(Access::read, *database_, std::move(work)));
  }

  void add_source(const std::string& id) {
    Source source;
    source.id = id;
    source.name = id;
    source.account_uuid = "{account-" + id + "}";
    write([&](Connection& c) { insert_source(c, tenant, source); });
  }

  /// The only integer of the only row.
  std::int64_t number(std::string_view sql) {
    return read([&](Connection& c) {
      std::int64_t value = 0;
      c.query(sql, {}, [&](const Row& row) { value = row.integer(0); });
      return value;
    });
  }
  std::string text(std::string_view sql) {
    return read([&](Connection& c) {
      std::string value;
      c.query(sql, {}, [&](const Row& row) { value = row.text(0); });
      return value;
    });
  }

  std::vector<Artifact> list(const ArtifactFilter& filter) {
    return read([&](Connection& c) { return list_artifacts(c, tenant, filter); });
  }

  Database& database() { return *database_; }
  const std::string& path() const { return options_.path; }
  SqliteOptions& options() { return options_; }
  const TempDir& dir() const { return dir_; }

  TenantScope tenant{std::string(default_tenant)};
  const std::string source_id = "src_1";
  SeededRandom random;

 private:
  template <class T>
  static T unwrap(Result<T> result) {
    if (!result) FAIL(result.error().code.text() << ": " << result.error().detail);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }

  TempDir dir_;
  SqliteOptions options_;
  std::unique_ptr<Database> database_;
};

}  // namespace evidenced::storage::tests
