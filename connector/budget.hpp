#pragma once

#include "config/time.hpp"
#include "storage/collection_store.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>

namespace evidenced::connector {

/// The requests of an account and group that count in the rolling hour, and how many may.
struct RequestBudget {
  std::int64_t used = 0;
  std::int64_t limit = 0;    ///< half of what is configured for an hour after a 429
  std::int64_t reserve = 0;  ///< of the limit, kept for probes: syncs leave it
};

/// The request budget of one Atlassian account and one resource group: at most `limit` requests in
/// any rolling hour, counted in minutes (a request counts until the whole minute it fell into is an
/// hour old, so the sum over any 60 minutes never passes the limit). A machine without I/O; who
/// owns it persists the minutes. The wall clock may jump: one set back by up to an hour holds
/// requests up, one set back further forgets what lies ahead of it.
class Budget {
 public:
  /// `limit` ≥ 1; `reserve`, kept for probes, is cut to `limit - 1`.
  Budget(std::int64_t limit, std::int64_t reserve);

  /// What was spent before a restart, in any order, and what 429s had left behind.
  void load(std::span<const storage::BudgetMinute> minutes,
            const storage::BudgetClosing& closing = {});
  const storage::BudgetClosing& closing() const { return closing_; }

  enum class Use { sync, probe };  ///< probes may use the reserve

  /// When the next request may go: `now` when it may go at once.
  Timestamp earliest(Timestamp now, Use use) const;

  /// One request goes out at `now`, whatever becomes of it.
  void spend(Timestamp now);

  /// After a 429: closed for what the answer asked (1 s to 1 h), else 60 s, doubling to 15 min with
  /// each 429 in a row; the limit halves until an hour has passed without one. Further 429s of
  /// requests that were already under way when the budget closed do not count as a row.
  void throttled(Timestamp now, std::optional<std::chrono::seconds> asked);

  /// Any answer but 429: the next closing is short again.
  void succeeded();

  /// The last request was not sent after all.
  void give_back();

  /// What was spent, and closed, for the same account under another name.
  void absorb(const Budget& other);

  /// Requests that count at `now`.
  std::int64_t used(Timestamp now) const;

  /// How it stands at `now`.
  RequestBudget standing(Timestamp now) const;

 private:
  void add(std::int64_t minute, std::int64_t requests);
  std::int64_t allowed(Timestamp now, Use use) const;
  bool halved(Timestamp now) const;

  std::int64_t limit_;
  std::int64_t reserve_;
  std::deque<storage::BudgetMinute> minutes_;  ///< ascending
  storage::BudgetClosing closing_;
};

}  // namespace evidenced::connector
