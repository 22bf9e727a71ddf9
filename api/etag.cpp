#include "api/etag.hpp"

#include "storage/crypto.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <span>

namespace evidenced::api {
namespace {

std::string hash_of(std::string_view body) {
  const storage::Digest digest = storage::sha256(body);
  return storage::to_hex(std::span(digest).first(12));
}

/// Calls `on_tag` with each tag of a list, without W/ and quotes, and whether it is weak, until it
/// returns true.
template <class F>
bool any_tag(std::string_view header, F on_tag) {
  while (true) {
    const std::size_t open = header.find('"');
    if (open == std::string_view::npos) return false;
    const std::size_t close = header.find('"', open + 1);
    if (close == std::string_view::npos) return false;
    const bool weak = header.substr(0, open).ends_with("W/");
    if (on_tag(header.substr(open + 1, close - open - 1), weak)) return true;
    header.remove_prefix(close + 1);
  }
}

}  // namespace

std::string body_etag(std::string_view body, bool weak) {
  if (weak)
    return fmt::format("W/\"{:x}-{:016x}\"", body.size(), std::hash<std::string_view>()(body));
  return fmt::format("\"{}\"", hash_of(body));
}

std::string version_etag(std::int64_t version, std::string_view body) {
  return fmt::format("\"v{}-{}\"", version, hash_of(body));
}

bool names_etag(std::string_view header, std::string_view etag) {
  if (header == "*") return true;
  std::string_view bare = etag.substr(std::min(etag.find('"'), etag.size()));
  if (bare.size() < 2) return false;
  bare = bare.substr(1, bare.size() - 2);
  return any_tag(header, [&](std::string_view tag, bool) { return tag == bare; });
}

Result<void> allow_change(std::string_view header, std::int64_t version) {
  if (header.empty() || header == "*") return {};
  const std::string wanted = fmt::format("v{}", version);
  const bool named = any_tag(header, [&](std::string_view tag, bool weak) {
    return !weak && tag.substr(0, tag.find('-')) == wanted;
  });
  if (!named) return fail("request.precondition_failed");
  return {};
}

}  // namespace evidenced::api
