#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

namespace evidenced::test {

/// Removes the folders below `parent` of tests that were killed: in memory they would fill it.
inline void sweep_folders(const std::filesystem::path& parent) {
  constexpr std::string_view prefix = "evidenced-";
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(parent, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    pid_t owner = 0;
    const char* end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + prefix.size(), end, owner);
    const bool owned = read.ec == std::errc{} && read.ptr != end && *read.ptr == '-' && owner > 0;
    const bool gone = owned && kill(owner, 0) != 0 && errno == ESRCH;
    if (gone) std::filesystem::remove_all(entry.path(), ignored);
  }
}

/// A new folder below `parent` that is named after this process.
inline std::string make_folder(const std::filesystem::path& parent) {
  static const bool swept = (sweep_folders(parent), true);
  static_cast<void>(swept);
  std::string path = (parent / ("evidenced-" + std::to_string(getpid()) + "-XXXXXX")).string();
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp");
  return path;
}

/// A folder of its own for one test, removed at its end.
class Folder {
 public:
  Folder() : path_(make_folder(std::filesystem::temp_directory_path())) {}
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

  /// Writes a file and returns its path.
  std::string write(std::string_view name, std::string_view text, unsigned mode = 0644) const {
    const std::string path = file(name);
    std::ofstream(path, std::ios::binary) << text;
    chmod(path.c_str(), mode);
    return path;
  }

 private:
  std::string path_;
};

/// The whole file; "" when it cannot be read.
inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace evidenced::test
