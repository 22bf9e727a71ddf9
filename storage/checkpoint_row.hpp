#pragma once

#include "storage/collection_store.hpp"

namespace evidenced::storage {

/// A checkpoint with what only the stores need to know of it.
struct CheckpointRow {
  std::int64_t num = 0;
  Checkpoint checkpoint;
  std::int64_t complete_walk = 0;         ///< number of the last full walk that was completed
  std::optional<std::int64_t> drop_walk;  ///< the walk that first saw the sudden drop now held
  std::optional<Timestamp> drop_at;
};

std::optional<CheckpointRow> find_checkpoint_row(Connection& connection, const PartitionKey& key);

/// The row of the walk that runs. Throws Fault when `walk` (or any, when 0) does not run.
CheckpointRow running_row(Connection& connection, const PartitionKey& key, std::int64_t walk);

}  // namespace evidenced::storage
