#pragma once

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace evidenced::cli {

/// Stands before a terminal: whatever is written passes through `printable`, but for line ends and
/// tabs. Names, titles and stored bytes come from people whom nobody knows, and a terminal obeys
/// what is in them. JSON stays JSON.
class SafeOutput final : public std::streambuf {
 public:
  /// Puts itself before `out` until it goes.
  explicit SafeOutput(std::ostream& out);
  SafeOutput(const SafeOutput&) = delete;
  SafeOutput& operator=(const SafeOutput&) = delete;
  ~SafeOutput() override;

 protected:
  int_type overflow(int_type c) override;
  std::streamsize xsputn(const char* bytes, std::streamsize size) override;
  int sync() override;

 private:
  bool pass(std::string_view bytes, bool last);

  std::ostream& out_;
  std::streambuf* terminal_;
  std::string held_;  ///< the beginning of a character or of a line end
};

}  // namespace evidenced::cli
