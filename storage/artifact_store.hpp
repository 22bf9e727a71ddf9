#pragma once

#include "storage/connection.hpp"
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

enum class Removed { hide, include, only };

struct ArtifactFilter {
  std::vector<std::string> kinds;          ///< repeated = or; empty: all
  std::vector<std::string> source_ids;     ///< empty: all
  std::vector<std::string> workspaces;     ///< slug or {uuid}
  std::vector<std::string> projects;       ///< key or {uuid}
  std::vector<std::string> repositories;   ///< workspace/slug or {uuid}
  std::optional<Timestamp> changed_since;  ///< inclusive; sees removals, whatever `removed` says
  std::optional<std::int64_t> changed_since_seq;  ///< likewise
  std::optional<Timestamp> observed_from;         ///< window of the key
  std::optional<Timestamp> observed_to;
  Removed removed = Removed::hide;
  std::int64_t as_of_seq = 0;  ///< rows changed later are left to the next list; 0: no bound
  std::string after_id;        ///< keyset: ids greater than this
  int limit = 50;
  bool with_content = true;
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
  std::string_view title;
  std::int64_t revision = 1;
  std::int64_t seq = 0;
  Timestamp observed_at{};
  Timestamp first_observed_at{};
  std::optional<Timestamp> removed_at;
  std::string_view removed_reason;
  std::string_view sync_id;
  std::string_view status = "collected";
  std::span<const std::byte> content_sha256;  ///< the 32 bytes
  std::string_view content;                   ///< empty where not asked for
};
using ArtifactVisitor = std::function<void(const ArtifactView&)>;

/// Visits artifacts in the order of ids, which is the order in which they were first seen. The
/// visitor must not use the connection. Throws Fault.
void visit_artifacts(Connection& connection, const TenantScope& tenant,
                     const ArtifactFilter& filter, const ArtifactVisitor& visit);

/// The same as copies, for those who keep them.
std::vector<Artifact> list_artifacts(Connection& connection, const TenantScope& tenant,
                                     const ArtifactFilter& filter);

/// Visits the artifact of that id, if the tenant has it. Throws Fault.
void visit_artifact(Connection& connection, const TenantScope& tenant, const std::string& id,
                    const ArtifactVisitor& visit);

/// Content that does not match its stored hash is never given out: these, visit_artifact and, where
/// content is asked for, list_revisions throw Fault (storage.corrupt). Errors: resource.not_found.
Result<Artifact> find_artifact(Connection& connection, const TenantScope& tenant,
                               const std::string& id);
std::vector<Revision> list_revisions(Connection& connection, const TenantScope& tenant,
                                     const std::string& artifact_id, std::int64_t after_number,
                                     int limit, bool with_content);
Result<Revision> find_revision(Connection& connection, const TenantScope& tenant,
                               const std::string& artifact_id, std::int64_t number);

/// Artifacts that are not removed, per kind; `source_ids` empty: of all sources.
std::vector<std::pair<std::string, std::int64_t>> count_by_kind(
    Connection& connection, const TenantScope& tenant, const std::vector<std::string>& source_ids);

/// The tenant's feed position.
std::int64_t current_seq(Connection& connection, const TenantScope& tenant);

/// Removes everything a source collected, with its history (`purge_evidence=true`).
void purge_artifacts(Connection& connection, const TenantScope& tenant,
                     const std::string& source_id);

}  // namespace evidenced::storage
