#pragma once

#include "config/error.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace evidenced::storage {

/// Bytes that are not text: sealed secrets, digests.
struct Blob {
  std::span<const std::byte> bytes;
};

/// A value bound to `$1`, `$2`, …; the caller keeps what a view points to alive until the call
/// returns.
using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string_view, Blob>;

/// One row of an answer. Columns count from 0; views are valid until the next row.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;   ///< 0 when null
  virtual std::string_view text(int column) const = 0;  ///< empty when null
  virtual std::span<const std::byte> blob(int column) const = 0;
};

/// Thrown by a Connection when the engine fails (disk full, timeout, damage); `Database::run` turns
/// it into the Error it holds, after the transaction was rolled back. Nothing else in the program
/// throws or catches it.
struct Fault {
  Error error;
};

/// One connection inside one transaction, on one thread of the database. SQL is portable: it runs
/// on SQLite and on PostgreSQL, with `$n` parameters, ON CONFLICT and RETURNING; times are INTEGER
/// milliseconds since 1970, booleans are INTEGER 0 or 1.
class Connection {
 public:
  virtual ~Connection() = default;

  /// Calls `on_row` for each row. Throws Fault.
  virtual void query(std::string_view sql, std::span<const Value> parameters,
                     const std::function<void(const Row&)>& on_row) = 0;

  /// Runs a statement that gives no rows; the number of rows changed. Throws Fault.
  virtual std::int64_t execute(std::string_view sql, std::span<const Value> parameters) = 0;

  /// Runs an INSERT of one row into a table whose identity column is called `num`; the row's
  /// number. Throws Fault.
  virtual std::int64_t insert(std::string_view sql, std::span<const Value> parameters) = 0;

  void query(std::string_view sql, std::initializer_list<Value> parameters,
             const std::function<void(const Row&)>& on_row) {
    query(sql, std::span<const Value>(parameters.begin(), parameters.size()), on_row);
  }
  std::int64_t execute(std::string_view sql, std::initializer_list<Value> parameters = {}) {
    return execute(sql, std::span<const Value>(parameters.begin(), parameters.size()));
  }
  std::int64_t insert(std::string_view sql, std::initializer_list<Value> parameters) {
    return insert(sql, std::span<const Value>(parameters.begin(), parameters.size()));
  }
};

}  // namespace evidenced::storage
