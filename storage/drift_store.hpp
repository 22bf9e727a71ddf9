#pragma once

#include "storage/connection.hpp"
#include "storage/nouns.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::storage {

/// How a stream of a source differs from what it showed before, or from what is documented.
struct Drift {
  std::string stream;
  std::string what;    ///< a word of the table in connector/bitbucket/shape.hpp: "new_field", …
  std::string path;    ///< of the member ("participants[].state"), or the endpoint
  std::string value;   ///< the word that is not documented, or the type that is new; else ""
  std::string before;  ///< types that the member had, "string, null"; "" where none matter
  std::string after;   ///< types that it has now
  std::string announcement;  ///< where Bitbucket announces it; "" when it does not say
  std::string artifact_id;   ///< the first artifact that showed it; "" for endpoints
  std::string sync_id;       ///< that found it
  Timestamp found_at{};
  std::optional<Timestamp> ended_at;  ///< seen as before again; for good where it cannot be so
  std::int64_t times = 1;             ///< found, with the times that it had ended between
};

/// What a walk has found; or, when it `ended`, found to be as before again.
struct DriftFinding {
  Drift drift;              ///< without artifact, sync and times
  std::string kind;         ///< of the artifacts
  std::string upstream_id;  ///< of the artifact
  bool ended = false;
};

/// Keeps a finding with its event (drift.found, drift.ended), unless it is known: one that is found
/// again without having ended, or ends without being there, changes nothing. Whether it did.
bool record_drift(Connection& connection, const TenantScope& tenant, const std::string& source_id,
                  const std::string& sync_id, const DriftFinding& finding, Timestamp now);

/// The drifts of a source that were found within the window, the newest first, at most `limit`.
std::vector<Drift> list_drifts(Connection& connection, const TenantScope& tenant,
                               const std::string& source_id, const Window& window, int limit);

/// How often something was found, by stream and what; `source_ids` empty: of all sources.
std::vector<std::pair<std::pair<std::string, std::string>, std::int64_t>> count_drifts(
    Connection& connection, const TenantScope& tenant, const std::vector<std::string>& source_ids);

/// What the objects of a stream looked like so far. `version` rises: an older one replaces nothing.
struct StoredShape {
  std::string stream;
  std::int64_t version = 0;
  std::string shape;
};
void save_shape(Connection& connection, const std::string& source_id, const StoredShape& shape);
std::vector<StoredShape> load_shapes(Connection& connection, const std::string& source_id);

/// How far a stream can be read, as a sync tells.
struct StreamCoverage {
  std::string stream;
  std::string kind;
  std::string status;  ///< "available", "missing_scope", …
  std::string reason;  ///< "" when available
  std::vector<std::string> scopes;
};

/// Keeps it, with an event (coverage.changed) where it is not as it was: a stream is taken for
/// `pending` before, and the first time that it is available is no event. Whether there was one.
bool keep_coverage(Connection& connection, const TenantScope& tenant, const std::string& source_id,
                   const StreamCoverage& coverage, Timestamp now);

}  // namespace evidenced::storage
