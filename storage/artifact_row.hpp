#pragma once

#include "storage/artifact_store.hpp"
#include "storage/columns.hpp"

#include <string_view>

namespace evidenced::storage {

/// The columns of view_artifact but the content, of `artifacts a` joined to its current revision
/// `r`.
inline constexpr std::string_view artifact_columns =
    "a.id, a.kind, a.source_id, a.workspace, a.project, a.repository, a.upstream_id, a.title,"
    " a.revision, a.seq, a.observed_at, a.first_observed_at, a.removed_at, a.removed_reason,"
    " a.sync_id, r.content_sha256";
inline constexpr std::string_view artifact_join =
    "JOIN revisions r ON r.artifact_num = a.num AND r.number = a.revision";

/// The content of revision `r`, which may be kept in the row of an earlier one.
inline constexpr std::string_view content_column =
    "coalesce(r.content, (SELECT c.content FROM revisions c WHERE c.num = r.content_num))";

/// Reads artifact_columns and the content behind them.
ArtifactView view_artifact(const Row& row);

Artifact copy_of(const ArtifactView& view);

}  // namespace evidenced::storage
