#include "connector/expiry.hpp"

#include <algorithm>
#include <chrono>

namespace evidenced::connector {

namespace {

using storage::ExpiryNotice;

bool was_given(std::span<const ExpiryNotice> given, int threshold_days) {
  return std::ranges::find(given, threshold_days, &ExpiryNotice::threshold_days) != given.end();
}

/// Whether a nearer threshold was announced, by a clock that can be believed.
bool was_passed(std::span<const ExpiryNotice> given, int threshold_days, Timestamp now) {
  return std::ranges::any_of(given, [&](const ExpiryNotice& notice) {
    return notice.threshold_days < threshold_days && notice.given_at <= now + std::chrono::days(1);
  });
}

}  // namespace

std::string_view expiry_state(Timestamp expires_at, Timestamp now) {
  if (expires_at <= now) return "expired";
  return threshold_time(expires_at, expiry_thresholds.front()) <= now ? "expiring" : "ok";
}

std::int64_t days_left(Timestamp expires_at, Timestamp now) {
  return std::chrono::floor<std::chrono::days>(expires_at - now).count();
}

Timestamp threshold_time(Timestamp expires_at, int threshold_days) {
  return expires_at - std::chrono::days(threshold_days);
}

std::optional<int> due_notice(Timestamp expires_at, Timestamp now,
                              std::span<const ExpiryNotice> given) {
  std::optional<int> nearest;
  for (const int threshold : expiry_thresholds) {
    if (threshold_time(expires_at, threshold) <= now) nearest = threshold;
  }
  if (!nearest || was_given(given, *nearest) || was_passed(given, *nearest, now)) {
    return std::nullopt;
  }
  return nearest;
}

std::optional<NextNotice> next_notice(Timestamp expires_at, Timestamp now,
                                      std::span<const ExpiryNotice> given) {
  for (const int threshold : expiry_thresholds) {
    const Timestamp at = threshold_time(expires_at, threshold);
    const bool open = !was_given(given, threshold) && !was_passed(given, threshold, now);
    if (at > now && open) return NextNotice{threshold, at};
  }
  return std::nullopt;
}

}  // namespace evidenced::connector
