#pragma once

#include <string>
#include <vector>

namespace evidenced::simulator {

/// Words that worlds are made of: invented, in many scripts, some of them hostile on purpose.
struct Texts {
  static const std::vector<std::string>& given_names();
  static const std::vector<std::string>& family_names();
  static const std::vector<std::string>& repository_words();
  static const std::vector<std::string>& titles();
  static const std::vector<std::string>& descriptions();
  static const std::vector<std::string>& branches();
  /// Titles and names that break careless programs: formulas, markup, quotes, line ends, bidi.
  static const std::vector<std::string>& hostile();
  /// Names that break careless layouts: very long, without a blank, from right to left, markup.
  static const std::vector<std::string>& awkward();
};

}  // namespace evidenced::simulator
