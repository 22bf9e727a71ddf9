#include "storage/seen_marks.hpp"

#include <algorithm>

namespace evidenced::storage {

bool SeenMarks::renew(std::int64_t artifact_num) {
  if (std::ranges::find(later_, artifact_num) != later_.end()) renew_all();
  return renew_run(artifact_num, artifact_num) == 1;
}

void SeenMarks::insert(std::int64_t artifact_num) {
  connection_.execute(
      "INSERT INTO seen_marks (checkpoint_num, artifact_num, walk) VALUES ($1, $2, $3)",
      {checkpoint_num_, artifact_num, walk_});
}

void SeenMarks::remove(std::int64_t checkpoint_num, std::int64_t artifact_num) {
  connection_.execute("DELETE FROM seen_marks WHERE checkpoint_num = $1 AND artifact_num = $2",
                      {checkpoint_num, artifact_num});
}

std::int64_t SeenMarks::finish() {
  renew_all();
  return first_seen_;
}

/// One statement for each run of numbers without a gap: what came in one page the first time, and
/// comes in one page again, has such numbers.
void SeenMarks::renew_all() {
  std::ranges::sort(later_);
  const auto repeated = std::ranges::unique(later_);
  later_.erase(repeated.begin(), repeated.end());
  for (std::size_t i = 0; i < later_.size();) {
    std::size_t end = i + 1;
    while (end < later_.size() && later_[end] == later_[end - 1] + 1) ++end;
    first_seen_ += renew_run(later_[i], later_[end - 1]);
    i = end;
  }
  later_.clear();
}

std::int64_t SeenMarks::renew_run(std::int64_t first, std::int64_t last) {
  return connection_.execute(
      "UPDATE seen_marks SET walk = $4"
      " WHERE checkpoint_num = $1 AND artifact_num >= $2 AND artifact_num <= $3 AND walk <> $4",
      {checkpoint_num_, first, last, walk_});
}

}  // namespace evidenced::storage
