#include "storage/sqlite/statement_cache.hpp"

#include "storage/sqlite/sqlite_error.hpp"

#include <algorithm>
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

std::shared_ptr<Statement> compile(sqlite3* connection, std::string_view sql) {
  auto statement = std::make_shared<Statement>();
  statement->sql = sql;
  sqlite3_stmt* handle = nullptr;
  int code =
      sqlite3_prepare_v3(connection, statement->sql.data(), static_cast<int>(statement->sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) throw_sqlite_fault(connection, "compiling a statement");
  statement->handle.reset(handle);
  statement->positions = parameter_positions(handle);
  return statement;
}

}  // namespace

std::shared_ptr<Statement> StatementCache::take(sqlite3* connection, std::string_view sql) {
  auto found = statements_.find(sql);
  if (found != statements_.end()) {
    bool taken = found->second.use_count() > 1;
    if (taken) return compile(connection, sql);
    found->second->last_use = ++uses_;
    return found->second;
  }
  std::shared_ptr<Statement> statement = compile(connection, sql);
  statement->last_use = ++uses_;
  statements_.emplace(statement->sql, statement);
  if (statements_.size() > capacity) drop_oldest();
  return statement;
}

void StatementCache::drop_oldest() {
  auto oldest = std::ranges::min_element(statements_, {},
                                         [](const auto& entry) { return entry.second->last_use; });
  // The key is a view into the statement: it has to outlive the entry.
  std::shared_ptr<Statement> statement = oldest->second;
  statements_.erase(oldest);
}

}  // namespace evidenced::storage
