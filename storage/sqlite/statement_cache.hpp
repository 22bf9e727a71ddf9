#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace evidenced::storage {

struct StatementCloser {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

/// A compiled statement. SQLite numbers `$n` in the order in which it meets them: `positions[i]` is
/// the n of its parameter i + 1.
struct Statement {
  std::string sql;
  std::unique_ptr<sqlite3_stmt, StatementCloser> handle;
  std::vector<int> positions;
  std::uint64_t last_use = 0;
};

/// Compiled statements of one connection; past the capacity the least recently used one goes.
class StatementCache {
 public:
  /// The statement of `sql`, for the caller alone as long as it holds it: one that runs inside
  /// another's rows gets its own. Throws Fault when `sql` does not compile.
  std::shared_ptr<Statement> take(sqlite3* connection, std::string_view sql);
  void clear() { statements_.clear(); }
  std::size_t size() const { return statements_.size(); }

  static constexpr std::size_t capacity = 128;

 private:
  void drop_oldest();

  std::unordered_map<std::string_view, std::shared_ptr<Statement>> statements_;
  std::uint64_t uses_ = 0;
};

}  // namespace evidenced::storage
