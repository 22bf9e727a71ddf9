#pragma once

#include "storage/connection.hpp"
#include "storage/nouns.hpp"

#include <cstdint>
#include <optional>
#include <string>
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

/// In the order of ids, which is the order in which they were first seen.
std::vector<Artifact> list_artifacts(Connection& connection, const TenantScope& tenant,
                                     const ArtifactFilter& filter);

/// Errors: resource.not_found.
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
