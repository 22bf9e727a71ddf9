#pragma once

#include "storage/connection.hpp"
#include "storage/event_store.hpp"
#include "storage/nouns.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace evidenced::storage {

/// A reminder that was given.
struct ExpiryNotice {
  int threshold_days = 0;  ///< 0: at the expiry itself
  Timestamp given_at{};
};

/// When the credential of a source ends.
struct Expiry {
  std::string source_id;
  std::string source_name;
  std::int64_t version = 0;  ///< of the credential
  Timestamp expires_at{};
  bool declared = false;  ///< false: assumed
  Timestamp created_at{};
  std::optional<Timestamp> ended_at;  ///< it was replaced or wiped: it expires no more
};

struct ExpiryFilter {
  std::optional<Timestamp> from = {};    ///< of expires_at, inclusive
  std::optional<Timestamp> before = {};  ///< of expires_at, exclusive
  /// What lies from the first time up to the second one is left out.
  std::optional<std::pair<Timestamp, Timestamp>> except = {};
  std::vector<std::string> source_ids = {};                     ///< empty: all
  std::optional<std::pair<Timestamp, std::string>> after = {};  ///< keyset: expires_at and source
  int limit = 50;
};

/// The credentials that have an expiry, the next one first.
std::vector<Expiry> list_expiries(Connection& connection, const TenantScope& tenant,
                                  const ExpiryFilter& filter);

/// Those that were replaced or wiped, the newest end first.
std::vector<Expiry> list_ended(Connection& connection, const TenantScope& tenant,
                               const std::vector<std::string>& source_ids, int limit);

struct OwnedExpiry {
  TenantScope tenant;
  Expiry expiry;
};

/// Of all tenants: what the scheduler announces. `filter.source_ids` is not looked at.
std::vector<OwnedExpiry> list_all_expiries(Connection& connection, const ExpiryFilter& filter);

/// The reminders given for a credential, the furthest threshold first.
std::vector<ExpiryNotice> notices_of(Connection& connection, const TenantScope& tenant,
                                     const std::string& source_id, std::int64_t version);

/// Notes a reminder and puts `event` into the feed, unless it was given before; whether it was not.
bool give_notice(Connection& connection, const TenantScope& tenant, const Expiry& expiry,
                 int threshold_days, const NewEvent& event);

/// How many reminders were ever given, by threshold; `source_ids` empty: of all sources.
std::vector<std::pair<int, std::int64_t>> count_notices(Connection& connection,
                                                        const TenantScope& tenant,
                                                        const std::vector<std::string>& source_ids);

/// Remembers the credential that the source has now as ended; nothing when it has none, or one
/// without expiry. Used by the vault, before it replaces or wipes it.
void end_credential(Connection& connection, const TenantScope& tenant, const std::string& source_id,
                    Timestamp now);

/// Forgets credentials of all tenants that ended before that moment.
void forget_ended(Connection& connection, Timestamp before);

}  // namespace evidenced::storage
