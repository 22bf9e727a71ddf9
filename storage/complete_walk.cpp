#include "storage/change_log.hpp"
#include "storage/checkpoint_row.hpp"
#include "storage/columns.hpp"

#include <chrono>

namespace evidenced::storage {

namespace {

constexpr std::int64_t drop_at_least = 5;
constexpr std::int64_t drop_percent = 30;
constexpr std::chrono::hours drop_confirmed_after{24};

struct Unseen {
  std::int64_t live = 0;
  std::int64_t missing = 0;  ///< live, but not seen by this walk
};

Unseen count_unseen(Connection& connection, const CheckpointRow& row) {
  Unseen unseen;
  connection.query(
      "SELECT count(*), coalesce(sum(CASE WHEN walk < $2 THEN 1 ELSE 0 END), 0)"
      " FROM seen_marks WHERE checkpoint_num = $1",
      {row.num, row.checkpoint.walk}, [&](const Row& counts) {
        unseen = {.live = counts.integer(0), .missing = counts.integer(1)};
      });
  return unseen;
}

bool is_sudden_drop(const Unseen& unseen) {
  return unseen.missing >= drop_at_least && unseen.missing * 100 > unseen.live * drop_percent;
}

/// Removes what no walk from `walk` on has seen.
std::int64_t remove_unseen_since(Connection& connection, ChangeLog& changes,
                                 std::int64_t checkpoint_num, std::int64_t walk) {
  std::vector<std::int64_t> unseen;
  connection.query("SELECT artifact_num FROM seen_marks WHERE checkpoint_num = $1 AND walk < $2",
                   {checkpoint_num, walk},
                   [&](const Row& row) { unseen.push_back(row.integer(0)); });
  std::int64_t removed = 0;
  for (std::int64_t artifact_num : unseen) removed += changes.remove(artifact_num, "not_listed");
  return removed;
}

/// A full walk: decides what its silence about an object means.
WalkEnd conclude(Connection& connection, ChangeLog& changes, CheckpointRow& row) {
  Unseen unseen = count_unseen(connection, row);
  std::int64_t agreed_since = row.complete_walk;
  if (is_sudden_drop(unseen)) {
    bool first = !row.drop_walk;
    if (first) {
      row.drop_walk = row.checkpoint.walk;
      row.drop_at = changes.now();
    }
    bool held = first || changes.now() - *row.drop_at < drop_confirmed_after;
    if (held) return {.removed = 0, .missing = unseen.missing, .suspicious_drop = true};
    agreed_since = *row.drop_walk;
  }
  row.drop_walk.reset();
  row.drop_at.reset();
  WalkEnd end;
  end.removed = remove_unseen_since(connection, changes, row.num, agreed_since);
  end.missing = count_unseen(connection, row).missing;
  return end;
}

}  // namespace

void spare_unasked(Connection& connection, const PartitionKey& key, std::string_view kind,
                   std::span<const std::string> upstream_ids) {
  CheckpointRow row = running_row(connection, key, 0);
  for (const std::string& upstream_id : upstream_ids) {
    connection.execute(
        "UPDATE seen_marks SET walk = $2 WHERE checkpoint_num = $1 AND artifact_num ="
        "   (SELECT num FROM artifacts WHERE source_id = $3 AND kind = $4 AND upstream_id = $5)",
        {row.num, row.checkpoint.walk, key.source_id, kind, upstream_id});
  }
}

WalkEnd complete_walk(Connection& connection, const TenantScope& tenant, const PartitionKey& key,
                      const std::string& sync_id, Timestamp now, Listed listed) {
  CheckpointRow row = running_row(connection, key, 0);
  WalkEnd end;
  Checkpoint& checkpoint = row.checkpoint;
  if (checkpoint.mode == SyncMode::full) {
    ChangeLog changes(connection, tenant, key.source_id, sync_id, now);
    if (listed == Listed::all) end = conclude(connection, changes, row);
    changes.finish();
    row.complete_walk = checkpoint.walk;
    if (!end.suspicious_drop) {
      checkpoint.generation += 1;
      checkpoint.complete_at = now;
    }
  }
  connection.execute(
      "UPDATE checkpoints SET running = 0, next_position = '', watermark = next_watermark,"
      "   observed_at = $2, generation = $3, complete_at = $4, complete_walk = $5, drop_walk = $6,"
      "   drop_at = $7, error = ''"
      " WHERE num = $1",
      {row.num, to_value(now), checkpoint.generation, to_value(checkpoint.complete_at),
       row.complete_walk, to_value(row.drop_walk), to_value(row.drop_at)});
  return end;
}

std::int64_t confirm_drops(Connection& connection, const TenantScope& tenant,
                           const std::string& source_id, const std::string& stream, Timestamp now) {
  struct Held {
    std::int64_t checkpoint_num;
    std::int64_t walk;
  };
  std::vector<Held> held;
  connection.query(
      "SELECT num, complete_walk FROM checkpoints"
      " WHERE source_id = $1 AND stream = $2 AND drop_walk IS NOT NULL",
      {source_id, stream},
      [&](const Row& row) { held.push_back({row.integer(0), row.integer(1)}); });
  ChangeLog changes(connection, tenant, source_id, "", now);
  std::int64_t removed = 0;
  for (const Held& drop : held) {
    removed += remove_unseen_since(connection, changes, drop.checkpoint_num, drop.walk);
    connection.execute(
        "UPDATE checkpoints SET drop_walk = NULL, drop_at = NULL, generation = generation + 1,"
        "   complete_at = observed_at,"
        "   error = CASE WHEN error LIKE '%stream.suspicious_drop%' THEN '' ELSE error END"
        " WHERE num = $1",
        {drop.checkpoint_num});
  }
  changes.finish();
  return removed;
}

}  // namespace evidenced::storage
