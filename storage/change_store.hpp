#pragma once

#include "storage/artifact_store.hpp"
#include "storage/connection.hpp"
#include "storage/nouns.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::storage {

/// Where a list of merged pull requests goes on: behind the one with this time and number.
struct MergedPosition {
  std::int64_t dated_at = std::int64_t{1} << 60;  ///< milliseconds
  std::int64_t num = 0;
};

struct MergedFilter {
  std::vector<std::string> source_ids;    ///< at least one
  std::vector<std::string> workspaces;    ///< slug or {uuid}; empty: all
  std::vector<std::string> projects;      ///< key or {uuid}
  std::vector<std::string> repositories;  ///< workspace/slug or {uuid}
  std::optional<Timestamp> from;          ///< merged then or later
  std::optional<Timestamp> to;            ///< merged then or earlier
  Window window;                          ///< see Artifacts in a window
  MergedPosition after;
  int limit = 50;
};

/// A merged pull request as it is stored.
struct MergedRow {
  Artifact artifact;
  Timestamp merged_at{};
  std::int64_t num = 0;
};

/// Merged pull requests, the newest merge first. What several of the sources have collected is
/// there once, as the source has it that saw it last for the first time. Within a window some may
/// have been open: their content tells. Throws Fault.
std::vector<MergedRow> list_merged(Connection& connection, const TenantScope& tenant,
                                   const MergedFilter& filter);

/// How many there are of the filter; a window counts as none. Reads an index where nothing but
/// times is asked for.
std::int64_t count_merged(Connection& connection, const TenantScope& tenant,
                          const MergedFilter& filter);

using ContentVisitor = std::function<void(std::string_view kind, std::string_view content)>;

/// Visits what happened to a pull request, which is known by `{uuid of the repository}/number`, in
/// no order. The visitor must not use the connection. Throws Fault.
void visit_activity(Connection& connection, const std::string& source_id,
                    const std::string& pull_request, const ContentVisitor& visit);

/// A commit, as a source has it.
struct CommitKey {
  std::string_view source_id;
  std::string_view repository;  ///< workspace/slug
  std::string_view hash;        ///< its first letters will do
};

/// Visits the builds (of the kinds pipeline and build_status) that judged a commit. The visitor
/// must not use the connection. Throws Fault.
void visit_builds(Connection& connection, const TenantScope& tenant, const CommitKey& commit,
                  const ContentVisitor& visit);

}  // namespace evidenced::storage
