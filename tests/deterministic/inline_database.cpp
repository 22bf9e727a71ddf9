#include "tests/deterministic/inline_database.hpp"

#include "storage/migrations.hpp"
#include "storage/sqlite/sqlite_schema.hpp"
#include "storage/sqlite/work_threads.hpp"

#include <utility>

namespace evidenced::deterministic {

using storage::Access;
using storage::SqliteConnection;

Result<std::unique_ptr<InlineDatabase>> InlineDatabase::open(const std::string& path, bool create,
                                                             Parts parts) {
  using Use = SqliteConnection::Use;
  if (!create) {
    const Result<void> schema = storage::check_schema(path, storage::migrations());
    if (!schema) return fail(schema);
  }
  try {
    std::unique_ptr<InlineDatabase> made(new InlineDatabase(parts));
    made->writer_ = std::make_unique<SqliteConnection>(path, create ? Use::create : Use::write);
    storage::migrate(*made->writer_, storage::migrations());
    made->reader_ = std::make_unique<SqliteConnection>(path, Use::read);
    return made;
  } catch (const storage::Fault& fault) {
    return std::unexpected(fault.error);
  }
}

Task<Result<void>> InlineDatabase::run(Access access, Work work) {
  Result<void> result = at_once(access, work);
  const bool late = parts_.manner.late_one_in > 0 && parts_.dice.one_in(parts_.manner.late_one_in);
  if (late) {
    const auto most = static_cast<std::size_t>(parts_.manner.latest.count());
    co_await parts_.clock.sleep_for(std::chrono::milliseconds(parts_.dice.below(most)));
  }
  co_return result;
}

Result<void> InlineDatabase::at_once(Access access, Work& work) {
  if (access != Access::write) return storage::run_transaction(*reader_, false, work);
  const std::int64_t writes = writer_->writes();
  Result<void> result = storage::run_transaction(*writer_, true, work);
  const bool wrote = result && writer_->writes() != writes;
  if (wrote && acknowledged) acknowledged(*writer_);
  tend_log();
  return result;
}

/// As the driver's writer does between jobs, of smaller logs.
void InlineDatabase::tend_log() {
  if (writer_->log_growth() < parts_.manner.checkpoint_bytes) return;
  writer_->checkpoint(writer_->log_bytes() >= 4 * parts_.manner.checkpoint_bytes);
}

}  // namespace evidenced::deterministic
