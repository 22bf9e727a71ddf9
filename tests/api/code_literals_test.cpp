// Goal: GET /v1/problems/<code> knows every code that an answer can carry, also those that travel
// as plain text (checks, warnings, gaps, errors of syncs), which the compiler does not look up.
// Method: whatever looks like a code in the sources that make answers is looked up in the
// catalogue; what is put together at run time is found by its open end.
#include "config/problem.hpp"
#include "storage/event_types.hpp"
#include "tests/catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>

using namespace evidenced;

namespace {

/// Literals of the form "word.word" in *.cpp and *.hpp below `folder`, with a file of each.
std::map<std::string, std::string> dotted_literals(const std::filesystem::path& folder) {
  static const std::regex form(R"re("([a-z]+\.[a-z_]*(\{[^}"]*\})?)")re");
  std::map<std::string, std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() != ".cpp" && path.extension() != ".hpp") continue;
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    for (std::sregex_iterator at(text.begin(), text.end(), form), end; at != end; ++at) {
      found.emplace((*at)[1].str(), path.string());
    }
  }
  return found;
}

}  // namespace

TEST_CASE("every code that the sources of answers name has a row in the catalogue") {
  std::size_t known = 0;
  for (const char* folder : {"storage", "connector", "api"}) {
    for (const auto& [text, file] : dotted_literals(folder)) {
      // The beginning of several codes, to compare with: "upstream.tls_".
      if (text.ends_with('_') || text.ends_with('.')) continue;
      if (storage::is_event_type(text)) continue;        // another vocabulary of the same form
      if (file.ends_with("/known_words.cpp")) continue;  // likewise: paths of members
      CAPTURE(text, file);
      CHECK(find_problem(text) != nullptr);
      ++known;
    }
  }
  CHECK(known > 60);
}
