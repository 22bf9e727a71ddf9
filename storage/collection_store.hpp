#pragma once

#include "config/random.hpp"
#include "storage/connection.hpp"
#include "storage/crypto.hpp"
#include "storage/nouns.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace evidenced::storage {

/// One partition of one stream of one source: the unit that is walked, resumed, and complete or
/// not.
struct PartitionKey {
  std::string source_id;
  std::string stream;     ///< "pull_request"
  std::string partition;  ///< uuid of the workspace, project or repository; "" for streams that
                          ///< have one partition
};

/// The durable position of a partition and what is known of its walks.
struct Checkpoint {
  std::int64_t walk = 0;           ///< number of the running or last walk; rises by one with each
  SyncMode mode = SyncMode::full;  ///< of that walk: only a full one may conclude absence
  std::string sync_id;             ///< that began it
  bool running = false;
  std::string position;  ///< where to go on: opaque to storage; "" = at the start
  std::int64_t pages = 0;
  std::int64_t rows = 0;
  std::optional<std::int64_t> expected_rows;  ///< the source's own `size`
  std::string watermark;  ///< of the last complete walk: incremental walks ask for what is newer
  std::string next_watermark;            ///< becomes the watermark when the running walk completes
  std::int64_t generation = 0;           ///< complete full walks so far; 0: never
  std::optional<Timestamp> complete_at;  ///< end of the last complete full walk
  std::optional<Timestamp> observed_at;  ///< end of the last complete walk of either mode
  std::optional<StoredError> error;      ///< of the last walk, when it failed
};

std::optional<Checkpoint> find_checkpoint(Connection& connection, const PartitionKey& key);
std::vector<std::pair<PartitionKey, Checkpoint>> list_checkpoints(Connection& connection,
                                                                  const std::string& source_id,
                                                                  const std::string& stream);

/// How far the partitions of a stream were read; without those whose parent is gone.
struct StreamReach {
  std::int64_t readable = 0;  ///< read to the end, and not refused or failed since
  std::int64_t total = 0;
  /// All partitions were read to their end since then, though some may have failed later; nullopt:
  /// not all were. What a sudden drop has made doubtful is as old as the walk before.
  std::optional<Timestamp> whole_since;
};
StreamReach reach_of(Connection& connection, const std::string& source_id,
                     const std::string& stream);

/// Whether a walk goes on where an earlier one was left, if it can, or begins at the start anyhow.
enum class WalkStart { where_left, afresh };

/// Goes on with the walk of the same mode that the same sync left running, or that failed and kept
/// its position; else, and when it is to begin afresh, begins the next one at the
/// start.
Checkpoint begin_walk(Connection& connection, const PartitionKey& key, SyncMode mode,
                      const std::string& sync_id, std::string_view next_watermark,
                      WalkStart start = WalkStart::where_left);

/// One upstream object, scrubbed, as the parser hands it over. Those of kind workspace, project and
/// repository carry their own slug, key and full name in the location, too, and their {uuid} as
/// upstream_id.
struct ArtifactDraft {
  std::string kind;
  std::string upstream_id;  ///< unique for (source, kind)
  std::string workspace;
  std::string project;
  std::string repository;
  std::string title;
  std::string state;                  ///< the source's own word, "" where it has none
  std::optional<Timestamp> dated_at;  ///< when it happened at the source
  std::string commit_hash;            ///< that it judged, as a build does; else ""
  std::string content;                ///< canonical scrubbed bytes
  Digest digest{};  ///< of the content without its volatile members: same digest, no new revision
};

struct PageCommit {
  PartitionKey key;
  std::int64_t walk = 0;  ///< of the checkpoint this page belongs to
  std::string sync_id;
  std::string position;              ///< where the next page is
  std::optional<std::int64_t> size;  ///< the source's total, where it says
  /// So many of the rows may have been seen before because they moved; more of them that look like
  /// others are rows of their own. nullopt: a row that was seen before is the same one.
  std::optional<std::int64_t> moved;
  /// Takes the place of the one that the walk began with.
  std::optional<std::string> next_watermark;
  std::span<const ArtifactDraft> artifacts;
  Timestamp now{};
};

struct PageResult {
  std::int64_t created = 0;
  std::int64_t revised = 0;
  std::int64_t unchanged = 0;
  std::int64_t repeated = 0;  ///< seen earlier in the same walk, or on the same page
  /// So many rows at the end of the page, one after the other, were stored already when the last
  /// complete walk of the partition ended: what a list in the order of time shows from there on is
  /// known.
  std::int64_t known_tail = 0;
};

/// Stores one page: artifacts, a revision where the digest changed (or the artifact had been
/// removed), seen marks and the checkpoint, all in the caller's transaction. An artifact that comes
/// back from removal is restored under its id. A workspace, project or repository that was renamed
/// takes what hangs on it along: their location and feed position change, their revisions do not.
/// Throws Fault (internal.error) when the walk of the page is not the one that runs.
PageResult commit_page(Connection& connection, const TenantScope& tenant, const PageCommit& page,
                       Random& random);

struct WalkEnd {
  std::int64_t removed = 0;
  std::int64_t missing =
      0;  ///< not seen by this walk, not yet removed: the next complete walk decides
  bool suspicious_drop = false;  ///< > 30 % and at least 5 objects are missing: nothing was removed
};

/// What the running walk leaves out on purpose, because the source no longer covers it, counts as
/// seen: its absence says nothing. Nothing else of it changes. Before complete_walk.
void spare_unasked(Connection& connection, const PartitionKey& key, std::string_view kind,
                   std::span<const std::string> upstream_ids);

/// Ends a walk that reached its last page: watermark and times move on. A full walk raises the
/// generation and removes (tombstones) what neither it nor the complete full walk before it saw,
/// unless that is a sudden drop, which is held back until complete walks over at least 24 hours
/// agree; a walk that is held back raises no generation. Removing a workspace, project or
/// repository removes what hangs on it (partition = its uuid), and the walks of those partitions
/// start from scratch when it comes back. Of a list that shows a part of what there is
/// (Listed::some) nothing is missing.
enum class Listed { all, some };
WalkEnd complete_walk(Connection& connection, const TenantScope& tenant, const PartitionKey& key,
                      const std::string& sync_id, Timestamp now, Listed listed = Listed::all);

/// Somebody looked at the sudden drops of a stream and says that they are real: what the last
/// complete walk of each held partition did not see is removed. How many there were.
std::int64_t confirm_drops(Connection& connection, const TenantScope& tenant,
                           const std::string& source_id, const std::string& stream, Timestamp now);

/// Ends a walk that failed: the position is dropped when `restart`, kept for the next sync
/// otherwise. Removes nothing.
void fail_walk(Connection& connection, const PartitionKey& key, const StoredError& error,
               bool restart);

/// Requests counted per account and group and minute, kept across restarts.
struct BudgetMinute {
  std::int64_t minute = 0;  ///< minutes since 1970
  std::int64_t requests = 0;
};
void add_requests(Connection& connection, const std::string& account, const std::string& group,
                  std::int64_t minute, std::int64_t requests);
/// `provisional` is a name of the account from now on: what was written down for it, requests and
/// closings that the account has none of, is the account's.
void join_account(Connection& connection, const std::string& provisional,
                  const std::string& account);

/// Whose name it is: its own, where nothing else is known.
std::string account_named(Connection& connection, const std::string& name);

std::vector<BudgetMinute> load_requests(Connection& connection, const std::string& account,
                                        const std::string& group, std::int64_t since_minute);

/// What 429s left behind for an account and group, kept across restarts.
struct BudgetClosing {
  std::optional<Timestamp> until;
  std::optional<Timestamp> last_throttle;
  std::int64_t in_a_row = 0;
};
void save_closing(Connection& connection, const std::string& account, const std::string& group,
                  const BudgetClosing& closing);
BudgetClosing load_closing(Connection& connection, const std::string& account,
                           const std::string& group);

/// The wall clock, by which all this is written, was set: what was written down for `since_minute`
/// and later, requests and closings of every account, moves by so many minutes.
void move_requests(Connection& connection, std::int64_t since_minute, std::chrono::minutes by);

}  // namespace evidenced::storage
