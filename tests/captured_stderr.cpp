#include "tests/captured_stderr.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace evidenced::test {

CapturedStderr::CapturedStderr()
    : file_(memfd_create("stderr", MFD_CLOEXEC)), original_(dup(STDERR_FILENO)) {
  std::fflush(stderr);
  dup2(file_, STDERR_FILENO);
}

CapturedStderr::~CapturedStderr() {
  std::fflush(stderr);
  dup2(original_, STDERR_FILENO);
  close(original_);
  close(file_);
}

std::string CapturedStderr::text() const {
  std::fflush(stderr);
  std::string all;
  std::array<char, 4096> piece{};
  while (true) {
    const ssize_t count = pread(file_, piece.data(), piece.size(), static_cast<off_t>(all.size()));
    if (count <= 0) return all;
    all.append(piece.data(), static_cast<std::size_t>(count));
  }
}

std::vector<std::string> CapturedStderr::lines() const {
  std::vector<std::string> lines;
  std::string line;
  for (const char c : text()) {
    if (c != '\n') {
      line += c;
      continue;
    }
    lines.push_back(line);
    line.clear();
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

}  // namespace evidenced::test
