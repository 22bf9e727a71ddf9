#pragma once

#include "config/error.hpp"
#include "config/time.hpp"
#include "storage/vault.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace evidenced::api {

/// Where the next page of a list begins.
struct Position {
  std::string last;            ///< key of the last item given: ids after it follow
  std::int64_t as_of_seq = 0;  ///< feed position when the list began
  Timestamp made_at{};
};

/// What a cursor is bound to: it serves the list that made it and no other.
struct CursorScope {
  std::string_view tenant;
  std::string_view path;
  std::string_view filters;
};

/// Opaque and authenticated: position and HMAC over position and scope, base64url.
std::string make_cursor(const storage::Vault& vault, const CursorScope& scope,
                        const Position& position);

/// Errors: cursor.invalid (altered, or of another tenant, list or filter), cursor.expired.
Result<Position> read_cursor(const storage::Vault& vault, const CursorScope& scope,
                             std::string_view cursor, Timestamp now);

}  // namespace evidenced::api
