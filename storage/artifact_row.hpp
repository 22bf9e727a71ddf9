#pragma once

#include "storage/artifact_store.hpp"
#include "storage/columns.hpp"

#include <string>
#include <string_view>

namespace evidenced::storage {

/// The columns of view_artifact but the content, of `artifacts a` joined to its current revision
/// `r`; and of one joined to its newest revision in a window, by window_join.
inline constexpr std::string_view artifact_columns =
    "a.id, a.kind, a.source_id, a.workspace, a.project, a.repository, a.upstream_id, a.title,"
    " a.revision, a.seq, a.observed_at, a.first_observed_at, a.removed_at, a.removed_reason,"
    " a.sync_id, a.state, a.dated_at, r.content_sha256, 0";
inline constexpr std::string_view window_columns =
    "a.id, a.kind, a.source_id, a.workspace, a.project, a.repository, a.upstream_id,"
    " CASE WHEN r.number = a.revision THEN a.title ELSE '' END, r.number, r.seq, r.observed_at,"
    " a.first_observed_at, CASE WHEN r.change = 'removed' THEN r.observed_at END,"
    " CASE WHEN r.number = a.revision THEN a.removed_reason ELSE '' END, r.sync_id,"
    " CASE WHEN r.number = a.revision THEN a.state ELSE '' END,"
    " CASE WHEN r.number = a.revision THEN a.dated_at END,"
    " r.content_sha256, CASE WHEN r.number = a.revision THEN 0 ELSE 1 END";
inline constexpr std::string_view artifact_join =
    "JOIN revisions r ON r.artifact_num = a.num AND r.number = a.revision";

/// Joins an artifact to its newest revision in the window whose ends are these parameters ("$3").
/// The first condition is there for speed: it tells most artifacts without any.
std::string window_join(std::string_view from, std::string_view to);

/// The content of revision `r`, which may be kept in the row of an earlier one.
inline constexpr std::string_view content_column =
    "coalesce(r.content, (SELECT c.content FROM revisions c WHERE c.num = r.content_num))";

/// Columns that view_artifact reads, the content included: what else is selected begins there.
inline constexpr int artifact_column_count = 20;

/// Reads artifact_columns or window_columns and the content behind them.
ArtifactView view_artifact(const Row& row);

Artifact copy_of(const ArtifactView& view);

}  // namespace evidenced::storage
