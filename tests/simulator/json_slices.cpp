#include "tests/simulator/json_slices.hpp"

namespace evidenced::simulator {
namespace {

constexpr std::string_view blanks = " \t\r\n";

/// Steps over valid JSON without understanding more of it than where values end.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  void blank() {
    while (at < text_.size() && blanks.find(text_[at]) != std::string_view::npos) ++at;
  }
  bool eat(char wanted) {
    blank();
    if (at >= text_.size() || text_[at] != wanted) return false;
    ++at;
    return true;
  }
  std::string_view value() {
    blank();
    const std::size_t begin = at;
    int depth = 0;
    do {
      if (at >= text_.size()) break;
      const char c = text_[at];
      if (c == '"') {
        string();
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at;
      } else if (c == '}' || c == ']') {
        --depth;
        ++at;
      } else if (depth > 0) {
        ++at;
      } else {
        scalar();
      }
    } while (depth > 0);
    return text_.substr(begin, at - begin);
  }
  std::size_t at = 0;

 private:
  void string() {
    for (++at; at < text_.size() && text_[at] != '"'; ++at) {
      if (text_[at] == '\\') ++at;
    }
    ++at;
  }
  void scalar() {
    while (at < text_.size() &&
           std::string_view(",]} \t\r\n").find(text_[at]) == std::string_view::npos)
      ++at;
  }
  std::string_view text_;
};

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::vector<std::string> slices_of(std::string_view text, std::string_view name) {
  std::vector<std::string> slices;
  const std::string wanted = "\"" + std::string(name) + "\"";
  Scanner scanner(text);
  if (!scanner.eat('{')) return slices;
  do {
    const std::string_view key = scanner.value();
    if (!scanner.eat(':')) return slices;
    if (key != wanted) {
      scanner.value();
      continue;
    }
    if (!scanner.eat('[') || scanner.eat(']')) return slices;
    do {
      slices.emplace_back(scanner.value());
    } while (scanner.eat(','));
    return slices;
  } while (scanner.eat(','));
  return slices;
}

}  // namespace evidenced::simulator
