#pragma once

#include "connector/bitbucket/streams.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace evidenced::connector::bitbucket {

/// What a stream asks, for people who check how evidence was made: the target of each path as it is
/// sent, with its placeholders.
std::vector<std::string> asked_targets(const Stream& stream);

/// What is added when only changes are asked for, with "{since}" for the time (or the commit) of
/// the walk before; "" where nothing is: the list is read whole, or down to what is known.
std::string asked_changes(const Stream& stream);

/// All of it as JSON, for the report of a sync: {"version", "streams": [{"name", "kind", "asked":
/// {"targets", "changes" (null: none), "way", "scope", "needs_role"}, "window_hours" (0: all)}]}.
std::string asked_by_this_version(int history_days);

/// "each_sync", "updated_on", "rotation", "newest_first", "since_head", "per_head".
std::string_view freshness_name(Freshness freshness);

}  // namespace evidenced::connector::bitbucket
