#pragma once

#include "config/error.hpp"

#include <string>

namespace evidenced::storage {

/// Keeps every other process from opening the same database, as long as it lives (flock(2) on a
/// file of its own: POSIX locks on the database itself would vanish with any closed descriptor,
/// https://sqlite.org/howtocorrupt.html section 2.2). The file stays when the lock goes.
class FileLock {
 public:
  /// Errors: storage.locked, storage.not_writable.
  static Result<FileLock> take(const std::string& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace evidenced::storage
