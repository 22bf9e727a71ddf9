#pragma once

#include "storage/connection.hpp"
#include "storage/nouns.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace evidenced::storage {

/// How long an answer can be replayed.
inline constexpr std::chrono::hours idempotency_lifetime{24};

/// A stored answer to a request with an Idempotency-Key, written in the transaction of the
/// request's effect.
struct IdempotencyRecord {
  std::string key_id;  ///< the API key: replays go to the same key only
  std::string idempotency_key;
  std::string method_path;
  std::string fingerprint;  ///< hex of a keyed hash of the body
  int status = 0;
  std::string headers;  ///< JSON object of the headers worth replaying (Location, ETag, Link)
  std::string body;     ///< holds no e-mail and no token
  Timestamp created_at{};
};

std::optional<IdempotencyRecord> find_idempotency(Connection& connection, const std::string& key_id,
                                                  const std::string& idempotency_key,
                                                  const std::string& method_path,
                                                  Timestamp not_before);

/// Errors: idempotency.in_progress when another request stored the same key meanwhile.
Result<void> store_idempotency(Connection& connection, const IdempotencyRecord& record);
void expire_idempotency(Connection& connection, Timestamp before);

}  // namespace evidenced::storage
