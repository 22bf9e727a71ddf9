#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace evidenced::storage {

struct StatementCloser {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

/// A compiled statement. SQLite numbers `$n` in the order in which it meets them: `position[i]` is
/// the n of its parameter i + 1.
struct Statement {
  std::string sql;
  std::unique_ptr<sqlite3_stmt, StatementCloser> handle;
  std::vector<int> position;
};

/// Compiled statements of one connection, the least recently used ones dropped first. A statement
/// is taken out while it runs, so one that runs inside another's rows gets its own.
class StatementCache {
 public:
  /// Throws Fault when `sql` does not compile.
  Statement take(sqlite3* connection, std::string_view sql);
  void give_back(Statement statement);
  void clear();
  std::size_t size() const { return recent_.size(); }

  static constexpr std::size_t capacity = 128;

 private:
  std::list<Statement> recent_;  // front: used last
  std::unordered_map<std::string_view, std::list<Statement>::iterator> by_sql_;
};

}  // namespace evidenced::storage
