#pragma once

#include "config/clock.hpp"
#include "storage/nouns.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace evidenced::connector {

/// Adds up the time in which at least one of several waits beside each other: an hour in which four
/// wait is an hour. One executor's thread.
class WaitMeter {
 public:
  explicit WaitMeter(std::chrono::milliseconds before = {}) : ended_(before) {}

  /// One wait, as long as this lives. `meter` may be nullptr: nobody asks.
  class Wait {
   public:
    Wait(WaitMeter* meter, Clock& clock);
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait();

   private:
    WaitMeter* meter_;
    Clock& clock_;
  };

  /// With what goes on at `now`.
  std::chrono::milliseconds waited(SteadyTime now) const;

 private:
  std::chrono::nanoseconds ended_;
  SteadyTime since_{};
  int waiting_ = 0;
};

/// When the streams of one sync were asked, how often again, and how long their requests waited for
/// the budget of the account, for a Retry-After or between attempts. Goes on where an interrupted
/// sync was.
class Timeline {
 public:
  explicit Timeline(Clock& clock) : clock_(clock) {}

  /// What was stored of a stream before the sync was interrupted.
  void restore(const storage::SyncStream& row);

  /// Sets the four members of the row to what is known now; of a stream that was never asked, to
  /// nothing.
  void write(storage::SyncStream& row) const;

 private:
  struct Entry {
    std::optional<Timestamp> started_at;
    std::optional<Timestamp> finished_at;
    std::int64_t retries = 0;
    WaitMeter waits;
  };

 public:
  /// One request of a stream, from when it is wanted to when it is answered or given up: as long as
  /// this lives, which is less than the timeline does.
  class Request {
   public:
    Request(Timeline& timeline, std::string_view stream);
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;
    ~Request();

    /// So many more attempts were sent; all but the very first are retries.
    void sent(std::int64_t attempts);

    /// What its waits are added to.
    WaitMeter& waits() { return entry_.waits; }

   private:
    Entry& entry_;
    Clock& clock_;
    bool is_sent_ = false;
  };

 private:
  Clock& clock_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace evidenced::connector
