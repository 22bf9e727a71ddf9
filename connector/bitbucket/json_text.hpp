#pragma once

#include "config/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::connector::bitbucket {

/// A JSON value over the bytes it was read from: strings and numbers keep their spelling, members
/// their order, so that nothing is lost on the way from Bitbucket to the store. The bytes must
/// outlive it.
struct JsonText {
  enum class Type : std::uint8_t { null, boolean, number, string, array, object };
  Type type = Type::null;
  std::string_view name;        ///< of a member: as received, with its quotes; empty elsewhere
  std::string_view raw;         ///< scalars: as received, strings with their quotes
  std::vector<JsonText> items;  ///< items of an array, members of an object; in order

  /// The member of that name (names compared decoded); the last one where a name is repeated, as
  /// JSON.parse and most readers do (RFC 8259, section 4, leaves it open). nullptr when there is
  /// none or this is no object.
  const JsonText* find(std::string_view wanted) const;

  /// Follows members: at("repository", "uuid"). nullptr when a step is missing.
  template <class... Names>
  const JsonText* at(std::string_view first, Names... rest) const {
    const JsonText* next = find(first);
    if constexpr (sizeof...(rest) == 0) {
      return next;
    } else {
      return next == nullptr ? nullptr : next->at(rest...);
    }
  }

  bool is_object() const { return type == Type::object; }
  bool is_array() const { return type == Type::array; }

  /// Whether this is a member of that (decoded) name.
  bool named(std::string_view wanted) const;

  /// The decoded text of a string (a lone surrogate becomes U+FFFD), "" for everything else.
  std::string text() const;

  /// A number that is spelled as an integer and fits.
  std::optional<std::int64_t> integer() const;
  std::optional<bool> boolean() const;
};

/// The decoded text of the member at the end of a path, "" where there is none or it is no string.
template <class... Names>
std::string text_at(const JsonText& value, Names... names) {
  const JsonText* found = value.at(names...);
  return found == nullptr ? std::string() : found->text();
}

/// The most values (members and items count, too) that a document may have. A full page of 100
/// repositories has about 20,000. Each takes 64 bytes while it is read: a body of 4 MiB that were
/// nothing but small numbers would take 65 times its size.
inline constexpr std::size_t json_values_limit = 250'000;

/// Reads one document: RFC 8259, strictly (UTF-8 validated, no byte order mark, no bytes behind
/// the value), nested at most 64 deep. Escapes that are half a surrogate pair are legal there and
/// kept. Errors: upstream.invalid_json, with the byte offset; upstream.oversized, more than
/// json_values_limit values.
Result<JsonText> read_json(std::string_view bytes);

/// Compact bytes with members sorted by their decoded names (as UTF-8 bytes), of repeated members
/// the last one; names, strings and numbers as received. canonical(read(canonical(x))) is
/// canonical(x).
std::string canonical(const JsonText& value);

/// `text` as a JSON string, with its quotes.
std::string json_string(std::string_view text);

}  // namespace evidenced::connector::bitbucket
