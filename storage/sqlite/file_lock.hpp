#pragma once

#include "config/error.hpp"

#include <optional>
#include <string>

namespace evidenced::storage {

/// Keeps every other process from opening the same database, as long as it lives (flock(2) on a
/// file of its own: POSIX locks on the database itself would vanish with any closed descriptor,
/// https://sqlite.org/howtocorrupt.html section 2.2). The file stays when the lock goes.
class FileLock {
 public:
  /// Errors: storage.locked, storage.not_writable.
  static Result<FileLock> take(const std::string& path);

  /// The same, but makes no file: nullopt where there is none, for then nobody holds it.
  static Result<std::optional<FileLock>> take_existing(const std::string& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  static Result<FileLock> lock(int descriptor, const std::string& path);
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace evidenced::storage
