#pragma once

#include "api/buckets.hpp"
#include "config/clock.hpp"
#include "storage/database.hpp"
#include "storage/session_store.hpp"
#include "storage/vault.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace evidenced::api {

/// Finds out whose a session is. Sessions that were found are remembered for half a minute, as keys
/// are (api/authenticator.hpp); `forget` makes an end hold at once. Lives on the io thread.
class SessionDoor {
 public:
  SessionDoor(storage::Database& database, const storage::Vault& vault, Clock& clock)
      : database_(database), vault_(vault), clock_(clock) {}

  /// A session that was not valid before costs the address one of its `guesses` before anything is
  /// looked up, given back when it is valid. A wrong one shuts nobody out: nobody guesses 256 bits,
  /// and a browser whose session has ended has many requests under way. Errors: session.ended,
  /// quota.exceeded, storage.*.
  Task<Result<storage::SignedIn>> open(std::string secret, std::string peer_address,
                                       Buckets& guesses);

  /// Puts the end of idleness off; written about once a minute. When the session was last used, as
  /// is written now. What cannot be written keeps nobody out.
  Task<Timestamp> note_use(storage::SignedIn signed_in, std::string secret);

  /// A session that was just made.
  void remember(std::string_view secret, const storage::SignedIn& signed_in);

  /// Sessions ended: look each up again. Also holds for what is being looked up right now.
  void forget();

  /// Codes of links are held back by address as keys are: too many wrong ones, and the address
  /// waits. Errors: auth.throttled, quota.exceeded.
  Result<void> admit_code(const std::string& peer_address, Buckets& guesses);
  void refused_code(const std::string& peer_address);

 private:
  struct Known {
    storage::SignedIn signed_in;
    SteadyTime until{};
  };
  const storage::SignedIn* recall(const storage::Digest& digest) const;

  storage::Database& database_;
  const storage::Vault& vault_;
  Clock& clock_;
  std::map<storage::Digest, Known> known_;  ///< by SHA-256 of the secret, which is not kept
  std::uint64_t generation_ = 0;  ///< counts forget(): what was read before one is not kept
  Lockout codes_;
};

}  // namespace evidenced::api
