#pragma once

#include "config/error.hpp"
#include "config/time.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::api {

/// One query parameter of a route: checks it, and describes it in /openapi.json.
struct Parameter {
  enum class Kind { text, count, flag, time, position, choice };

  std::string_view name;
  Kind kind = Kind::text;
  std::string_view description;
  bool repeated = false;          ///< may be sent several times: any of the values
  std::string_view choices = {};  ///< for Kind::choice, separated by commas
  std::int64_t minimum = 0;       ///< for Kind::count: less is refused
};

/// The parameters of one request, decoded and checked.
class Query {
 public:
  /// Reads the part of a target behind '?'. Errors, all at once: request.unknown_field,
  /// request.invalid_field (pointer "?name"), request.malformed.
  static Result<Query> read(std::string_view text, std::span<const Parameter> known);

  std::vector<std::string> all(std::string_view name) const;
  std::string text(std::string_view name) const;  ///< "" when not given
  bool has(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::optional<std::int64_t> count(std::string_view name) const;
  std::optional<Timestamp> time(std::string_view name) const;

  /// Everything that chooses (not `limit`, `cursor`, `after`, `wait`), encoded and sorted by name:
  /// what a cursor is bound to.
  std::string filters() const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

/// A number of digits alone, not negative; nullopt for anything else.
std::optional<std::int64_t> parse_count(std::string_view text);

std::string_view path_of(std::string_view target);
std::string_view query_of(std::string_view target);  ///< without the '?'

/// Undoes percent-encoding; nullopt for a broken escape, bad UTF-8 or a control character.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// Encodes everything but unreserved characters (RFC 3986).
std::string percent_encode(std::string_view text);

/// The path of a target as the `instance` of a problem: a reference (RFC 3986), without the query;
/// "" when it is none, is longer than a route's, or may hold a secret.
std::string_view instance_of(std::string_view target);

/// Whether an API key stands in the target, by its form or by its parameter's name.
bool key_in_target(std::string_view target);

}  // namespace evidenced::api
