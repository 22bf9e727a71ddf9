#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace evidenced::connector::bitbucket {

/// What a webhook of Bitbucket says may have changed: one row of the table of events.
struct HookEvent {
  std::string_view prefix;  ///< of `X-Event-Key`: "pullrequest:"
  std::span<const std::string_view> streams;
  /// It may tell of what nobody knows yet: lists of all workspaces of the source are read then.
  bool may_be_new = false;
};

/// The first row that fits an event; nullptr: what it tells of is not collected.
const HookEvent* find_hook_event(std::string_view event_key);

/// All rows.
std::span<const HookEvent> hook_events();

/// The uuid of the repository that a delivery is about. Of its body that is all that is looked at:
/// "" where it is not JSON, or has none.
std::string hooked_repository(std::string_view body);

}  // namespace evidenced::connector::bitbucket
