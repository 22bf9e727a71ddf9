#pragma once

#include "storage/connection.hpp"
#include "storage/event_types.hpp"
#include "storage/nouns.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace evidenced::storage {

/// One entry of a tenant's feed: what happened, to what, when.
struct Event {
  std::int64_t seq = 0;    ///< position in the feed; rises, with holes
  std::string type;        ///< of the table in event_types.hpp
  std::string source_id;   ///< "" when it is of no source
  std::string subject_id;  ///< of the source, sync, artifact, … that it is about
  Timestamp at{};
  std::string data;  ///< a JSON object: what else is known
};

using Fact = std::pair<std::string_view, std::variant<std::string, std::int64_t, bool>>;

/// An event to be kept. Facts become the members of its data.
struct NewEvent {
  EventType type;
  std::string_view source_id;
  std::string_view subject_id;
  Timestamp at{};
  std::vector<Fact> facts = {};
};

/// Puts an event into the feed, in the caller's transaction: it is there if and only if its effect
/// is. Its position.
std::int64_t record_event(Connection& connection, const TenantScope& tenant, const NewEvent& event);

struct EventFilter {
  std::int64_t after = 0;               ///< position: only later ones; 0: from the oldest kept
  std::vector<std::string> types;       ///< empty: all
  std::vector<std::string> source_ids;  ///< empty: all
  std::vector<std::string> allowed_source_ids;  ///< of the key; empty: all
  Window window;                                ///< of the key: what happened outside did not
  int limit = 50;
};

/// A part of the feed, and the position to go on from.
struct EventPage {
  std::vector<Event> events;
  std::int64_t after = 0;
  bool more = false;
};

/// The feed in its order. What was recorded, and each artifact once, at its last change: who reads
/// on from `after` misses no object that changed, but may miss states between two looks (those are
/// its revisions). In a window artifacts are there as storage/artifact_store.hpp says. Errors:
/// cursor.expired when something after that position was dropped already.
Result<EventPage> list_events(Connection& connection, const TenantScope& tenant,
                              const EventFilter& filter);

/// Drops the events of all tenants that happened before that moment. Artifacts stay in the feed.
void expire_events(Connection& connection, Timestamp before);

}  // namespace evidenced::storage
