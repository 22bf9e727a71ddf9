#pragma once

#include "config/time.hpp"
#include "storage/collection_store.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>

namespace evidenced::connector {

/// The request budget of one Atlassian account and one resource group: at most `limit` requests in
/// any rolling hour, counted in minutes (a request counts until the whole minute it fell into is an
/// hour old, so the sum over any 60 minutes never passes the limit). A machine without I/O; who
/// owns it persists the minutes.
class Budget {
 public:
  Budget(std::int64_t limit, std::int64_t reserve);

  void load(std::span<const storage::BudgetMinute> minutes);

  enum class Use { sync, probe };  ///< probes may use the reserve

  /// When the next request may go: `now` when it may go at once.
  Timestamp earliest(Timestamp now, Use use) const;
  void spend(Timestamp now);

  /// After a 429: closed for what the answer asked, else 60 s, doubling to 15 min with each 429 in
  /// a row; the limit halves until an hour has passed without one.
  void throttled(Timestamp now, std::optional<std::chrono::seconds> asked);
  void succeeded();

  std::int64_t used(Timestamp now) const;

 private:
  std::int64_t limit_;
  std::int64_t reserve_;
  std::deque<storage::BudgetMinute> minutes_;
  Timestamp closed_until_{};
  Timestamp last_throttle_{};
  int throttles_in_a_row_ = 0;
};

}  // namespace evidenced::connector
