#include "connector/sync/stream_run.hpp"

#include "connector/retry.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace evidenced::connector {

namespace {

constexpr int silent_walks_of_a_stream = 3;
constexpr int removals_that_agree = 2;

bool is_code(const storage::StoredError& error, Code code) {
  return error.code == code.text();
}

}  // namespace

bool is_silence(const storage::StoredError& error) {
  return class_of(Code::from_stored(error.code)) == FailureClass::transient;
}

bool was_silent_before(const WalkTask& task) {
  return task.before && task.before->error && is_silence(*task.before->error);
}

void StreamRun::add(WalkTask task) {
  const std::optional<storage::StoredError> error =
      task.before ? task.before->error : std::optional<storage::StoredError>{};
  const bool refused_before = error && is_gap(error->code);
  if (task.decision.visit == Visit::fresh) {
    tally.rest(refused_before ? error : std::nullopt);
    return;
  }
  ++tally.total;
  if (task.decision.visit == Visit::settled) {
    Ending ending = Ending::complete;
    if (error) ending = refused_before ? Ending::gap : Ending::failed;
    tally.count(ending, error);
    return;
  }
  waiting_.push_back(std::move(task));
}

/// Active repositories first; what gave no answer last time does not keep the others waiting.
std::size_t StreamRun::place_in_line(const WalkTask& task) {
  if (was_silent_before(task)) return 2;
  return task.active ? 0 : 1;
}

std::deque<WalkTask> StreamRun::take(Part part) {
  if (part == Part::sample) choose_sample();
  std::deque<WalkTask> taken;
  std::deque<WalkTask> left;
  std::array<std::deque<WalkTask>, 3> line;
  for (WalkTask& task : waiting_) line.at(place_in_line(task)).push_back(std::move(task));
  for (std::deque<WalkTask>& place : line) {
    for (WalkTask& task : place) {
      // What changed is read to its end: other streams look whether something did.
      const bool whole = task.decision.mode == storage::SyncMode::full;
      task.one_page = (part == Part::first_page || part == Part::sample) && whole;
      bool now = task.active || part != Part::active;
      if (part == Part::sample) now = task.sampled;
      if (part == Part::first_page) now = !task.paused;
      (now ? taken : left).push_back(std::move(task));
    }
  }
  waiting_ = std::move(left);
  return taken;
}

/// Of what was never walked.
void StreamRun::choose_sample() {
  std::vector<WalkTask*> unknown;
  for (WalkTask& task : waiting_) {
    if (!task.before) unknown.push_back(&task);
  }
  const std::size_t count = std::min(sample_size, unknown.size());
  for (std::size_t i = 0; i < count; ++i) unknown[i * unknown.size() / count]->sampled = true;
}

void StreamRun::settle(WalkTask task, const WalkResult& result) {
  if (result.ending == Ending::halted) return;
  if (result.ending == Ending::paused) {
    task.paused = true;
    waiting_.push_back(std::move(task));
    return;
  }
  tally.complete += result.readable_parts;
  tally.total += result.readable_parts;
  const bool removed = result.error && is_code(*result.error, "upstream.removed");
  if (removed) ++removals_;
  // One partition alone may be odd.
  const bool removed_for_all = removals_ >= removals_that_agree || (removed && tally.total == 1);
  tally.count(result.ending, result.error);
  if (!result.error) {
    silent_walks_ = 0;
    return;
  }
  const storage::StoredError& error = *result.error;
  silent_walks_ = is_silence(error) ? silent_walks_ + 1 : 0;
  const bool no_scope = is_code(error, "credential.scope_missing");
  if (no_scope || removed_for_all || silent_walks_ >= silent_walks_of_a_stream) closed_ = error;
}

std::vector<WalkTask> StreamRun::spare(std::deque<WalkTask> untouched) {
  std::vector<WalkTask> spared;
  if (!closed_ || !is_gap(closed_->code)) {
    if (closed_) give_up(std::move(untouched), *closed_);
    return spared;
  }
  for (WalkTask& task : untouched) {
    tally.count(refused(task.before), closed_);
    spared.push_back(std::move(task));
  }
  return spared;
}

void StreamRun::give_up(std::deque<WalkTask> untouched, const storage::StoredError& why) {
  for (std::size_t i = 0; i < untouched.size(); ++i) tally.count(Ending::failed, why);
}

}  // namespace evidenced::connector
