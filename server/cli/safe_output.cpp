#include "server/cli/safe_output.hpp"

#include "server/cli/text_table.hpp"

#include <algorithm>

namespace evidenced::cli {
namespace {

constexpr std::string_view kept = "\n\t";

/// How many bytes at the end of `text` may be the beginning of something that is not there yet.
std::size_t unfinished(std::string_view text) {
  if (text.ends_with('\r')) return 1;
  const std::size_t longest = std::min<std::size_t>(text.size(), 3);
  for (std::size_t bytes = 1; bytes <= longest; ++bytes) {
    const auto c = static_cast<unsigned char>(text[text.size() - bytes]);
    if ((c & 0xc0U) == 0x80U) continue;  // goes on
    const std::size_t whole = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    return whole > bytes ? bytes : 0;
  }
  return 0;
}

}  // namespace

SafeOutput::SafeOutput(std::ostream& out) : out_(out), terminal_(out.rdbuf(this)) {}

SafeOutput::~SafeOutput() {
  pass({}, true);
  out_.rdbuf(terminal_);
}

SafeOutput::int_type SafeOutput::overflow(int_type c) {
  if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
  const char byte = traits_type::to_char_type(c);
  return pass({&byte, 1}, false) ? c : traits_type::eof();
}

std::streamsize SafeOutput::xsputn(const char* bytes, std::streamsize size) {
  return pass({bytes, static_cast<std::size_t>(size)}, false) ? size : 0;
}

int SafeOutput::sync() {
  const bool passed = pass({}, false);
  return terminal_->pubsync() == 0 && passed ? 0 : -1;
}

bool SafeOutput::pass(std::string_view bytes, bool last) {
  held_ += bytes;
  std::string_view ready = held_;
  if (!last) ready.remove_suffix(unfinished(ready));
  std::string safe;
  std::string_view rest = ready;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(kept), rest.size());
    std::string_view piece = rest.substr(0, end);
    const bool line_end = end < rest.size() && rest[end] == '\n';
    if (line_end && piece.ends_with('\r')) piece.remove_suffix(1);
    safe += printable(piece);
    if (end < rest.size()) safe += rest[end];
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  held_.erase(0, ready.size());
  const auto size = static_cast<std::streamsize>(safe.size());
  return terminal_->sputn(safe.data(), size) == size;
}

}  // namespace evidenced::cli
