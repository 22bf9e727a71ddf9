#include "api/cursor.hpp"

#include "api/limits.hpp"

#include <fmt/format.h>

#include <charconv>

namespace evidenced::api {
namespace {

constexpr std::size_t mac_size = 16;

std::string mac_of(const storage::Vault& vault, const CursorScope& scope,
                   std::string_view position) {
  // Lengths in front keep two scopes apart whose parts run together to the same text.
  const std::string bound =
      fmt::format("{}:{}{}:{}{}:{}{}", scope.tenant.size(), scope.tenant, scope.path.size(),
                  scope.path, scope.filters.size(), scope.filters, position);
  const storage::Digest digest = vault.peppered("cursor", bound);
  return std::string(digest.begin(), digest.begin() + mac_size);
}

std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end == text.data() + text.size() || *end != '|') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return number;
}

}  // namespace

std::string make_cursor(const storage::Vault& vault, const CursorScope& scope,
                        const Position& position) {
  const std::string text = fmt::format("{}|{}|{}", position.made_at.time_since_epoch().count(),
                                       position.as_of_seq, position.last);
  return storage::to_base64url(mac_of(vault, scope, text) + text);
}

Result<Position> read_cursor(const storage::Vault& vault, const CursorScope& scope,
                             std::string_view cursor, Timestamp now) {
  const auto bytes = storage::from_base64url(cursor);
  if (!bytes || bytes->size() < mac_size) return fail("cursor.invalid");
  std::string_view text = std::string_view(*bytes).substr(mac_size);
  const std::string_view mac = std::string_view(*bytes).substr(0, mac_size);
  if (!storage::equal_constant_time(mac, mac_of(vault, scope, text))) {
    return fail("cursor.invalid");
  }
  const auto made_at = take_number(text);
  const auto as_of_seq = take_number(text);
  if (!made_at || !as_of_seq) return fail("cursor.invalid");
  Position position;
  position.made_at = Timestamp(std::chrono::milliseconds(*made_at));
  position.as_of_seq = *as_of_seq;
  position.last = text;
  if (now - position.made_at > limits::cursor_life) return fail("cursor.expired");
  return position;
}

}  // namespace evidenced::api
