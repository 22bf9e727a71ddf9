#include "storage/walk_log.hpp"

#include "storage/columns.hpp"
#include "storage/crypto.hpp"
#include "storage/id.hpp"

#include <fmt/format.h>

namespace evidenced::storage {

namespace {

/// A walk that read only what is new, or a list without `size`, has nothing to be held against.
constexpr std::string_view is_gap =
    "running = 0 AND (error <> '' OR rows_seen < coalesce(expected_rows, 0))";
constexpr std::string_view counted =
    "coalesce(sum(CASE WHEN mode = 'full' THEN 1 ELSE 0 END), 0),"
    " coalesce(sum(CASE WHEN mode = 'full' THEN 0 ELSE 1 END), 0), coalesce(sum(running), 0),"
    " coalesce(sum(pages), 0), coalesce(sum(rows_seen), 0), sum(expected_rows),"
    " coalesce(min(CASE WHEN since <> '' THEN since END), '')";
constexpr std::string_view counts_columns =
    "whole, changes, running, pages, rows_seen, expected_rows, earliest_since, gaps";
constexpr std::string_view gap_columns =
    "part, mode, pages, rows_seen, expected_rows, complete_at, error";

/// Of checkpoints.
std::string select_counts(std::string_view also) {
  return fmt::format(
      "SELECT {}{}, coalesce(sum(CASE WHEN {} THEN 1 ELSE 0 END), 0) FROM checkpoints"
      " WHERE sync_id = $1",
      also, counted, is_gap);
}

WalkCounts read_counts(const Row& row) {
  ColumnReader column(row);
  WalkCounts counts;
  counts.whole = column.integer();
  counts.changes = column.integer();
  counts.running = column.integer();
  counts.pages = column.integer();
  counts.rows = column.integer();
  counts.size = column.optional_integer();
  counts.earliest_since = column.text();
  counts.gaps = column.integer();
  return counts;
}

WalkGap read_gap(const Row& row) {
  ColumnReader column(row);
  WalkGap gap;
  gap.partition = column.text();
  gap.mode = column.word<SyncMode>();
  gap.pages = column.integer();
  gap.rows = column.integer();
  gap.size = column.optional_integer();
  gap.complete_at = column.optional_time();
  gap.error = column.error();
  return gap;
}

bool are_kept(Connection& connection, const std::string& sync_id) {
  bool kept = false;
  connection.query("SELECT 1 FROM walk_counts WHERE sync_id = $1 LIMIT 1", {sync_id},
                   [&](const Row&) { kept = true; });
  return kept;
}

}  // namespace

void keep_questions(Connection& connection, const std::string& sync_id, std::string_view text) {
  const std::string digest = to_hex(sha256(text));
  connection.execute("INSERT INTO questions (digest, text) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                     {digest, text});
  connection.execute("UPDATE syncs SET questions = $2 WHERE id = $1", {sync_id, digest});
}

std::string find_questions(Connection& connection, const std::string& sync_id) {
  std::string text;
  connection.query(
      "SELECT q.text FROM syncs s JOIN questions q ON q.digest = s.questions WHERE s.id = $1",
      {sync_id}, [&](const Row& row) { text = row.text(0); });
  return text;
}

void keep_walks(Connection& connection, const Sync& sync, Timestamp now) {
  connection.execute(fmt::format("INSERT INTO walk_counts (sync_id, stream, {}) {}"
                                 " GROUP BY sync_id, stream",
                                 counts_columns, select_counts("sync_id, stream, ")),
                     {sync.id});
  connection.execute(
      fmt::format("INSERT INTO walk_gaps (sync_id, stream, {0}) SELECT sync_id, stream, {0}"
                  " FROM (SELECT sync_id, stream, {0}, row_number() OVER"
                  "         (PARTITION BY stream ORDER BY part) AS place"
                  "       FROM checkpoints WHERE sync_id = $1 AND {1}) AS ended"
                  " WHERE place <= $2",
                  gap_columns, is_gap),
      {sync.id, to_value(most_walk_gaps)});
  connection.execute("DELETE FROM walk_gaps WHERE sync_id < $1",
                     {first_id_at("syn", now - walk_gaps_kept)});
}

std::optional<WalkCounts> count_walks(Connection& connection, const Sync& sync,
                                      const std::string& stream) {
  std::optional<WalkCounts> counts;
  const auto read = [&](const Row& row) { counts = read_counts(row); };
  if (sync.state != SyncState::done) {
    connection.query(select_counts("") + " AND stream = $2", {sync.id, stream}, read);
  } else if (are_kept(connection, sync.id)) {
    counts.emplace();
    connection.query(fmt::format("SELECT {} FROM walk_counts WHERE sync_id = $1 AND stream = $2",
                                 counts_columns),
                     {sync.id, stream}, read);
  }
  return counts;
}

std::vector<WalkGap> list_walk_gaps(Connection& connection, const Sync& sync,
                                    const std::string& stream) {
  std::vector<WalkGap> gaps;
  const auto read = [&](const Row& row) { gaps.push_back(read_gap(row)); };
  const bool done = sync.state == SyncState::done;
  connection.query(
      fmt::format("SELECT {} FROM {} WHERE sync_id = $1 AND stream = $2 AND {}"
                  " ORDER BY part LIMIT $3",
                  gap_columns, done ? "walk_gaps" : "checkpoints", done ? "1 = 1" : is_gap),
      {sync.id, stream, to_value(most_walk_gaps)}, read);
  return gaps;
}

}  // namespace evidenced::storage
