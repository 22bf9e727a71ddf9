#pragma once

#include "config/clock.hpp"
#include "storage/database.hpp"
#include "storage/sqlite/sqlite_connection.hpp"
#include "tests/simulator/dice.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace evidenced::deterministic {

/// The SQLite driver without its threads: its connections, migrations and transactions, each unit
/// of work run at once by its caller. What comes later, as from a thread, is the answer.
class InlineDatabase final : public storage::Database {
 public:
  struct Manner {
    std::uint32_t late_one_in = 0;          ///< answers that take a while; 0: none does
    std::chrono::milliseconds latest{200};  ///< the longest while
    std::int64_t checkpoint_bytes = 1 << 20;
  };
  struct Parts {
    Clock& clock;
    simulator::Dice& dice;
    Manner manner;
  };

  /// Opens what is on the disk, as `evidenced` does, or makes it. Errors: those of open_sqlite.
  static Result<std::unique_ptr<InlineDatabase>> open(const std::string& path, bool create,
                                                      Parts parts);

  Task<Result<void>> run(storage::Access access, Work work) override;

  /// The same for callers that are no coroutines.
  Result<void> at_once(storage::Access access, Work& work);

  /// Called after each transaction that wrote something and was acknowledged, before whoever wrote
  /// hears of it.
  std::function<void(storage::Connection&)> acknowledged;

 private:
  explicit InlineDatabase(Parts parts) : parts_(parts) {}
  void tend_log();

  Parts parts_;
  // The writer closes last: it copies the log into the file and removes it.
  std::unique_ptr<storage::SqliteConnection> writer_;
  std::unique_ptr<storage::SqliteConnection> reader_;
};

/// What `work(connection)` gives, at once: storage::read and storage::write for tests.
template <class F>
storage::WorkResult<F> at_once(InlineDatabase& database, storage::Access access, F work) {
  std::optional<storage::WorkResult<F>> result;
  storage::Database::Work unit = [&](storage::Connection& connection) -> Result<void> {
    result.emplace(work(connection));
    if (!*result) return fail(*result);
    return {};
  };
  const Result<void> ran = database.at_once(access, unit);
  if (!ran) return fail(ran);
  return std::move(*result);
}

}  // namespace evidenced::deterministic
