#pragma once

#include "storage/connection.hpp"
#include "storage/nouns.hpp"

#include <optional>
#include <string>
#include <utility>

namespace evidenced::storage {

/// Asks for the removal of everything that a deleted source collected, with its history
/// (`purge_evidence=true`). It goes in steps, each a transaction of its own, so that a million
/// artifacts keep no other writer waiting; what a crash interrupts is still asked for afterwards.
void request_purge(Connection& connection, const TenantScope& tenant, const std::string& source_id,
                   Timestamp now);

/// The next step: removes at most `artifacts` of them. Whether there is more to remove.
bool purge_some(Connection& connection, const TenantScope& tenant, const std::string& source_id,
                int artifacts);

/// Whether what a source had collected was purged, or is being purged.
bool is_purged(Connection& connection, const TenantScope& tenant, const std::string& source_id);

/// The oldest purge that has not come to its end.
std::optional<std::pair<TenantScope, std::string>> pending_purge(Connection& connection);

}  // namespace evidenced::storage
