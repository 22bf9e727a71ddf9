#pragma once

#include "storage/connection.hpp"
#include "storage/nouns.hpp"

#include <string>
#include <string_view>

namespace evidenced::connector {

/// What stands in the way of a stream that is unavailable, or of a part of one that is incomplete:
/// "missing_scope", "needs_role", "plan_limited", "not_visible" or "removed_upstream".
std::string_view refusal_status(const storage::SyncStream& stream);

/// Why, in words: the code of the stream's error, its title, the scopes that are missing;
/// `otherwise` where it has none.
std::string refusal_reason(const storage::SyncStream& stream, std::string_view otherwise);

/// Puts into the feed, in the caller's transaction, how the coverage of the sync's streams has
/// changed with it (coverage.changed), once for each change. Only what a sync has learnt for good
/// counts: `available`, one of the refusals, or `incomplete` where a part is refused. Streams that
/// failed, or were not read to their end, stay as they were.
void record_coverage(storage::Connection& connection, const storage::TenantScope& tenant,
                     const storage::Sync& sync, Timestamp now);

}  // namespace evidenced::connector
