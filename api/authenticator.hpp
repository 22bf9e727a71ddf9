#pragma once

#include "api/buckets.hpp"
#include "config/clock.hpp"
#include "storage/database.hpp"
#include "storage/key_store.hpp"
#include "storage/vault.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace evidenced::api {

/// Finds out whose a request is. Keys that were found are remembered for half a minute; `forget`
/// makes a revocation hold at once. Lives on the io thread.
class Authenticator {
 public:
  Authenticator(storage::Database& database, const storage::Vault& vault, Clock& clock)
      : database_(database), vault_(vault), clock_(clock) {}

  /// `authorization` is the header's value. A key that was not valid before costs the address one
  /// of its `guesses` before anything is looked up, given back when it is valid: guesses never
  /// reach the database faster than that, and shut nobody out whose key is known. Errors:
  /// auth.missing, auth.invalid, auth.expired, auth.revoked, auth.throttled (too many failures of
  /// this address with this key id), quota.exceeded, storage.*.
  Task<Result<storage::AuthenticatedKey>> authenticate(std::string authorization,
                                                       std::string peer_address, Buckets& guesses);

  /// Keys changed: look each up again. Also holds for what is being looked up right now.
  void forget();

 private:
  struct Known {
    storage::AuthenticatedKey key;
    SteadyTime until{};
  };
  using Asking = std::multiset<storage::Digest>;
  const storage::AuthenticatedKey* recall(const storage::Digest& digest);
  Result<void> admit_guess(const std::string& attempt, const std::string& peer_address,
                           Buckets& guesses);
  void remember(const storage::Digest& digest, const storage::AuthenticatedKey& key);
  Task<void> note_use(storage::AuthenticatedKey key);

  storage::Database& database_;
  const storage::Vault& vault_;
  Clock& clock_;
  /// By SHA-256 of the key: the key itself is not kept. What is stale is looked up again.
  std::map<storage::Digest, Known> known_;
  Asking asking_;                 ///< being looked up: one guess, however many requests bring it
  std::uint64_t generation_ = 0;  ///< counts forget(): what was read before one is not kept
  Lockout lockout_;
};

}  // namespace evidenced::api
