#pragma once

#include "storage/expiry_store.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace evidenced::connector {

/// So many days before a credential expires it is announced, and once more when it has (0).
inline constexpr std::array<int, 6> expiry_thresholds = {30, 14, 7, 3, 1, 0};

/// "ok", "expiring" (the furthest threshold is reached) or "expired".
std::string_view expiry_state(Timestamp expires_at, Timestamp now);

/// Whole days until `expires_at`, rounded down; negative once it has passed.
std::int64_t days_left(Timestamp expires_at, Timestamp now);

/// When a threshold is reached.
Timestamp threshold_time(Timestamp expires_at, int threshold_days);

/// The threshold to announce now: the nearest one reached, unless it or a nearer one was announced.
/// So whoever comes late, by registration inside a window or after a sleep over several thresholds,
/// is told once. A notice from more than a day ahead, which a clock that was wrong has given, stops
/// its own threshold alone.
std::optional<int> due_notice(Timestamp expires_at, Timestamp now,
                              std::span<const storage::ExpiryNotice> given);

struct NextNotice {
  int threshold_days = 0;
  Timestamp at{};
};

/// The next threshold that will be announced; nullopt: none is left.
std::optional<NextNotice> next_notice(Timestamp expires_at, Timestamp now,
                                      std::span<const storage::ExpiryNotice> given);

}  // namespace evidenced::connector
