#pragma once

#include "config/clock.hpp"
#include "config/settings.hpp"
#include "storage/database.hpp"

#include <chrono>

namespace evidenced::server {

inline constexpr std::chrono::hours housekeeping_interval{1};

/// So long calendars are told that a credential expires no more.
inline constexpr std::chrono::hours ended_credentials_kept{90 * 24};

/// Drops what has served its time: idempotency records after a day, events after
/// `storage.events_kept_days`, credentials that ended, sessions and links that expired. A failure
/// is logged; the next round makes up for it.
Task<void> keep_house(storage::Database& database, Clock& clock, const Settings& settings);

}  // namespace evidenced::server
