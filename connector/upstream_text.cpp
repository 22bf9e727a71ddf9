#include "connector/upstream_text.hpp"

#include "config/redact.hpp"
#include "config/utf8.hpp"

namespace evidenced::connector {
namespace {

constexpr std::string_view ellipsis = "…";

/// Printable text with single blanks, cut between code points.
std::string one_line(std::string_view text, std::size_t limit) {
  std::string out;
  bool blank = false;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    const std::string_view bytes = text.substr(0, point.size);
    text.remove_prefix(point.size);
    if (point.valid && (point.value == ' ' || is_unprintable(point.value))) {
      blank = !out.empty();
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    if (out.size() + bytes.size() > limit) return out.append(ellipsis);
    out += point.valid ? bytes : std::string_view("?");
  }
  return out;
}

std::string without_addresses(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const std::size_t at = word.find('@');
    const bool address = at != std::string_view::npos && word.find('.', at) != word.npos;
    out += address ? std::string_view("[address]") : word;
    text.remove_prefix(end);
    if (text.empty()) break;
    out += ' ';
    text.remove_prefix(1);
  }
  return out;
}

}  // namespace

std::string upstream_text(std::string_view text, std::size_t limit) {
  // Redacted first: a token cut by the limit would not look like one any more. The bodies looked at
  // are cut as well, generously, because redaction reads all of them.
  const std::string safe = redact(text.substr(0, 16 * 1024));
  return one_line(without_addresses(one_line(safe, safe.size())), limit);
}

}  // namespace evidenced::connector
