#pragma once

#include "storage/connection.hpp"

#include <cstdint>
#include <vector>

namespace evidenced::storage {

/// The marks that a page sets on what it lists: seen by this walk. Those of artifacts that did not
/// change are set together, since they are all that such an artifact costs.
class SeenMarks {
 public:
  SeenMarks(Connection& connection, std::int64_t checkpoint_num, std::int64_t walk)
      : connection_(connection), checkpoint_num_(checkpoint_num), walk_(walk) {}

  /// Renews the mark of an artifact of this partition before `finish` returns.
  void renew_later(std::int64_t artifact_num) { later_.push_back(artifact_num); }

  /// Renews it at once; false when this walk has seen the artifact before.
  bool renew(std::int64_t artifact_num);

  void insert(std::int64_t artifact_num);

  /// Takes the mark of an artifact away from the partition that it was listed in.
  void remove(std::int64_t checkpoint_num, std::int64_t artifact_num);

  /// How many of those renewed later this walk saw for the first time. Call once, last.
  std::int64_t finish();

 private:
  void renew_all();
  std::int64_t renew_run(std::int64_t first, std::int64_t last);

  Connection& connection_;
  std::int64_t checkpoint_num_;
  std::int64_t walk_;
  std::vector<std::int64_t> later_;
  std::int64_t first_seen_ = 0;
};

}  // namespace evidenced::storage
