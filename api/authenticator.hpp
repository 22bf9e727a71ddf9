#pragma once

#include "api/buckets.hpp"
#include "config/clock.hpp"
#include "storage/database.hpp"
#include "storage/key_store.hpp"
#include "storage/vault.hpp"

#include <map>
#include <string>
#include <string_view>

namespace evidenced::api {

/// Finds out whose a request is. Keys that were found are remembered for half a minute; `forget`
/// makes a revocation hold at once. Lives on the io thread.
class Authenticator {
 public:
  Authenticator(storage::Database& database, const storage::Vault& vault, Clock& clock)
      : database_(database), vault_(vault), clock_(clock) {}

  /// `authorization` is the header's value. Errors: auth.missing, auth.invalid, auth.expired,
  /// auth.revoked, auth.throttled (too many failures of this address with this key id), storage.*.
  Task<Result<storage::AuthenticatedKey>> authenticate(std::string authorization,
                                                       std::string peer_address);

  /// Keys changed: look each up again.
  void forget() { known_.clear(); }

 private:
  struct Known {
    storage::AuthenticatedKey key;
    SteadyTime until{};
  };
  const storage::AuthenticatedKey* recall(const storage::Digest& digest);
  Task<void> note_use(storage::AuthenticatedKey key);

  storage::Database& database_;
  const storage::Vault& vault_;
  Clock& clock_;
  std::map<storage::Digest, Known> known_;  ///< by SHA-256 of the key: the key itself is not kept
  Lockout lockout_;
};

}  // namespace evidenced::api
