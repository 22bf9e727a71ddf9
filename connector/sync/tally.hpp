#pragma once

#include "storage/nouns.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace evidenced::connector {

/// How the walk of one partition ended.
enum class Ending {
  complete,
  paused,  ///< its round is over; a later one goes on
  gap,     ///< refused, as it always was: coverage knows
  lost,    ///< refused, though it was readable before
  failed,
  halted,  ///< the sync stops: cancelled, shutting down, or beyond hope
};

/// The partitions of one stream in one sync, counted.
struct StreamTally {
  std::int64_t total = 0;  ///< to be walked in this sync
  std::int64_t complete = 0;
  std::int64_t gaps = 0;
  std::int64_t lost = 0;
  std::int64_t failed = 0;
  std::int64_t resting = 0;         ///< not due, complete as of their last walk
  std::int64_t resting_gaps = 0;    ///< not due, refused at their last walk
  bool parents_incomplete = false;  ///< there may be partitions that nobody knows of
  /// Nothing that partitions are known by may be read: this refusal hides all there may be.
  std::optional<storage::StoredError> parents_refused;
  std::int64_t nameless_parents = 0;  ///< known, but without the uuid that they are asked by
  std::optional<storage::StoredError> error;  ///< the first of the worst kind

  std::int64_t done() const { return complete + gaps + lost + failed; }

  /// Counts a walk that has come to an end (not paused, not halted).
  void count(Ending ending, std::optional<storage::StoredError> why);

  /// Counts a partition that is not due.
  void rest(const std::optional<storage::StoredError>& refused);

 private:
  Ending worst_ = Ending::complete;
};

/// What the counts mean (design: api, "Streams").
struct StreamVerdict {
  storage::StreamState state = storage::StreamState::pending;
  bool complete = false;
  bool spoils = false;  ///< the sync cannot be called succeeded
  std::optional<storage::StoredError> error;
};
StreamVerdict judge(const StreamTally& tally);

/// succeeded: nothing spoils it; failed: nothing is complete; partial: between.
storage::SyncResult result_of(std::span<const StreamVerdict> verdicts);

}  // namespace evidenced::connector
