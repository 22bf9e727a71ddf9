#pragma once

#include <string>
#include <vector>

namespace evidenced::test {

/// Takes the place of standard error, until it goes. Not for two threads at once.
class CapturedStderr {
 public:
  CapturedStderr();
  ~CapturedStderr();
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;

  /// What was written so far.
  std::string text() const;
  std::vector<std::string> lines() const;

 private:
  int file_;
  int original_;
};

}  // namespace evidenced::test
