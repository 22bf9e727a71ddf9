#include "connector/budget.hpp"

#include <algorithm>

namespace evidenced::connector {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t window_minutes = 60;
constexpr seconds shortest_closing{60};
constexpr seconds longest_closing{15 * 60};
constexpr seconds longest_asked{3600};

std::int64_t minute_of(Timestamp time) {
  return std::chrono::floor<minutes>(time).time_since_epoch().count();
}

/// From when on the requests of `minute` count no more: its last moment is an hour old.
Timestamp expiry_of(std::int64_t minute) {
  return Timestamp(minutes(minute + 1 + window_minutes));
}

bool counts(const storage::BudgetMinute& entry, std::int64_t minute) {
  return entry.minute >= minute - window_minutes && entry.minute <= minute + window_minutes;
}

}  // namespace

Budget::Budget(std::int64_t limit, std::int64_t reserve)
    : limit_(std::max<std::int64_t>(limit, 1)),
      reserve_(std::clamp<std::int64_t>(reserve, 0, limit_ - 1)) {}

void Budget::load(std::span<const storage::BudgetMinute> minutes,
                  const storage::BudgetClosing& closing) {
  for (const storage::BudgetMinute& entry : minutes) add(entry.minute, entry.requests);
  closing_ = closing;
}

void Budget::give_back() {
  for (auto entry = minutes_.rbegin(); entry != minutes_.rend(); ++entry) {
    if (entry->requests == 0) continue;
    --entry->requests;
    return;
  }
}

void Budget::absorb(const Budget& other) {
  for (const storage::BudgetMinute& entry : other.minutes_) add(entry.minute, entry.requests);
  const storage::BudgetClosing& closing = other.closing_;
  closing_.until = std::max(closing_.until, closing.until);
  closing_.last_throttle = std::max(closing_.last_throttle, closing.last_throttle);
  closing_.in_a_row = std::max(closing_.in_a_row, closing.in_a_row);
}

void Budget::add(std::int64_t minute, std::int64_t requests) {
  const auto place = std::ranges::lower_bound(minutes_, minute, {}, &storage::BudgetMinute::minute);
  if (place != minutes_.end() && place->minute == minute) {
    place->requests += requests;
  } else {
    minutes_.insert(place, {minute, requests});
  }
}

void Budget::spend(Timestamp now) {
  const std::int64_t minute = minute_of(now);
  std::erase_if(minutes_, [&](const storage::BudgetMinute& e) { return !counts(e, minute); });
  add(minute, 1);
}

std::int64_t Budget::used(Timestamp now) const {
  const std::int64_t minute = minute_of(now);
  std::int64_t sum = 0;
  for (const storage::BudgetMinute& entry : minutes_) {
    if (counts(entry, minute)) sum += entry.requests;
  }
  return sum;
}

bool Budget::halved(Timestamp now) const {
  if (!closing_.last_throttle) return false;
  const auto age = now - *closing_.last_throttle;
  return age < hours(1) && age > -hours(1);
}

std::int64_t Budget::allowed(Timestamp now, Use use) const {
  const std::int64_t whole = use == Use::probe ? limit_ : limit_ - reserve_;
  return halved(now) ? std::max<std::int64_t>(whole / 2, 1) : whole;
}

RequestBudget Budget::standing(Timestamp now) const {
  const std::int64_t limit = allowed(now, Use::probe);
  return {.used = used(now), .limit = limit, .reserve = limit - allowed(now, Use::sync)};
}

Timestamp Budget::earliest(Timestamp now, Use use) const {
  Timestamp time = now;
  // A closing further away than any closing lasts was set before the clock went back.
  if (closing_.until && *closing_.until - now <= longest_asked)
    time = std::max(now, *closing_.until);
  while (used(time) >= allowed(time, use)) {
    // Nothing changes before the oldest minute expires, or the limit is whole again.
    Timestamp next = time + hours(2);
    for (const storage::BudgetMinute& entry : minutes_) {
      if (counts(entry, minute_of(time))) next = std::min(next, expiry_of(entry.minute));
    }
    if (halved(time)) next = std::min(next, *closing_.last_throttle + hours(1));
    time = next;
  }
  return time;
}

void Budget::throttled(Timestamp now, std::optional<seconds> asked) {
  const bool open = !closing_.until || now >= *closing_.until;
  seconds wait = shortest_closing;
  for (int i = 0; i < closing_.in_a_row && wait < longest_closing; ++i) wait *= 2;
  if (open) ++closing_.in_a_row;
  wait = std::min(wait, longest_closing);
  if (asked) wait = std::clamp(*asked, seconds(1), longest_asked);
  if (open || asked) closing_.until = std::max(closing_.until.value_or(now), now + wait);
  closing_.last_throttle = now;
}

void Budget::succeeded() {
  closing_.in_a_row = 0;
}

}  // namespace evidenced::connector
