#include "storage/sqlite/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace evidenced::storage {

Result<FileLock> FileLock::take(const std::string& path) {
  int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail("storage.not_writable", fmt::format("{}: {}", path, std::strerror(errno)));
  }
  return lock(descriptor, path);
}

Result<std::optional<FileLock>> FileLock::take_existing(const std::string& path) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return std::optional<FileLock>();
  if (descriptor < 0) {
    return fail("storage.unavailable", fmt::format("{}: {}", path, std::strerror(errno)));
  }
  Result<FileLock> taken = lock(descriptor, path);
  if (!taken) return fail(taken);
  return std::optional<FileLock>(std::move(*taken));
}

Result<FileLock> FileLock::lock(int descriptor, const std::string& path) {
  FileLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return fail("storage.locked", fmt::format("{} is held by another process", path));
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(other.descriptor_) {
  other.descriptor_ = -1;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace evidenced::storage
