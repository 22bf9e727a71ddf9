#pragma once

#include "api/json_out.hpp"
#include "storage/connection.hpp"
#include "storage/nouns.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::api {

/// A kind that is missing, or not whole, for a source: why a list may be shorter than the truth.
struct Gap {
  std::string source_id;
  std::string kind;
  std::string stream;  ///< that collects it
  std::string_view status;
  std::string reason;
  std::vector<std::string> missing_scopes = {};  ///< of `missing_scope`: those that Bitbucket names
  bool doubted = false;  ///< for a sudden drop; once an operator has confirmed it there is no gap
  /// How old what is listed is: all of it was read to the end since then; nullopt: it never was.
  std::optional<Timestamp> whole_since = {};
};

/// The gaps that the newest syncs of one source tell of, for `kinds`. `syncs`: newest first. For
/// each kind the newest sync that has come to an end with it decides; a walk that is running is
/// `incomplete`, a kind that no sync has ended with is `pending`.
std::vector<Gap> gaps_of(const std::string& source_id, std::span<const storage::Sync> syncs,
                         std::span<const std::string> kinds);

/// The gaps of each of `source_ids` for `kinds`; none named: all that is collected. For a window of
/// time the syncs within it are asked: a kind that none of them has ended with is `pending`. A
/// source that was narrowed keeps what it no longer covers: that is a gap `out_of_scope`, too. Only
/// here gaps tell how old what they leave is.
std::vector<Gap> find_gaps(storage::Connection& connection, const storage::TenantScope& tenant,
                           const std::vector<std::string>& source_ids,
                           std::vector<std::string> kinds, const storage::Window& window);

/// How the streams of one source stand, in a few light reads.
struct StreamStanding {
  std::int64_t total = 0;
  std::int64_t ok = 0;    ///< without a gap
  std::vector<Gap> gaps;  ///< without their age
};
StreamStanding stand_of_streams(storage::Connection& connection, const storage::TenantScope& tenant,
                                const std::string& source_id, const storage::Window& window);

void write_gaps(JsonOut& json, const std::vector<Gap>& gaps);

}  // namespace evidenced::api
