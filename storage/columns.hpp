#pragma once

#include "storage/connection.hpp"
#include "storage/crypto.hpp"
#include "storage/names.hpp"
#include "storage/nouns.hpp"

#include <optional>
#include <string>
#include <vector>

// How values become columns and back; used by the stores only.
namespace evidenced::storage {

inline Value to_value(Timestamp time) {
  return std::int64_t{time.time_since_epoch().count()};
}
inline Value to_value(const std::optional<Timestamp>& time) {
  if (!time) return nullptr;
  return to_value(*time);
}
inline Value to_value(const std::optional<std::int64_t>& number) {
  if (!number) return nullptr;
  return *number;
}
/// The ends of a window: an open one is as far away as any time.
inline std::int64_t from_of(const Window& window) {
  return window.from ? window.from->time_since_epoch().count() : 0;
}
inline std::int64_t to_of(const Window& window) {
  return window.to ? window.to->time_since_epoch().count() : std::int64_t{1} << 60;
}
inline Value to_value(const std::optional<std::string>& text) {
  if (!text) return nullptr;
  return std::string_view(*text);
}
inline Value to_value(bool flag) {
  return std::int64_t{flag ? 1 : 0};
}
inline Value to_value(int number) {
  return std::int64_t{number};
}
inline Value to_value(const Digest& digest) {
  return Blob{std::as_bytes(std::span(digest))};
}
/// Sealed bytes, as a blob.
inline Value to_blob(std::string_view bytes) {
  return Blob{std::as_bytes(std::span(bytes))};
}

inline Timestamp to_time(std::int64_t milliseconds) {
  return Timestamp(std::chrono::milliseconds(milliseconds));
}

/// Reads the columns of a row one after the other, in the order of the SELECT list.
class ColumnReader {
 public:
  explicit ColumnReader(const Row& row) : row_(row) {}

  std::string text() { return std::string(view()); }
  std::string_view view() { return row_.text(column_++); }            ///< valid until the next row
  std::span<const std::byte> blob() { return row_.blob(column_++); }  ///< likewise
  std::string bytes();
  std::int64_t integer() { return row_.integer(column_++); }
  bool flag() { return integer() != 0; }
  Timestamp time() { return to_time(integer()); }
  std::optional<std::int64_t> optional_integer();
  std::optional<Timestamp> optional_time();
  std::vector<std::string> texts();  ///< a JSON array of strings
  std::string hex();                 ///< of bytes
  std::optional<StoredError> error();

  /// A word; the first of the enumeration's when a newer version wrote one not known here.
  template <class E>
  E word() {
    return value_of<E>(row_.text(column_++)).value_or(E{});
  }

 private:
  const Row& row_;
  int column_ = 0;
};

std::string to_json(const std::vector<std::string>& texts);

/// How one element looks within to_json's array: `replace(column, this, '') <> column` finds it, on
/// every engine.
std::string json_needle(std::string_view text);
std::string to_json(const std::optional<StoredError>& error);  ///< "" when there is none
std::string to_json(const std::vector<SyncStream>& streams);
std::vector<SyncStream> streams_from_json(std::string_view text);

}  // namespace evidenced::storage
