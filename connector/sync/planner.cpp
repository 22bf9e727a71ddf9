#include "connector/sync/planner.hpp"

#include "connector/bitbucket/targets.hpp"
#include "connector/sync/schedule.hpp"

#include <algorithm>
#include <span>

namespace evidenced::connector {

namespace {

using bitbucket::Freshness;
using bitbucket::Parent;
using bitbucket::Stream;
using storage::Checkpoint;
using storage::SyncMode;

constexpr std::chrono::hours active_for{30 * 24};

/// How often something is looked at that has not changed for so long: after a part of that time
/// again.
struct Pace {
  std::chrono::hours unchanged;
  std::chrono::hours cycle;
};
constexpr std::chrono::hours day{24};
constexpr std::chrono::hours week{7 * day};
constexpr Pace turns[] = {{28 * day, week}, {16 * day, 4 * day}, {8 * day, 2 * day}, {{}, day}};
/// Of open pull requests, by the scheduler's syncs; 0: by each of them.
constexpr std::chrono::hours each_sync{0};
constexpr Pace looks[] = {{6 * day, day},
                          {3 * day, std::chrono::hours(12)},
                          {std::chrono::hours(36), std::chrono::hours(6)},
                          {std::chrono::hours(24), std::chrono::hours(4)},
                          {std::chrono::hours(12), std::chrono::hours(3)},
                          {{}, each_sync}};

std::chrono::hours cycle_at(std::span<const Pace> paces, std::chrono::seconds unchanged) {
  const auto pace = std::ranges::find_if(
      paces, [unchanged](const Pace& row) { return unchanged >= row.unchanged; });
  return pace == paces.end() ? paces.back().cycle : pace->cycle;
}

std::string rotation_key(const Stream& stream, const bitbucket::Partition& partition) {
  return std::string(stream.name) + '/' + partition.id;
}

bool was_refused(const Checkpoint& checkpoint) {
  return checkpoint.error && is_gap(checkpoint.error->code);
}

std::chrono::hours cycle_of(const Stream& stream, const Known& known) {
  if (known.guarded && !was_refused(*known.checkpoint)) return week;
  return stream.rests ? cycle_at(turns, known.quiet) : day;
}

/// What is refused is asked for again in its slot of the day, as if it had been read by the sync
/// before.
bool slot_has_come(const Stream& stream, const bitbucket::Partition& partition, const Known& known,
                   const Circumstances& circumstances) {
  const Checkpoint& checkpoint = *known.checkpoint;
  const std::optional<Timestamp> last =
      was_refused(checkpoint) ? circumstances.previous_start : checkpoint.observed_at;
  return rotation_due(rotation_key(stream, partition), cycle_of(stream, known), last,
                      circumstances.now);
}

/// Of lists that are asked for when something changed: what was read less than half a round before
/// its slot lets it pass.
bool turn_has_come(const Stream& stream, const bitbucket::Partition& partition, const Known& known,
                   const Circumstances& circumstances) {
  const std::optional<Timestamp>& last = known.checkpoint->observed_at;
  if (was_refused(*known.checkpoint) || !last) {
    return slot_has_come(stream, partition, known, circumstances);
  }
  const std::chrono::hours cycle = cycle_of(stream, known);
  return rotation_due(rotation_key(stream, partition), cycle, *last + cycle / 2, circumstances.now);
}

/// What rotates. Once, after its first walk, a slot that comes within half a round passes: else the
/// hours after a first sync would read all of it again. It is never older than its round.
bool round_has_come(const Stream& stream, const bitbucket::Partition& partition, const Known& known,
                    const Circumstances& circumstances) {
  const Checkpoint& checkpoint = *known.checkpoint;
  const std::optional<Timestamp>& last = checkpoint.observed_at;
  const bool walked_once = checkpoint.generation == 1 && last && !was_refused(checkpoint);
  if (!walked_once) return slot_has_come(stream, partition, known, circumstances);
  return circumstances.now - *last >= cycle_of(stream, known) ||
         turn_has_come(stream, partition, known, circumstances);
}

bool changed_since(const bitbucket::Partition& partition, const std::string& watermark) {
  const std::optional<Timestamp> changed = parse_timestamp(partition.updated_on);
  const std::optional<Timestamp> seen = parse_timestamp(watermark);
  return !changed || !seen || *changed >= *seen - bitbucket::overlap;
}

Decision walk(const Stream& stream, SyncMode mode, const Known& known) {
  Decision decision;
  decision.mode = mode;
  decision.requests = requests_for(stream, mode == SyncMode::full ? known.rows : 1);
  if (mode == SyncMode::incremental) decision.since = known.checkpoint->watermark;
  return decision;
}

/// An approval may not show in what a repository or a pull request says of its last change.
bool open_ones_are_due(const Stream& stream, const bitbucket::Partition& partition,
                       const Known& known, const Circumstances& circumstances) {
  if (!known.has_open) return false;
  const Timestamp now = circumstances.now;
  if (!known.open_changed || !circumstances.scheduled) return true;
  const auto unchanged = std::chrono::floor<std::chrono::seconds>(now - *known.open_changed);
  const std::chrono::hours cycle = cycle_at(looks, unchanged);
  if (cycle == each_sync) return true;
  const std::string key = rotation_key(stream, partition) + "/open";
  return rotation_due(key, cycle, known.checkpoint->observed_at, now);
}

/// Lists that the server filters by updated_on.
Decision decide_filtered(const Stream& stream, const bitbucket::Partition& partition,
                         const Known& known, const Circumstances& circumstances) {
  const Checkpoint& checkpoint = *known.checkpoint;
  const bool slot = slot_has_come(stream, partition, known, circumstances);
  const bool old =
      !checkpoint.complete_at || circumstances.now - *checkpoint.complete_at >= stream.whole_after;
  if (stream.parent != Parent::repository) {
    const bool one_page = known.rows <= stream.page_length;
    return walk(stream, old || one_page ? SyncMode::full : SyncMode::incremental, known);
  }
  if (slot && old) return walk(stream, SyncMode::full, known);
  if (checkpoint.error) return walk(stream, checkpoint.mode, known);
  if (known.stirred || turn_has_come(stream, partition, known, circumstances) ||
      changed_since(partition, checkpoint.watermark) ||
      open_ones_are_due(stream, partition, known, circumstances)) {
    return walk(stream, SyncMode::incremental, known);
  }
  return Decision{Visit::fresh, SyncMode::incremental, {}, 0};
}

/// Lists that grow at their beginning.
Decision decide_tail(const Stream& stream, const bitbucket::Partition& partition,
                     const Known& known, const Circumstances& circumstances) {
  const Checkpoint& checkpoint = *known.checkpoint;
  const bool slot = slot_has_come(stream, partition, known, circumstances);
  const bool old =
      !checkpoint.complete_at || circumstances.now - *checkpoint.complete_at >= stream.whole_after;
  const bool whole = stream.freshness == Freshness::newest_first;
  if (whole && slot && old) return walk(stream, SyncMode::full, known);
  if (checkpoint.error) return walk(stream, checkpoint.mode, known);
  if (known.stirred || known.has_open || turn_has_come(stream, partition, known, circumstances)) {
    return walk(stream, SyncMode::incremental, known);
  }
  return Decision{Visit::fresh, SyncMode::incremental, {}, 0};
}

/// A list that was never read to its end, is being read, or is refused says nothing new to a hint:
/// whoever reads it whole comes to what changed.
Decision decide_hinted(const Stream& stream, const bitbucket::Partition& partition,
                       const Known& known) {
  const Checkpoint& checkpoint = *known.checkpoint;
  const bool read_before = checkpoint.generation > 0 && !checkpoint.watermark.empty();
  const bool begun = checkpoint.running || (checkpoint.error && checkpoint.mode == SyncMode::full);
  if (!read_before || begun || was_refused(checkpoint)) {
    return Decision{Visit::fresh, SyncMode::incremental, {}, 0};
  }
  const bool asks_for_all =
      stream.freshness == Freshness::each_sync || stream.freshness == Freshness::rotation;
  const bool one_page = stream.parent != Parent::repository && known.rows <= stream.page_length;
  if (asks_for_all || one_page) return walk(stream, SyncMode::full, known);
  Decision decision = walk(stream, SyncMode::incremental, known);
  if (stream.freshness == Freshness::per_head) {
    decision.requests = static_cast<std::int64_t>(partition.heads.size());
  }
  return decision;
}

/// Whether the first pages of all partitions come before the second ones of any.
bool goes_by_pages(const Stream& stream) {
  return stream.freshness == Freshness::updated_on || bitbucket::has_tail(stream);
}

}  // namespace

std::vector<Round> plan_rounds(const std::vector<std::string>& only) {
  std::vector<Round> rounds;
  std::vector<Round> later;
  std::vector<Round> last;
  std::vector<Round> heads;  // that all pages of the pull requests tell
  const auto asked = [&only](std::string_view name) {
    return only.empty() || std::ranges::find(only, name) != only.end();
  };
  for (const Stream& stream : bitbucket::streams()) {
    if (!asked(stream.name)) continue;
    if (stream.freshness == Freshness::per_head) {
      heads.push_back({&stream, Part::all});
    } else if (stream.parent != Parent::repository) {
      rounds.push_back({&stream, Part::all});
    } else if (goes_by_pages(stream)) {
      rounds.push_back({&stream, Part::first_page});
      last.push_back({&stream, Part::remaining});
      // Much hangs on whether there are pipelines.
      const Stream* pipelines = bitbucket::find_stream("pipeline");
      const bool first = stream.freshness == Freshness::updated_on;
      if (first && asked(pipelines->name)) rounds.push_back({pipelines, Part::sample});
    } else {
      rounds.push_back({&stream, Part::active});
      later.push_back({&stream, Part::remaining});
    }
  }
  rounds.insert(rounds.end(), later.begin(), later.end());
  rounds.insert(rounds.end(), last.begin(), last.end());
  rounds.insert(rounds.end(), heads.begin(), heads.end());
  return rounds;
}

bool is_gap(std::string_view code) {
  return code == Code("stream.forbidden").text() || code == Code("stream.not_found").text() ||
         code == Code("credential.scope_missing").text() || code == Code("upstream.removed").text();
}

Decision decide(const Stream& stream, const bitbucket::Partition& partition, const Known& known,
                const Circumstances& circumstances) {
  if (known.checkpoint == nullptr) {
    if (circumstances.hinted) return Decision{Visit::fresh, SyncMode::full, {}, 0};
    return walk(stream, SyncMode::full, known);
  }
  const Checkpoint& checkpoint = *known.checkpoint;
  if (checkpoint.sync_id == circumstances.sync_id) {
    if (!checkpoint.running) return Decision{Visit::settled, checkpoint.mode, {}, 0};
    Decision decision = walk(stream, checkpoint.mode, known);
    decision.requests = std::max<std::int64_t>(1, decision.requests - checkpoint.pages);
    return decision;
  }
  if (circumstances.hinted) return decide_hinted(stream, partition, known);
  if (stream.freshness == Freshness::each_sync || circumstances.mode == SyncMode::full ||
      known.doubtful) {
    return walk(stream, SyncMode::full, known);
  }
  if (was_refused(checkpoint)) {
    const bool rotates = stream.freshness == Freshness::rotation;
    const bool again = circumstances.retry_gaps ||
                       (stream.parent != Parent::repository && !rotates) ||
                       slot_has_come(stream, partition, known, circumstances);
    if (!again) return Decision{Visit::fresh, SyncMode::full, {}, 0};
    return walk(stream, SyncMode::full, known);
  }
  if (checkpoint.generation == 0 || checkpoint.watermark.empty()) {
    return walk(stream, SyncMode::full, known);
  }
  if (stream.freshness == Freshness::updated_on) {
    return decide_filtered(stream, partition, known, circumstances);
  }
  if (stream.freshness == Freshness::per_head) {
    Decision decision = walk(stream, SyncMode::incremental, known);
    decision.requests = static_cast<std::int64_t>(partition.heads.size());
    return decision;
  }
  if (bitbucket::has_tail(stream)) return decide_tail(stream, partition, known, circumstances);
  const bool failed = checkpoint.error.has_value();
  if (failed || known.stirred || round_has_come(stream, partition, known, circumstances)) {
    return walk(stream, SyncMode::full, known);
  }
  return Decision{Visit::fresh, SyncMode::full, {}, 0};
}

bool is_active(const bitbucket::Partition& partition, bool has_open, Timestamp now) {
  const std::optional<Timestamp> changed = parse_timestamp(partition.updated_on);
  return has_open || !changed || now - *changed < active_for;
}

bool is_young(const std::optional<Timestamp>& time, Timestamp now) {
  return !time || now - *time < week;
}

std::int64_t requests_for(const Stream& stream, std::int64_t rows) {
  const auto legs = static_cast<std::int64_t>(stream.paths.size());
  if (stream.shape == bitbucket::Shape::object || stream.page_length == 0) return legs;
  if (stream.shape == bitbucket::Shape::list_of_objects) return 1 + std::max<std::int64_t>(1, rows);
  const std::int64_t pages = (rows + stream.page_length - 1) / stream.page_length;
  return std::max(legs, pages);
}

}  // namespace evidenced::connector
