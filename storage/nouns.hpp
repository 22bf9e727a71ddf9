#pragma once

#include "config/error.hpp"
#include "config/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace evidenced::storage {

/// Whose data a query may touch. Made from an authenticated key or by the composition root, passed
/// to every store function: a query without a tenant does not compile.
class TenantScope {
 public:
  explicit TenantScope(std::string id) : id_(std::move(id)) {}
  const std::string& id() const { return id_; }

 private:
  std::string id_;
};

/// The tenant that `init` creates.
inline constexpr std::string_view default_tenant = "default";

// Ids are a prefix and a time-ordered random tail ("src_01J…"), made by new_id (storage/id.hpp):
// plain strings here.

enum class SourceState { active, paused, needs_credential, deleted };

/// Which workspaces a source covers.
struct WorkspaceSelection {
  bool all = true;
  std::vector<std::string> slugs;  ///< as given, when not all
};

/// One Atlassian account's credential and the workspaces it covers.
struct Source {
  std::string id;
  std::string kind = "bitbucket_cloud";
  std::string name;
  SourceState state = SourceState::active;
  std::string state_reason;  ///< a code, "" when there is nothing to say
  std::string account_uuid;  ///< of the Atlassian account, "{…}"; "" where it is not told
  std::string account_name;  ///< display name
  WorkspaceSelection workspaces;
  std::chrono::seconds interval{3600};
  std::optional<Timestamp> next_run_at;
  std::vector<std::string> tags;
  Timestamp created_at{};
  Timestamp updated_at{};
  std::optional<Timestamp> deleted_at;
  std::int64_t version = 1;  ///< +1 at each change; the ETag

  /// What its requests are counted under: its account, or that of sources with the same e-mail; the
  /// source itself while that is unknown. Read, not written (storage::settle_account).
  std::string budget_account{};
};

/// What may be shown of a credential. The e-mail is a separate, sealed thing (storage/vault.hpp).
struct CredentialInfo {
  std::int64_t version = 0;
  std::string email_masked;  ///< "a***@example.com"
  std::string fingerprint;   ///< first 16 hex digits of a keyed hash of the token
  std::optional<Timestamp> expires_at;
  bool expiry_declared = false;     ///< false: assumed, a year after it was first seen
  std::vector<std::string> scopes;  ///< granted, as last seen
  std::optional<Timestamp> last_verified_at;
  Timestamp created_at{};
};

enum class SyncMode { incremental, full };
enum class SyncTrigger { api, schedule, hook, credential, recovery };
enum class SyncState { queued, running, done };
enum class SyncResult { none, succeeded, partial, failed, cancelled };
enum class StreamState { pending, running, complete, incomplete, unavailable, failed };

/// What went wrong in a sync or a stream, as stored and as shown.
struct StoredError {
  std::string code;
  std::string detail;
  std::vector<std::string> scopes;  ///< missing ones
  std::int64_t partitions_failed = 0;
};

/// How one stream fares in one sync.
struct SyncStream {
  std::string name;
  StreamState state = StreamState::pending;
  bool complete = false;
  std::int64_t partitions_done = 0;
  std::int64_t partitions_total = 0;
  std::int64_t partitions_lost = 0;  ///< readable until this sync, which was refused them
  std::int64_t requests = 0;
  std::int64_t retries = 0;              ///< of them, attempts beyond the first of a request
  std::int64_t waited_milliseconds = 0;  ///< in which requests waited to be sent, or sent again
  std::optional<Timestamp> started_at;   ///< when the first request was wanted
  std::optional<Timestamp> finished_at;  ///< when the last one so far was answered, or given up
  std::int64_t seen = 0;
  std::int64_t created = 0;
  std::int64_t revised = 0;
  std::int64_t removed = 0;
  std::optional<StoredError> error;
};

/// One run over a source.
struct Sync {
  std::string id;
  std::string source_id;
  SyncMode mode = SyncMode::incremental;
  SyncTrigger trigger = SyncTrigger::api;
  SyncState state = SyncState::queued;
  SyncResult result = SyncResult::none;
  bool cancel_requested = false;
  std::int64_t requests_done = 0;
  std::int64_t requests_planned = 0;
  std::optional<std::int64_t> eta_seconds;
  std::optional<Timestamp> waiting_until;
  std::vector<std::string> only_streams;  ///< empty: all
  std::vector<SyncStream> streams;
  std::optional<StoredError> error;
  Timestamp queued_at{};
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> finished_at;
  std::int64_t version = 1;  ///< +1 at each change; the ETag
};

/// One collected upstream object (or one uploaded file) as it is now.
struct Artifact {
  std::string id;
  std::string kind;
  std::string source_id;
  std::string workspace;    ///< slug, "" when it hangs on none
  std::string project;      ///< key
  std::string repository;   ///< workspace/slug
  std::string upstream_id;  ///< survives renames
  std::string title;
  std::int64_t revision = 1;
  std::int64_t seq = 0;     ///< position in the tenant's feed of the last change
  Timestamp observed_at{};  ///< when the current revision was first seen
  Timestamp first_observed_at{};
  std::optional<Timestamp> removed_at;
  std::string removed_reason;         ///< "", "not_listed", "parent_removed"
  std::string sync_id;                ///< that wrote the current revision
  std::string state;                  ///< the source's own word, "" where it has none
  std::optional<Timestamp> dated_at;  ///< when it happened there
  std::string status = "collected";
  std::vector<std::string> tags;
  std::string content_sha256;  ///< hex
  std::string
      content;  ///< the stored object: compact JSON, served verbatim; empty where not asked for
};

/// What an artifact was. Append-only.
struct Revision {
  std::string artifact_id;
  std::int64_t number = 1;
  std::string change;  ///< "created", "revised", "removed", "restored"
  Timestamp observed_at{};
  std::string sync_id;
  std::string content_sha256;
  std::string content;
};

/// A span of time, both ends included; an end that is not set is open.
struct Window {
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;

  bool open() const { return !from && !to; }
  bool contains(Timestamp time) const { return (!from || time >= *from) && (!to || time <= *to); }

  /// Whether something that went on from `begin` to `end` (nullopt: it still does) has a moment in
  /// common with it.
  bool overlaps(Timestamp begin, const std::optional<Timestamp>& end) const {
    return (!to || begin <= *to) && (!from || !end || *end >= *from);
  }
};

enum class Role { admin, operator_, reviewer, auditor };

/// An API key as stored: the secret itself is kept nowhere, only its keyed hash.
struct ApiKey {
  std::string id;   ///< "key_…"
  std::string kid;  ///< the public part of `ev_<kid>_<secret>_<crc>`
  std::string name;
  std::vector<Role> roles;
  std::vector<std::string> source_ids;  ///< empty: all
  Window window;                        ///< what was observed outside is not shown
  Timestamp created_at{};
  std::optional<Timestamp> expires_at;
  std::optional<Timestamp> revoked_at;
  std::optional<Timestamp> last_used_at;
};

}  // namespace evidenced::storage
