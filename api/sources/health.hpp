#pragma once

#include "config/time.hpp"
#include "storage/nouns.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace evidenced::api {

/// What the health of a source is made of.
struct SourceFacts {
  storage::SourceState state = storage::SourceState::active;
  std::string state_reason;  ///< a code, or ""
  std::chrono::seconds interval{3600};
  std::optional<Timestamp> token_expires_at;  ///< declared; an assumed one proves nothing
  std::optional<Timestamp> credential_since;  ///< when the present one was stored
  std::optional<Timestamp> verified_at;       ///< when Bitbucket accepted it last
  std::optional<storage::Sync> latest;        ///< of any state
  std::optional<storage::Sync> latest_done;
  std::optional<Timestamp> last_success;  ///< end of the last sync that succeeded
};

struct Health {
  std::string_view status;
  std::string reason;  ///< begins with the code where a problem is the reason; "" when healthy
};

/// The state of a source in one word (first that applies):
/// * paused: paused or deleted
/// * action_required: a person must act: the credential was refused or its declared expiry has
///   passed, or the last sync failed, or was partial, for a reason that only configuration mends,
///   and no newer credential has come since it began
/// * late: the last complete sync ended more than two intervals ago
/// * syncing: a sync is queued or running
/// * pending: no sync has ended yet
/// * failing: the last sync failed, or none has been complete so far
/// * healthy: the last complete sync ended at most two intervals ago
Health health_of(const SourceFacts& facts, Timestamp now);

}  // namespace evidenced::api
