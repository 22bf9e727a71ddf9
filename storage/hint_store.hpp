#pragma once

#include "storage/connection.hpp"
#include "storage/nouns.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace evidenced::storage {

/// A hint waits so long for others to go along with it, and so long until the same is looked at
/// again: a hundred of them in a quarter of a minute cost two looks.
inline constexpr std::chrono::seconds hint_settles{2};
inline constexpr std::chrono::seconds hint_spacing{15};
/// … and so long after a look that failed.
inline constexpr std::chrono::minutes hint_retry{5};

/// A webhook said that something may have changed.
struct Hint {
  std::string source_id;
  std::string stream;
  std::string repository;  ///< {uuid}; "": in any workspace of the source
};

/// Keeps a hint until a sync has looked; whether it is news: the same one did not wait yet.
bool add_hint(Connection& connection, const TenantScope& tenant, const Hint& hint, Timestamp now);

/// Gives a sync that begins at `now` what it is to look at because of hints: one that only follows
/// hints gets those that are not too fresh, at most a hundred, and their streams become its
/// `only_streams`; any other gets all that wait for its streams. A sync that goes on after an
/// interruption gets what it had.
std::vector<Hint> take_hints(Connection& connection, const TenantScope& tenant, Sync& sync,
                             Timestamp now);

/// The sync has ended. When it did not get to look, what it was given waits again.
void settle_hints(Connection& connection, const std::string& sync_id, bool looked, Timestamp now);

struct HintedSource {
  TenantScope tenant;
  std::string source_id;
  std::string account;  ///< what its requests are counted under
};

/// Active sources for which hints are due and no sync is queued.
std::vector<HintedSource> hinted_sources(Connection& connection, Timestamp now);

/// When the next hint of such a source is due.
std::optional<Timestamp> next_hint(Connection& connection);

/// What waits for a source waits at least until then.
void postpone_hints(Connection& connection, const std::string& source_id, Timestamp until);

/// Requests of the syncs of an account that only followed hints and were queued since.
std::int64_t requests_for_hints(Connection& connection, const std::string& account,
                                Timestamp since);

/// Forgets when what does not wait was looked at last.
void forget_hints(Connection& connection, Timestamp before);

}  // namespace evidenced::storage
