#pragma once

#include "server/cli/api_client.hpp"

#include <string>

namespace evidenced::cli {

/// Follows a sync until it is done: a progress bar on a terminal, a line at each change elsewhere,
/// both on `err`; what came of it on `out`. A daemon that restarts is waited for. The exit code: 0
/// succeeded, 3 partial, 2 cancelled, that of its error when it failed.
Outcome<int> follow_sync(const Context& context, const ApiClient& api, const std::string& sync_id);

/// The line under which a running sync is shown, `width` columns at most: bar, requests, remaining
/// time, streams at work.
std::string progress_line(const JsonText& sync, std::size_t width);

/// The same for a log: what changes seldom, so that a line is written only when something did.
std::string progress_words(const JsonText& sync);

/// Writes a sync: its members, then its streams.
Outcome<int> show_sync(const Context& context, const Answer& answer);

}  // namespace evidenced::cli
