#pragma once

#include "config/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::api {

/// A JSON value as a client sent it. Strings are wiped when the value goes: a request may carry a
/// token.
struct Json {
  enum class Type { null, boolean, integer, number, string, array, object };

  Type type = Type::null;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string text;
  std::vector<Json> items;
  std::vector<std::pair<std::string, Json>> members;  ///< in the order received

  Json() = default;
  Json(Json&&) noexcept = default;
  Json& operator=(Json&&) noexcept = default;
  ~Json();

  bool is_null() const { return type == Type::null; }

  /// The member of that name; nullptr when there is none or this is no object.
  const Json* find(std::string_view name) const;
  Json* find(std::string_view name);

  /// Members by name with a value for absence: `text_or("name")`, `integer_or("limit", 5)`. Null
  /// counts as absence.
  std::string text_or(std::string_view name, std::string_view otherwise = {}) const;
  bool boolean_or(std::string_view name, bool otherwise) const;
  std::vector<std::string> texts(std::string_view name) const;
};

/// A document and what was wrong in it but did not hinder reading: members sent twice.
struct JsonDocument {
  Json value;
  std::vector<FieldError> errors;
};

/// Reads the body of a request, strictly (RFC 8259 and our limits: depth, keys, string length,
/// number of values). Errors: request.malformed with the place as an RFC 6901 pointer for what
/// cannot be read: wrong syntax, bad UTF-8, a BOM, a lone surrogate, NUL, a number that has no
/// exact or finite value here.
Result<JsonDocument> read_json(std::string_view body);

/// Appends "/name" to an RFC 6901 pointer, with ~ and / escaped.
void append_pointer(std::string& pointer, std::string_view name);

}  // namespace evidenced::api
