#pragma once

#include "connector/bitbucket/parse.hpp"
#include "connector/bitbucket/streams.hpp"
#include "storage/collection_store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::connector {

/// Which partitions of a stream a round walks.
enum class Part {
  all,
  sample,      ///< one page of a few of those that were never walked: the plan needs to know early
               ///< in how many there is something
  first_page,  ///< of each, one page of what is walked whole: the newest pull requests of every
               ///< repository come before the old ones of any
  active,      ///< of repositories in which something goes on
  remaining,   ///< what the rounds before left
};

/// A stage of a sync: one stream, or a part of it. Rounds follow each other; within a round
/// partitions are walked beside each other.
struct Round {
  const bitbucket::Stream* stream = nullptr;
  Part part = Part::all;
};

/// Breadth first (design: collection, "Order of a sync"): identity, members, projects, the list of
/// repositories, the first page of their pull requests, pipelines of a few, branch restrictions and
/// grants of active repositories, then of the others, the old pull requests, and last what is asked
/// for by their heads. `only` names the streams that were asked for; empty: all.
std::vector<Round> plan_rounds(const std::vector<std::string>& only);

/// Answers by which a walk ends as a gap that coverage knows, when they come to its first page.
bool is_gap(std::string_view code);

/// What a sync knows about a partition before it decides.
struct Known {
  const storage::Checkpoint* checkpoint = nullptr;  ///< nullptr: never walked
  bool has_open = false;                            ///< some objects that are stored are open
  std::optional<Timestamp> open_changed;  ///< when one of those changed last; nullopt: not told
  /// What this stream follows changed since its last walk, or a webhook hinted so.
  bool stirred = false;
  std::int64_t rows = 0;  ///< stored objects of this stream in this partition
  bool doubtful = false;  ///< the last walk missed some of them: look again
  /// How long nothing was seen to happen in its repository; in its project, which has none: for
  /// ever.
  std::chrono::seconds quiet{0};
  bool guarded = false;  ///< another stream, read every day, tells when this one changes
};

/// The sync that decides.
struct Circumstances {
  std::string sync_id;
  storage::SyncMode mode = storage::SyncMode::incremental;
  bool scheduled = false;   ///< nobody asked for it
  bool retry_gaps = false;  ///< the credential changed: what was refused may be granted now
  Timestamp now{};
  std::optional<Timestamp> previous_start;  ///< of the sync before
  bool hinted = false;  ///< a webhook hinted at what is decided about, and nothing else is
};

enum class Visit {
  walk,
  settled,  ///< this sync has walked it already, before it was interrupted
  fresh,    ///< not due
};

struct Decision {
  Visit visit = Visit::walk;
  storage::SyncMode mode = storage::SyncMode::full;
  std::string since;          ///< watermark of an incremental walk
  std::int64_t requests = 0;  ///< expected
};

/// Whether and how a partition is walked. Small lists: whole, each time. Rotating ones: whole, when
/// never complete, asked for, or their slot of the day has come. Lists that the server filters:
/// whole when never complete, asked for, a day old (pull requests: a week, they cannot be deleted)
/// or no longer than a page; else what changed. Pull requests are looked at in repositories that
/// changed or have open ones (where nobody asked for the sync and none of those changed for twelve
/// hours, a day, a day and a half, three days, six: every three, four, six, twelve hours, every
/// day), and in every repository once a day. Lists that grow at their beginning: whole when never
/// complete, asked for or due; else what is new, where what they follow changed, a pipeline runs,
/// and in their turn. A turn comes once a day (lists that were asked for less than half a round
/// before let it pass); of streams that rest with their repository every two, four, seven days once
/// nothing was seen to happen there for eight, sixteen, twenty-eight; and every seven days of what
/// another stream guards. Where only hints are followed: what changed, of what has been read to its
/// end before; whole lists are left to other syncs, as far as they are longer than a page.
Decision decide(const bitbucket::Stream& stream, const bitbucket::Partition& partition,
                const Known& known, const Circumstances& circumstances);

/// Whether the repository of a partition changed lately, or has open pull requests.
bool is_active(const bitbucket::Partition& partition, bool has_open, Timestamp now);

/// Whether what is open and of that time may yet come to its end, and is read again until it does:
/// for a week. What takes longer is seen when its list is walked whole.
bool is_young(const std::optional<Timestamp>& time, Timestamp now);

/// Requests that a walk of so many rows takes.
std::int64_t requests_for(const bitbucket::Stream& stream, std::int64_t rows);

}  // namespace evidenced::connector
