#pragma once

#include "connector/sync/walk.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace evidenced::connector {

/// One stream in one sync: which of its partitions are to be walked, and how the walks ended. Pure.
class StreamRun {
 public:
  explicit StreamRun(const bitbucket::Stream& stream) : stream_(stream) {}

  const bitbucket::Stream& stream() const { return stream_; }
  bool planned() const { return planned_; }
  void set_planned() { planned_ = true; }

  /// A partition, with what `decide` said of it.
  void add(WalkTask task);

  /// The tasks of a round, active ones first; the others stay.
  std::deque<WalkTask> take(Part part);

  /// How many are taken for Part::sample, spread evenly.
  static constexpr std::size_t sample_size = 16;

  /// A walk came to its end, or pauses.
  void settle(WalkTask task, const WalkResult& result);

  /// Whether to stop walking: a scope is missing for all of it, Bitbucket removed it (as two
  /// partitions say, or the only one), or three walks in a row got no answer. Set by settle.
  bool closed() const { return closed_.has_value(); }

  /// The partitions that need not be asked, since a scope is missing or the API removed for all of
  /// them; they are counted here.
  std::vector<WalkTask> spare(std::deque<WalkTask> untouched);

  /// Counts what was not walked because of `why`.
  void give_up(std::deque<WalkTask> untouched, const storage::StoredError& why);
  void give_up_rest(const storage::StoredError& why) { give_up(std::move(waiting_), why); }

  /// The error that closed the stream.
  const std::optional<storage::StoredError>& closing() const { return closed_; }

  bool has_waiting() const { return !waiting_.empty(); }
  std::deque<WalkTask>& waiting() { return waiting_; }
  StreamTally tally;

 private:
  static std::size_t place_in_line(const WalkTask& task);
  void choose_sample();

  const bitbucket::Stream& stream_;
  std::deque<WalkTask> waiting_;
  bool planned_ = false;
  int silent_walks_ = 0;
  int removals_ = 0;  ///< partitions that were told of a removed API
  std::optional<storage::StoredError> closed_;
};

/// Whether Bitbucket did not answer, or not usefully, for a reason that passes.
bool is_silence(const storage::StoredError& error);

/// Whether the walk before it ended so.
bool was_silent_before(const WalkTask& task);

}  // namespace evidenced::connector
