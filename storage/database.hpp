#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"
#include "storage/connection.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace evidenced::storage {

enum class Access {
  read,   ///< the daemon's own reading: one snapshot; the connection cannot write; aborted with
          ///< query.timeout only when something must be wrong
  query,  ///< the same for somebody who waits for an answer: aborted with query.timeout much sooner
  write,  ///< one transaction, durable when `run` has returned success
};

/// Where everything is kept. Work runs on the database's own threads; the caller is resumed on its
/// executor.
class Database {
 public:
  /// A unit of work; runs on a thread of the database. An error rolls back whatever it wrote.
  using Work = std::move_only_function<Result<void>(Connection&)>;

  virtual ~Database() = default;

  /// Runs `work` in one transaction. Not cancellable: it always runs to its end, so it may refer to
  /// the caller's frame. Errors: the work's own, and storage.*, query.timeout from the engine.
  virtual Task<Result<void>> run(Access access, Work work) = 0;

  /// Grows whenever something may have been written: what was read from when it was asked for until
  /// it is asked for again with the same answer is still what would be read. nullopt: others write
  /// too, nobody knows. Thread-safe.
  virtual std::optional<std::uint64_t> version() const { return std::nullopt; }

  /// Why the engine refused to write (storage.full, storage.read_only, …); nullopt once something
  /// was written again and no write was refused for ten seconds: on a full disk a small write may
  /// still find room. Thread-safe.
  virtual std::optional<Error> write_fault() const { return std::nullopt; }
};

namespace detail {

template <class T>
struct AsResult {
  using type = Result<T>;
};
template <class T>
struct AsResult<Result<T>> {
  using type = Result<T>;
};

}  // namespace detail

/// What `work(connection)` gives, as a Result: work that cannot fail by itself may return a plain
/// value or nothing.
template <class F>
using WorkResult = typename detail::AsResult<std::invoke_result_t<F&, Connection&>>::type;

template <class F>
Task<WorkResult<F>> run_as(Access access, Database& database, F work) {
  std::optional<WorkResult<F>> result;
  Database::Work wrapped = [&result, &work](Connection& connection) -> Result<void> {
    if constexpr (std::is_void_v<std::invoke_result_t<F&, Connection&>>) {
      work(connection);
      result.emplace();
    } else {
      result.emplace(work(connection));
    }
    if (!*result) return fail(*result);
    return {};
  };
  Result<void> ran = co_await database.run(access, std::move(wrapped));
  if (!ran) co_return fail(ran);
  co_return std::move(*result);
}

/// `Result<Sync> sync = co_await read(database, [&](Connection& c) { return find_sync(c, tenant,
/// id); });`
template <class F>
auto read(Database& database, F work) {
  return run_as(Access::read, database, std::move(work));
}

/// A `read` for somebody who waits for the answer of a request.
template <class F>
auto query(Database& database, F work) {
  return run_as(Access::query, database, std::move(work));
}

template <class F>
auto write(Database& database, F work) {
  return run_as(Access::write, database, std::move(work));
}

/// Writes a row as it stands: after a refused write this shows `write_fault` whether the engine
/// writes again, where nobody else writes.
inline auto try_write(Database& database) {
  return write(database, [](Connection& connection) -> void {
    connection.execute("UPDATE vault SET id = id", {});
  });
}

}  // namespace evidenced::storage
