#include "connector/sync/timeline.hpp"

#include <algorithm>
#include <utility>

namespace evidenced::connector {

WaitMeter::Wait::Wait(WaitMeter* meter, Clock& clock) : meter_(meter), clock_(clock) {
  if (meter_ != nullptr && meter_->waiting_++ == 0) meter_->since_ = clock_.steady();
}

WaitMeter::Wait::~Wait() {
  if (meter_ == nullptr || --meter_->waiting_ > 0) return;
  meter_->ended_ += clock_.steady() - meter_->since_;
}

std::chrono::milliseconds WaitMeter::waited(SteadyTime now) const {
  const std::chrono::nanoseconds going_on =
      waiting_ > 0 ? now - since_ : std::chrono::nanoseconds(0);
  return std::chrono::floor<std::chrono::milliseconds>(ended_ + going_on);
}

void Timeline::restore(const storage::SyncStream& row) {
  if (!row.started_at) return;
  entries_.insert_or_assign(
      row.name, Entry{.started_at = row.started_at,
                      .finished_at = row.finished_at,
                      .retries = row.retries,
                      .waits = WaitMeter(std::chrono::milliseconds(row.waited_milliseconds))});
}

void Timeline::write(storage::SyncStream& row) const {
  const auto found = entries_.find(row.name);
  static const Entry never;
  const Entry& entry = found == entries_.end() ? never : found->second;
  row.started_at = entry.started_at;
  row.finished_at = entry.finished_at;
  row.retries = entry.retries;
  row.waited_milliseconds = entry.waits.waited(clock_.steady()).count();
}

Timeline::Request::Request(Timeline& timeline, std::string_view stream)
    : entry_(timeline.entries_[std::string(stream)]), clock_(timeline.clock_) {
  if (!entry_.started_at) entry_.started_at = clock_.now();
}

Timeline::Request::~Request() {
  // The wall clock may have been set back.
  entry_.finished_at = std::max(*entry_.started_at, clock_.now());
}

void Timeline::Request::sent(std::int64_t attempts) {
  if (attempts == 0) return;
  entry_.retries += std::exchange(is_sent_, true) ? attempts : attempts - 1;
}

}  // namespace evidenced::connector
