#pragma once

#include "config/time.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>

namespace evidenced::api {

/// Token buckets by name: so many requests a second, some in a burst. Forgets names that are full
/// again, and the idlest when there are too many. One thread.
class Buckets {
 public:
  struct Verdict {
    bool granted = true;
    std::int64_t remaining = 0;   ///< whole requests left
    int retry_after_seconds = 0;  ///< when not granted
  };

  /// `per_second` 0: everything is granted.
  Buckets(std::int64_t per_second, std::int64_t burst) : per_second_(per_second), burst_(burst) {}

  Verdict take(const std::string& name, SteadyTime now);

  /// Gives the last one back: the request cost nothing.
  void give_back(const std::string& name);

  std::int64_t per_second() const { return per_second_; }
  std::int64_t burst() const { return burst_; }
  std::size_t size() const { return levels_.size(); }

 private:
  struct Level {
    double tokens = 0;
    SteadyTime seen{};
  };
  void make_room(SteadyTime now);
  double refilled(const Level& level, SteadyTime now) const;

  std::int64_t per_second_;
  std::int64_t burst_;
  std::unordered_map<std::string, Level> levels_;
};

/// Failed attempts by name: after `limits::failed_authentications` within a minute the name is
/// shut, for a minute first, twice as long with each further failure, an hour at most. One thread.
class Lockout {
 public:
  /// Seconds until the name may try again; 0: now.
  int shut_for(const std::string& name, SteadyTime now) const;
  void failed(const std::string& name, SteadyTime now);
  std::size_t size() const { return records_.size(); }

 private:
  struct Record {
    std::int64_t failures = 0;  ///< in the current minute
    SteadyTime since{};
    SteadyTime shut_until{};
    std::chrono::seconds last_wait{0};
  };
  void make_room(SteadyTime now);

  std::unordered_map<std::string, Record> records_;
};

}  // namespace evidenced::api
