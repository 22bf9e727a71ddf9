#pragma once

#include <string>
#include <string_view>

namespace evidenced::test {

/// A folder of its own for one test, removed at its end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

  /// Writes a file and returns its path.
  std::string write(std::string_view name, std::string_view text, unsigned mode = 0644) const;

 private:
  std::string path_;
};

/// The whole file; "" when it cannot be read.
std::string read_file(const std::string& path);

}  // namespace evidenced::test
