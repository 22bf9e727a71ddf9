#pragma once

#include "storage/connection.hpp"
#include "storage/nouns.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::storage {

/// The walks of one stream in one sync, summed up.
struct WalkCounts {
  std::int64_t whole = 0;
  std::int64_t changes = 0;  ///< walks that asked for what is new only
  std::int64_t running = 0;  ///< begun and not ended
  std::int64_t pages = 0;
  std::int64_t rows = 0;
  std::optional<std::int64_t> size;  ///< the source's own totals, of those that told one
  std::string earliest_since;        ///< the least that a walk of changes began with; "": none
  std::int64_t gaps = 0;             ///< walks that failed or saw fewer rows than their size
};

/// A walk that does not add up, as it ended.
struct WalkGap {
  std::string partition;
  SyncMode mode = SyncMode::full;
  std::int64_t pages = 0;
  std::int64_t rows = 0;
  std::optional<std::int64_t> size;
  std::optional<Timestamp> complete_at;  ///< when the partition had been whole last
  std::optional<StoredError> error;
};

/// So many gaps of a stream in a sync are told one by one, for so long; the counts tell of all.
constexpr int most_walk_gaps = 100;
constexpr std::chrono::hours walk_gaps_kept{400 * 24};

/// Keeps how a sync asks, when it begins or goes on: JSON that storage does not read, kept once for
/// all syncs that ask alike.
void keep_questions(Connection& connection, const std::string& sync_id, std::string_view text);

/// What was kept last; "" where nothing was: the sync never began, or did before this was kept.
std::string find_questions(Connection& connection, const std::string& sync_id);

/// Keeps how the walks of a sync ended, in the transaction that ends the sync: the next one takes
/// their place in the checkpoints.
void keep_walks(Connection& connection, const Sync& sync, Timestamp now);

/// Of a sync that ended, as they were then; of one that has not, as they are. nullopt where nothing
/// was kept: it ended without a walk, before this was kept, or its evidence was purged.
std::optional<WalkCounts> count_walks(Connection& connection, const Sync& sync,
                                      const std::string& stream);
/// By partition, at most `most_walk_gaps`.
std::vector<WalkGap> list_walk_gaps(Connection& connection, const Sync& sync,
                                    const std::string& stream);

}  // namespace evidenced::storage
