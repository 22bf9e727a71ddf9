#include "storage/checkpoint_row.hpp"
#include "storage/columns.hpp"

#include <fmt/format.h>

namespace evidenced::storage {

namespace {

constexpr std::string_view checkpoint_columns =
    "num, walk, mode, sync_id, running, next_position, pages, rows_seen, expected_rows, watermark,"
    " next_watermark, generation, complete_at, observed_at, error, complete_walk, drop_walk,"
    " drop_at";

CheckpointRow read_row(ColumnReader& column) {
  CheckpointRow row;
  row.num = column.integer();
  Checkpoint& checkpoint = row.checkpoint;
  checkpoint.walk = column.integer();
  checkpoint.mode = column.word<SyncMode>();
  checkpoint.sync_id = column.text();
  checkpoint.running = column.flag();
  checkpoint.position = column.text();
  checkpoint.pages = column.integer();
  checkpoint.rows = column.integer();
  checkpoint.expected_rows = column.optional_integer();
  checkpoint.watermark = column.text();
  checkpoint.next_watermark = column.text();
  checkpoint.generation = column.integer();
  checkpoint.complete_at = column.optional_time();
  checkpoint.observed_at = column.optional_time();
  checkpoint.error = column.error();
  row.complete_walk = column.integer();
  row.drop_walk = column.optional_integer();
  row.drop_at = column.optional_time();
  return row;
}

/// A walk can be gone on with by the sync that left it running, or, when it failed and kept its
/// position, by whichever comes next. One that another sync left running began before this one: to
/// go on with it would pass over what came to its first pages since.
bool resumable(const Checkpoint& checkpoint, SyncMode mode, const std::string& sync_id) {
  if (checkpoint.mode != mode) return false;
  return checkpoint.running ? checkpoint.sync_id == sync_id : !checkpoint.position.empty();
}

}  // namespace

std::optional<CheckpointRow> find_checkpoint_row(Connection& connection, const PartitionKey& key) {
  std::optional<CheckpointRow> found;
  std::string sql =
      fmt::format("SELECT {} FROM checkpoints WHERE source_id = $1 AND stream = $2 AND part = $3",
                  checkpoint_columns);
  connection.query(sql, {key.source_id, key.stream, key.partition}, [&](const Row& row) {
    ColumnReader column(row);
    found = read_row(column);
  });
  return found;
}

CheckpointRow running_row(Connection& connection, const PartitionKey& key, std::int64_t walk) {
  std::optional<CheckpointRow> row = find_checkpoint_row(connection, key);
  bool runs = row && row->checkpoint.running && (walk == 0 || row->checkpoint.walk == walk);
  if (!runs) {
    throw Fault{fail("internal.error",
                     fmt::format("walk {} of {} {} does not run", walk, key.stream, key.partition))
                    .error()};
  }
  return *row;
}

std::optional<Checkpoint> find_checkpoint(Connection& connection, const PartitionKey& key) {
  std::optional<CheckpointRow> row = find_checkpoint_row(connection, key);
  if (!row) return std::nullopt;
  return row->checkpoint;
}

std::vector<std::pair<PartitionKey, Checkpoint>> list_checkpoints(Connection& connection,
                                                                  const std::string& source_id,
                                                                  const std::string& stream) {
  std::vector<std::pair<PartitionKey, Checkpoint>> checkpoints;
  std::string sql = fmt::format(
      "SELECT part, {} FROM checkpoints WHERE source_id = $1 AND stream = $2 ORDER BY part",
      checkpoint_columns);
  connection.query(sql, {source_id, stream}, [&](const Row& row) {
    ColumnReader column(row);
    PartitionKey key{.source_id = source_id, .stream = stream, .partition = column.text()};
    checkpoints.emplace_back(std::move(key), read_row(column).checkpoint);
  });
  return checkpoints;
}

StreamReach reach_of(Connection& connection, const std::string& source_id,
                     const std::string& stream) {
  StreamReach reach;
  connection.query(
      "SELECT count(*), coalesce(sum(CASE WHEN error = '' AND whole_at IS NOT NULL THEN 1 ELSE 0"
      "   END), 0), CASE WHEN count(*) = count(whole_at) THEN min(whole_at) END"
      " FROM (SELECT error, CASE WHEN drop_walk IS NULL THEN observed_at ELSE complete_at END"
      "       AS whole_at FROM checkpoints WHERE source_id = $1 AND stream = $2"
      "       AND (complete_at IS NOT NULL OR error <> '' OR running = 1)) AS walks",
      {source_id, stream}, [&](const Row& row) {
        ColumnReader column(row);
        reach.total = column.integer();
        reach.readable = column.integer();
        reach.whole_since = column.optional_time();
      });
  return reach;
}

Checkpoint begin_walk(Connection& connection, const PartitionKey& key, SyncMode mode,
                      const std::string& sync_id, std::string_view next_watermark,
                      WalkStart start) {
  std::optional<Checkpoint> found = find_checkpoint(connection, key);
  const bool goes_on = start == WalkStart::where_left && found && resumable(*found, mode, sync_id);
  if (goes_on) {
    connection.execute(
        "UPDATE checkpoints SET running = 1, sync_id = $4, error = ''"
        " WHERE source_id = $1 AND stream = $2 AND part = $3",
        {key.source_id, key.stream, key.partition, sync_id});
  } else {
    connection.execute(
        "INSERT INTO checkpoints (source_id, stream, part, walk, mode, sync_id, running,"
        "   next_position, pages, rows_seen, watermark, next_watermark, generation, complete_walk,"
        "   error, since)"
        " VALUES ($1, $2, $3, 1, $4, $5, 1, '', 0, 0, '', $6, 0, 0, '', '')"
        " ON CONFLICT (source_id, stream, part) DO UPDATE SET walk = checkpoints.walk + 1,"
        "   mode = excluded.mode, sync_id = excluded.sync_id, running = 1, next_position = '',"
        "   pages = 0, rows_seen = 0, expected_rows = NULL,"
        "   next_watermark = excluded.next_watermark, error = '',"
        "   since = CASE WHEN excluded.mode = 'full' THEN '' ELSE checkpoints.watermark END",
        {key.source_id, key.stream, key.partition, name_of(mode), sync_id, next_watermark});
  }
  return running_row(connection, key, 0).checkpoint;
}

void fail_walk(Connection& connection, const PartitionKey& key, const StoredError& error,
               bool restart) {
  std::string stored = to_json(std::optional(error));
  connection.execute(
      "UPDATE checkpoints SET running = 0, error = $4,"
      "   next_position = CASE WHEN $5 = 1 THEN '' ELSE next_position END"
      " WHERE source_id = $1 AND stream = $2 AND part = $3",
      {key.source_id, key.stream, key.partition, stored, to_value(restart)});
}

void add_requests(Connection& connection, const std::string& account, const std::string& group,
                  std::int64_t minute, std::int64_t requests) {
  constexpr std::int64_t kept_minutes = 120;
  connection.execute(
      "INSERT INTO request_minutes (account, request_group, minute, requests)"
      " VALUES ($1, $2, $3, $4)"
      " ON CONFLICT (account, request_group, minute)"
      " DO UPDATE SET requests = request_minutes.requests + excluded.requests",
      {account, group, minute, requests});
  connection.execute(
      "DELETE FROM request_minutes WHERE account = $1 AND request_group = $2 AND minute < $3",
      {account, group, minute - kept_minutes});
}

void join_account(Connection& connection, const std::string& provisional,
                  const std::string& account) {
  connection.execute(
      "INSERT INTO account_names (name, account) VALUES ($1, $2)"
      " ON CONFLICT (name) DO UPDATE SET account = excluded.account",
      {provisional, account});
  connection.execute(
      "INSERT INTO request_minutes (account, request_group, minute, requests)"
      " SELECT $2, request_group, minute, requests FROM request_minutes WHERE account = $1"
      " ON CONFLICT (account, request_group, minute)"
      " DO UPDATE SET requests = request_minutes.requests + excluded.requests",
      {provisional, account});
  connection.execute(
      "INSERT INTO request_closings (account, request_group, closed_until, last_throttle, in_a_row)"
      " SELECT $2, request_group, closed_until, last_throttle, in_a_row FROM request_closings"
      " WHERE account = $1 ON CONFLICT (account, request_group) DO NOTHING",
      {provisional, account});
  connection.execute("DELETE FROM request_minutes WHERE account = $1", {provisional});
  connection.execute("DELETE FROM request_closings WHERE account = $1", {provisional});
}

std::string account_named(Connection& connection, const std::string& name) {
  std::string account = name;
  connection.query("SELECT account FROM account_names WHERE name = $1", {name},
                   [&](const Row& row) { account = row.text(0); });
  return account;
}

std::vector<BudgetMinute> load_requests(Connection& connection, const std::string& account,
                                        const std::string& group, std::int64_t since_minute) {
  std::vector<BudgetMinute> minutes;
  connection.query(
      "SELECT minute, requests FROM request_minutes"
      " WHERE account = $1 AND request_group = $2 AND minute >= $3 ORDER BY minute",
      {account, group, since_minute}, [&](const Row& row) {
        minutes.push_back({.minute = row.integer(0), .requests = row.integer(1)});
      });
  return minutes;
}

void save_closing(Connection& connection, const std::string& account, const std::string& group,
                  const BudgetClosing& closing) {
  connection.execute(
      "INSERT INTO request_closings (account, request_group, closed_until, last_throttle, in_a_row)"
      " VALUES ($1, $2, $3, $4, $5)"
      " ON CONFLICT (account, request_group) DO UPDATE SET closed_until = excluded.closed_until,"
      "   last_throttle = excluded.last_throttle, in_a_row = excluded.in_a_row",
      {account, group, to_value(closing.until), to_value(closing.last_throttle), closing.in_a_row});
}

BudgetClosing load_closing(Connection& connection, const std::string& account,
                           const std::string& group) {
  BudgetClosing closing;
  connection.query(
      "SELECT closed_until, last_throttle, in_a_row FROM request_closings"
      " WHERE account = $1 AND request_group = $2",
      {account, group}, [&](const Row& row) {
        ColumnReader column(row);
        closing.until = column.optional_time();
        closing.last_throttle = column.optional_time();
        closing.in_a_row = column.integer();
      });
  return closing;
}

void move_requests(Connection& connection, std::int64_t since_minute, std::chrono::minutes by) {
  struct Spent {
    std::string account;
    std::string group;
    BudgetMinute minute;
  };
  std::vector<Spent> moving;
  connection.query(
      "SELECT account, request_group, minute, requests FROM request_minutes WHERE minute >= $1",
      {since_minute}, [&](const Row& row) {
        moving.push_back({std::string(row.text(0)),
                          std::string(row.text(1)),
                          {.minute = row.integer(2), .requests = row.integer(3)}});
      });
  connection.execute("DELETE FROM request_minutes WHERE minute >= $1", {since_minute});
  for (const Spent& spent : moving) {
    add_requests(connection, spent.account, spent.group, spent.minute.minute + by.count(),
                 spent.minute.requests);
  }
  const Timestamp since{std::chrono::minutes(since_minute)};
  const std::int64_t difference = Timestamp::duration(by).count();
  connection.execute(
      "UPDATE request_closings SET closed_until = closed_until + $2,"
      " last_throttle = last_throttle + $2 WHERE last_throttle >= $1 OR closed_until >= $1",
      {to_value(since), difference});
}

}  // namespace evidenced::storage
