#pragma once

#include <string_view>

namespace evidenced::storage {

/// A word of the feed and what it says.
struct EventRow {
  std::string_view type;
  std::string_view meaning;
};

/// Every type of event there is: what /v1/changes and /v1/events give, and their documentation.
inline constexpr EventRow event_table[] = {
    {"artifact.created", "An object was collected for the first time"},
    {"artifact.revised", "An object differs from its revision before"},
    {"artifact.removed", "An object is gone, as two complete walks agree, or its parent is"},
    {"artifact.restored", "An object that was removed is back"},
    {"artifact.moved", "An object's workspace, project or repository was renamed"},
    {"coverage.changed",
     "A kind can be read no more, again, or for another reason not: `from`, `to`, `reason`"},
    {"credential.expiring",
     "A credential expires soon: a threshold (30, 14, 7, 3, 1 days) is reached"},
    {"credential.expired", "The expiry of a credential has come"},
    {"credential.rotated", "A source got another credential"},
    {"drift.ended", "What a drift had changed is as it was before"},
    {"drift.found",
     "Bitbucket shows something that it did not show before, or no more: `what`, `stream`, `path`"},
    {"session.ended",
     "Somebody is signed in to the console no more: `key_id`; `reason` is signed_out, replaced, "
     "expired or key_revoked"},
    {"session.link_created", "A link that signs in to the console once was made: `key_id`, `key`"},
    {"session.started", "Somebody signed in to the console: `key_id`, `key`"},
    {"source.created", "A source was registered"},
    {"source.updated", "Name, workspaces, schedule or tags of a source changed"},
    {"source.paused", "A source is synced no more until it is resumed"},
    {"source.resumed", "A source is synced again"},
    {"source.needs_credential", "Bitbucket accepts the credential of a source no longer"},
    {"source.deleted", "A source was deleted and its credential wiped"},
    {"sync.queued", "A sync waits for its turn"},
    {"sync.started", "A sync runs, or goes on after a restart"},
    {"sync.finished", "A sync is done; `result` says how"},
};

/// A type that is in the table: others do not compile.
class EventType {
 public:
  template <std::size_t N>
  consteval EventType(const char (&text)[N]) : text_(text, N - 1) {  // NOLINT(*-explicit-*)
    bool known = false;
    for (const EventRow& row : event_table) known = known || row.type == text_;
    if (!known) throw "no such type of event";
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

constexpr bool is_event_type(std::string_view text) {
  for (const EventRow& row : event_table) {
    if (row.type == text) return true;
  }
  return false;
}

}  // namespace evidenced::storage
