#include "connector/own_address.hpp"

#include "config/ascii.hpp"
#include "storage/vault.hpp"

namespace evidenced::connector {
namespace {

bool is_of_word(char c) {
  const char lower = to_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/// Whether the text before an address, or behind it, makes it a longer one.
bool goes_on_before(std::string_view text) {
  return !text.empty() && (is_of_word(text.back()) || text.back() == '.' || text.back() == '+');
}
bool goes_on_behind(std::string_view text) {
  if (text.starts_with('.')) text.remove_prefix(1);
  return !text.empty() && is_of_word(text.front());
}

}  // namespace

void hide_address(std::string& body, std::string_view email) {
  const std::size_t local = email.find('@');
  if (local == std::string_view::npos || local == 0) return;
  const std::string mask = storage::mask_email(email);
  for (std::size_t at = body.find('@'); at != std::string::npos; at = body.find('@', at + 1)) {
    if (at < local) continue;
    const std::size_t begin = at - local;
    const std::string_view text = body;
    if (!equal_without_case(text.substr(begin, email.size()), email)) continue;
    if (goes_on_before(text.substr(0, begin))) continue;
    if (goes_on_behind(text.substr(begin + email.size()))) continue;
    body.replace(begin, email.size(), mask);
    at = begin + mask.find('@');
  }
}

}  // namespace evidenced::connector
