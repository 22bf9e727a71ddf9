#pragma once

#include "api/buckets.hpp"
#include "api/message.hpp"
#include "config/clock.hpp"
#include "storage/database.hpp"
#include "storage/hook_store.hpp"
#include "storage/vault.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace evidenced::api {

/// Where deliveries of webhooks come in: finds the hook that a path names, and holds those back who
/// try names. A hook that was found is remembered for half a minute; `forget` makes a change hold
/// at once. Lives on the io thread.
class HookDoor {
 public:
  HookDoor(storage::Database& database, const storage::Vault& vault, Clock& clock)
      : database_(database), vault_(vault), clock_(clock) {}

  using Found = Result<std::shared_ptr<const storage::OpenedHook>>;

  /// A hook that was not known before costs the address one of its `guesses` before it is looked
  /// up, given back when it is there: who knows no hook never asks the database faster than that,
  /// and who knows one is held back by nobody. Errors: resource.not_found, quota.exceeded,
  /// credential.undecryptable, storage.*.
  Task<Found> find(std::string id, std::string peer_address, Buckets& guesses);

  /// Hooks changed: look each up again.
  void forget();

  /// Counts a delivery without a good signature. How many are to be noted in the database now: once
  /// a minute all of them, else 0; strangers make it write no more often.
  std::int64_t count_refused(const std::string& hook_id);

  /// Those that are not noted yet.
  std::int64_t refused(const std::string& hook_id) const;

 private:
  struct Known {
    std::shared_ptr<const storage::OpenedHook> hook;
    SteadyTime until{};
  };
  struct Refusals {
    std::int64_t count = 0;
    SteadyTime noted{};
  };

  storage::Database& database_;
  const storage::Vault& vault_;
  Clock& clock_;
  std::map<std::string, Known> known_;
  std::map<std::string, Refusals> refusals_;  ///< of hooks that there are
  std::uint64_t generation_ = 0;              ///< counts forget()
};

/// Checks `X-Hub-Signature` (sha256=…, the HMAC of the body as it came) in constant time. Errors:
/// hook.signature_missing, hook.signature_invalid.
Result<void> check_signature(const Request& request, const storage::OpenedHook& hook);

}  // namespace evidenced::api
