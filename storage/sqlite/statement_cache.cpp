#include "storage/sqlite/statement_cache.hpp"

#include "storage/sqlite/sqlite_error.hpp"

#include <charconv>

namespace evidenced::storage {

namespace {

std::vector<int> parameter_positions(sqlite3_stmt* statement) {
  std::vector<int> positions;
  for (int i = 1; i <= sqlite3_bind_parameter_count(statement); ++i) {
    const char* name = sqlite3_bind_parameter_name(statement, i);
    std::string_view text = name == nullptr ? "" : name;
    int number = 0;
    if (text.starts_with('$')) {
      std::from_chars(text.data() + 1, text.data() + text.size(), number);
    }
    positions.push_back(number);
  }
  return positions;
}

}  // namespace

Statement StatementCache::take(sqlite3* connection, std::string_view sql) {
  if (auto found = by_sql_.find(sql); found != by_sql_.end()) {
    auto entry = found->second;
    by_sql_.erase(found);
    Statement statement = std::move(*entry);
    recent_.erase(entry);
    return statement;
  }
  Statement statement;
  statement.sql = sql;
  sqlite3_stmt* handle = nullptr;
  int code =
      sqlite3_prepare_v3(connection, statement.sql.data(), static_cast<int>(statement.sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) throw_sqlite_fault(connection, "compiling a statement");
  statement.handle.reset(handle);
  statement.position = parameter_positions(handle);
  return statement;
}

void StatementCache::give_back(Statement statement) {
  if (by_sql_.contains(statement.sql)) return;
  recent_.push_front(std::move(statement));
  by_sql_.emplace(recent_.front().sql, recent_.begin());
  if (recent_.size() <= capacity) return;
  by_sql_.erase(recent_.back().sql);
  recent_.pop_back();
}

void StatementCache::clear() {
  by_sql_.clear();
  recent_.clear();
}

}  // namespace evidenced::storage
