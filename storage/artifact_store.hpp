#pragma once

#include "storage/connection.hpp"
#include "storage/extract_store.hpp"
#include "storage/nouns.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::storage {

// Artifacts in a window. Who may see a window of time only sees the revisions that were observed
// within it. An artifact is there as its newest revision within the window left it: number, change,
// content, times and position are those of that revision; an artifact that has none is not there.
// Where it hangs (workspace, project, repository) is not part of a revision: that is as it is now.

enum class Removed { hide, include, only };

/// In the order of ids, which is that in which they were first seen; the other way round; or what
/// changed last first.
enum class ArtifactOrder { oldest, newest, last_changed };

struct ArtifactFilter {
  std::vector<std::string> kinds;         ///< repeated = or; empty: all
  std::vector<std::string> source_ids;    ///< empty: all
  std::vector<std::string> workspaces;    ///< slug or {uuid}
  std::vector<std::string> projects;      ///< key or {uuid}
  std::vector<std::string> repositories;  ///< workspace/slug or {uuid}
  std::vector<std::string> states;        ///< words of the source ("MERGED")
  std::string text;  ///< part of the title or the upstream id, whatever the case of A to Z
  std::optional<Timestamp> changed_since;         ///< inclusive
  std::optional<std::int64_t> changed_since_seq;  ///< likewise
  Window window;  ///< what was observed outside does not exist; see Artifacts in a window
  Removed removed = Removed::hide;
  std::int64_t as_of_seq = 0;  ///< rows changed later are left to the next list; 0: no bound
  ArtifactOrder order = ArtifactOrder::oldest;
  std::string after_id;         ///< keyset: the last one given, but for last_changed
  std::int64_t before_seq = 0;  ///< keyset of last_changed: the position of the last one given
  int limit = 50;
  bool with_content = true;
  /// How states and titles of a window are read, which are those of earlier revisions.
  Extract (*read)(std::string_view kind, std::string_view content) = nullptr;
};

/// An artifact while its row is read: like Artifact, but its texts are the engine's own and end
/// with the visit.
struct ArtifactView {
  std::string_view id;
  std::string_view kind;
  std::string_view source_id;
  std::string_view workspace;
  std::string_view project;
  std::string_view repository;
  std::string_view upstream_id;
  std::string_view title;  ///< empty when `superseded`
  std::int64_t revision = 1;
  std::int64_t seq = 0;
  Timestamp observed_at{};
  Timestamp first_observed_at{};
  std::optional<Timestamp> removed_at;
  std::string_view removed_reason;
  std::string_view sync_id;
  std::string_view state;  ///< the source's own word; empty when it has none, or `superseded`
  std::optional<Timestamp> dated_at;  ///< when it happened there; none when `superseded`
  std::string_view status = "collected";
  std::span<const std::byte> content_sha256;  ///< the 32 bytes
  std::string_view content;                   ///< empty where not asked for
  bool superseded = false;  ///< the window ends before the newest revision: title, state and
                            ///< time of this one stand in its content alone
};
using ArtifactVisitor = std::function<void(const ArtifactView&)>;

/// Visits artifacts in the order of the filter. What changes while pages are read goes to the front
/// of last_changed, and is left to the next list. The visitor must not use the connection. Throws
/// Fault.
void visit_artifacts(Connection& connection, const TenantScope& tenant,
                     const ArtifactFilter& filter, const ArtifactVisitor& visit);

/// The same as copies, for those who keep them.
std::vector<Artifact> list_artifacts(Connection& connection, const TenantScope& tenant,
                                     const ArtifactFilter& filter);

/// Visits the artifact of that id, if the tenant has it. Throws Fault.
void visit_artifact(Connection& connection, const TenantScope& tenant, const std::string& id,
                    const ArtifactVisitor& visit, const Window& window = {});

/// Content that does not match its stored hash is never given out: these, visit_artifact and, where
/// content is asked for, list_revisions throw Fault (storage.corrupt). Errors: resource.not_found.
Result<Artifact> find_artifact(Connection& connection, const TenantScope& tenant,
                               const std::string& id, const Window& window = {});
std::vector<Revision> list_revisions(Connection& connection, const TenantScope& tenant,
                                     const std::string& artifact_id, std::int64_t after_number,
                                     int limit, bool with_content, const Window& window = {});
Result<Revision> find_revision(Connection& connection, const TenantScope& tenant,
                               const std::string& artifact_id, std::int64_t number,
                               const Window& window = {});

/// Artifacts that are not removed, per kind; `source_ids` empty: of all sources.
std::vector<std::pair<std::string, std::int64_t>> count_by_kind(
    Connection& connection, const TenantScope& tenant, const std::vector<std::string>& source_ids,
    const Window& window = {});

/// The tenant's feed position.
std::int64_t current_seq(Connection& connection, const TenantScope& tenant);

}  // namespace evidenced::storage
