#pragma once

#include "config/random.hpp"
#include "storage/connection.hpp"
#include "storage/event_types.hpp"
#include "storage/hint_store.hpp"
#include "storage/nouns.hpp"

#include <optional>
#include <string>
#include <vector>

namespace evidenced::storage {

struct SyncRequest {
  std::string source_id;
  SyncMode mode = SyncMode::incremental;
  SyncTrigger trigger = SyncTrigger::api;
  std::vector<std::string> only_streams;
};

struct Enqueued {
  Sync sync;
  bool created =
      false;  ///< false: coalesced with the one that was queued already (a full one wins)
};

/// At most one sync of a source runs and one is queued. One that only follows hints of webhooks
/// gives way to any other, which takes the hints along. A sync that was interrupted and waits to be
/// resumed (queued, with started_at) coalesces with nothing.
Enqueued enqueue_sync(Connection& connection, const TenantScope& tenant, const SyncRequest& request,
                      Timestamp now, Random& random);

/// Errors: resource.not_found.
Result<Sync> find_sync(Connection& connection, const TenantScope& tenant, const std::string& id);

struct SyncFilter {
  std::vector<std::string> source_ids;  ///< any of these; empty: all
  std::vector<SyncState> states;        ///< likewise
  Window window;                        ///< only syncs of which a part lies within
  bool with_hooks = true;               ///< those that only followed hints, too
  std::string before_id;                ///< keyset, newest first
  int limit = 50;
};
std::vector<Sync> list_syncs(Connection& connection, const TenantScope& tenant,
                             const SyncFilter& filter);
/// How many there are, whatever the limit.
std::int64_t count_syncs(Connection& connection, const TenantScope& tenant,
                         const SyncFilter& filter);
/// Of those that do not only follow hints of webhooks: these look at a part and tell nothing of the
/// source.
std::optional<Sync> latest_sync(Connection& connection, const TenantScope& tenant,
                                const std::string& source_id, bool done_only);

/// Tells the feed of a sync: what it is.
void record_sync_event(Connection& connection, const TenantScope& tenant, EventType type,
                       const Sync& sync, Timestamp at);

/// What belongs to the end of a sync beside its row: how its walks ended is kept, its hints are
/// settled (`looked`: it saw what they meant), and the feed tells of it.
void conclude_sync(Connection& connection, const TenantScope& tenant, const Sync& sync, bool looked,
                   Timestamp now);

/// Marks a queued sync cancelled, or asks the runner of a running one to stop. Errors:
/// resource.not_found, sync.finished.
Result<Sync> request_cancel(Connection& connection, const TenantScope& tenant,
                            const std::string& id, Timestamp now);

struct OwnedSync {
  TenantScope tenant;
  Sync sync;
  std::vector<Hint> hints = {};  ///< of webhooks, that it is to look at
};

/// Takes the oldest queued sync whose source is active (or needs a credential), runs none and has
/// none of the `busy_accounts` (account uuids), marks it running and gives it its hints.
std::optional<OwnedSync> claim_sync(Connection& connection, Timestamp now,
                                    const std::vector<std::string>& busy_accounts = {});

/// After a restart: every running sync is queued again, under its id and before all newer ones, to
/// resume at its checkpoints. How many there were.
std::int64_t requeue_running(Connection& connection);

/// Writes state, counters, streams and error of a sync and adds 1 to its version; reads
/// `cancel_requested`, which others set, back into it.
void save_sync(Connection& connection, const TenantScope& tenant, Sync& sync);

}  // namespace evidenced::storage
