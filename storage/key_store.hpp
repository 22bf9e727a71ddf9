#pragma once

#include "config/random.hpp"
#include "config/secret.hpp"
#include "storage/connection.hpp"
#include "storage/nouns.hpp"
#include "storage/vault.hpp"

#include <optional>
#include <string>
#include <vector>

namespace evidenced::storage {

struct NewKey {
  ApiKey key;
  Secret text;  ///< `ev_<kid 10>_<secret 43, base62>_<crc32 6>`: shown once
};

/// Makes a key; `key.id`, `kid` and `created_at` are filled in here.
NewKey create_key(Connection& connection, const TenantScope& tenant, ApiKey key, const Vault& vault,
                  Timestamp now, Random& random);

struct AuthenticatedKey {
  TenantScope tenant;
  ApiKey key;
};

/// Finds the key by its public part and compares the secret's keyed hash in constant time.
/// Errors: auth.invalid (form, checksum, unknown, wrong), auth.expired, auth.revoked.
Result<AuthenticatedKey> authenticate(Connection& connection, std::string_view text,
                                      const Vault& vault, Timestamp now);

/// The checksum alone: a mistyped key is told apart without a look into the database.
bool key_well_formed(std::string_view text);

std::vector<ApiKey> list_keys(Connection& connection, const TenantScope& tenant,
                              const std::string& after_id, int limit);
Result<ApiKey> find_key(Connection& connection, const TenantScope& tenant, const std::string& id);
Result<ApiKey> revoke_key(Connection& connection, const TenantScope& tenant, const std::string& id,
                          Timestamp now);
void touch_key(Connection& connection, const std::string& id, Timestamp now);

}  // namespace evidenced::storage
