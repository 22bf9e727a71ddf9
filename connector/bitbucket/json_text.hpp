#pragma once

#include "config/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::connector::bitbucket {

/// A JSON value over the bytes it was read from (RFC 8259, strict, depth ≤ 64): strings and numbers
/// keep their spelling, members their order, so that nothing is lost on the way from Bitbucket to
/// the store.
struct JsonText {
  enum class Type { null, boolean, number, string, array, object };
  Type type = Type::null;
  std::string_view raw;         ///< scalars: as received, strings with their quotes
  std::vector<JsonText> items;  ///< array
  std::vector<std::pair<std::string_view, JsonText>>
      members;  ///< object; names as received, with their quotes

  /// The first member of that name (names compared decoded); nullptr when there is none or this is
  /// no object.
  const JsonText* find(std::string_view name) const;

  /// Follows members: at("repository", "uuid"). A null-like nothing when a step is missing.
  template <class... Names>
  const JsonText* at(std::string_view first, Names... rest) const {
    const JsonText* next = find(first);
    if constexpr (sizeof...(rest) == 0) {
      return next;
    } else {
      return next == nullptr ? nullptr : next->at(rest...);
    }
  }

  /// The decoded text of a string, "" for everything else.
  std::string text() const;
  std::optional<std::int64_t> integer() const;
  std::optional<bool> boolean() const;
};

/// Reads one document. `bytes` must outlive the result. Errors: upstream.invalid_json, with the
/// byte offset.
Result<JsonText> read_json(std::string_view bytes);

/// Compact bytes with members sorted by their decoded names (as UTF-8 bytes); strings and numbers
/// as received.
std::string canonical(const JsonText& value);

}  // namespace evidenced::connector::bitbucket
