#include "connector/sync/tally.hpp"

#include "config/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace evidenced::connector {

namespace {

using storage::StreamState;

int severity(Ending ending) {
  switch (ending) {
    case Ending::failed:
      return 3;
    case Ending::lost:
      return 2;
    case Ending::gap:
      return 1;
    default:
      return 0;
  }
}

/// Complete as far as it was walked, but not all of it could be.
std::optional<storage::StoredError> lack_of_parents(const StreamTally& tally) {
  storage::StoredError error;
  error.code = Code("stream.incomplete").text();
  if (tally.nameless_parents > 0) {
    error.detail =
        fmt::format("{} of what it belongs to have no uuid to be asked by", tally.nameless_parents);
  } else if (tally.parents_incomplete) {
    error.detail = "what it belongs to is not completely known";
  } else {
    return std::nullopt;
  }
  return error;
}

}  // namespace

void StreamTally::count(Ending ending, std::optional<storage::StoredError> why) {
  if (ending == Ending::complete) ++complete;
  if (ending == Ending::gap) ++gaps;
  if (ending == Ending::lost) ++lost;
  if (ending == Ending::failed) ++failed;
  if (why && (!error || severity(ending) > severity(worst_))) {
    error = std::move(why);
    worst_ = ending;
  }
}

void StreamTally::rest(const std::optional<storage::StoredError>& refused) {
  if (!refused) {
    ++resting;
    return;
  }
  ++resting_gaps;
  if (!error) {
    error = refused;
    worst_ = Ending::gap;
  }
}

StreamVerdict judge(const StreamTally& tally) {
  const std::int64_t readable = tally.complete + tally.resting;
  const std::int64_t gaps = tally.gaps + tally.resting_gaps;
  const bool unfinished = tally.done() < tally.total;
  StreamVerdict verdict;
  verdict.spoils = unfinished || tally.failed + tally.lost + tally.nameless_parents > 0;
  verdict.error = tally.error;
  if (verdict.error) verdict.error->partitions_failed = tally.failed + tally.lost + gaps;
  if (tally.failed + tally.lost + gaps > 0) {
    verdict.state = tally.failed > 0 ? StreamState::failed : StreamState::unavailable;
    if (readable > 0) verdict.state = StreamState::incomplete;
    return verdict;
  }
  if (unfinished) {
    verdict.state = tally.done() > 0 ? StreamState::incomplete : StreamState::pending;
    return verdict;
  }
  if (tally.parents_refused && readable == 0) {
    verdict.state = StreamState::unavailable;
    verdict.error = tally.parents_refused;
    return verdict;
  }
  if (auto lack = lack_of_parents(tally)) {
    verdict.state = StreamState::incomplete;
    verdict.error = std::move(lack);
    return verdict;
  }
  verdict.state = StreamState::complete;
  verdict.complete = true;
  return verdict;
}

storage::SyncResult result_of(std::span<const StreamVerdict> verdicts) {
  const bool spoilt = std::ranges::any_of(verdicts, &StreamVerdict::spoils);
  if (!spoilt) return storage::SyncResult::succeeded;
  const bool useful = std::ranges::any_of(verdicts, [](const StreamVerdict& verdict) {
    return verdict.state == StreamState::complete || verdict.state == StreamState::incomplete;
  });
  return useful ? storage::SyncResult::partial : storage::SyncResult::failed;
}

}  // namespace evidenced::connector
