#pragma once

#include "storage/connection.hpp"
#include "storage/nouns.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace evidenced::storage {

/// A sync as far as a strip of them needs: without its streams, which are most of its row.
struct SyncMark {
  std::string id;
  SyncState state = SyncState::queued;
  SyncResult result = SyncResult::none;
  SyncTrigger trigger = SyncTrigger::api;
  Timestamp queued_at{};
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> finished_at;
};

/// The last syncs of a source, of which a part lies within the window; the newest last.
std::vector<SyncMark> last_syncs(Connection& connection, const TenantScope& tenant,
                                 const std::string& source_id, const Window& window, int limit);

/// Live artifacts of each source; those without any are left out. In a window: as it left them.
std::map<std::string, std::int64_t> count_by_source(Connection& connection,
                                                    const TenantScope& tenant,
                                                    const Window& window);

}  // namespace evidenced::storage
