#pragma once

#include "config/random.hpp"
#include "config/secret.hpp"
#include "storage/connection.hpp"
#include "storage/nouns.hpp"
#include "storage/vault.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::storage {

/// A calendar of expiry dates. The capability that reads it is kept nowhere, only its keyed hash.
struct CalendarFeed {
  std::string id;  ///< "cal_…"
  std::string name;
  bool with_names = true;               ///< of the sources
  std::vector<std::string> source_ids;  ///< the ones in it; empty: all
  Timestamp created_at{};
  std::optional<Timestamp> revoked_at;
  std::optional<Timestamp> last_used_at;
};

struct NewCalendarFeed {
  CalendarFeed feed;
  Secret capability;  ///< 64 hexadecimal digits, all random; shown once
};

/// Makes a feed; `id` and `created_at` are filled in here.
NewCalendarFeed create_calendar_feed(Connection& connection, const TenantScope& tenant,
                                     CalendarFeed feed, const Vault& vault, Timestamp now,
                                     Random& random);

struct OwnedCalendarFeed {
  TenantScope tenant;
  CalendarFeed feed;
};

/// The feed that the capability reads; nullopt for an unknown and for a revoked one alike.
std::optional<OwnedCalendarFeed> open_calendar_feed(Connection& connection,
                                                    std::string_view capability,
                                                    const Vault& vault);

/// Revoked ones, too, in the order of ids.
std::vector<CalendarFeed> list_calendar_feeds(Connection& connection, const TenantScope& tenant,
                                              const std::string& after_id, int limit);

/// Errors of both: resource.not_found.
Result<CalendarFeed> find_calendar_feed(Connection& connection, const TenantScope& tenant,
                                        const std::string& id);
Result<CalendarFeed> revoke_calendar_feed(Connection& connection, const TenantScope& tenant,
                                          const std::string& id, Timestamp now);

void touch_calendar_feed(Connection& connection, const TenantScope& tenant, const std::string& id,
                         Timestamp now);

}  // namespace evidenced::storage
