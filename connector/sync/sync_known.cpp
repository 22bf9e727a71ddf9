// What a sync knows of repositories and partitions before it decides about them.
#include "connector/bitbucket/targets.hpp"
#include "connector/sync/sync_run.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

namespace evidenced::connector {

namespace {

/// After its merge; what is told of its builds later is seen when its list is walked whole.
constexpr std::chrono::hours builds_settle{24};

using bitbucket::Parent;
using bitbucket::Partition;
using storage::Connection;
using namespace std::chrono_literals;

/// Whether objects are open that may still change: of tails the young ones.
bool has_young(const OpenObjects::Partition& objects, const bitbucket::Stream& stream,
               Timestamp now) {
  if (!bitbucket::has_tail(stream)) return !objects.open.empty();
  return std::ranges::any_of(objects.open,
                             [&](const auto& entry) { return is_young(entry.second, now); });
}

/// nullopt when one of them does not tell.
std::optional<Timestamp> last_change_of_open(const OpenObjects::Partition& objects) {
  std::optional<Timestamp> last;
  for (const auto& [id, time] : objects.open) {
    if (!time) return std::nullopt;
    last = std::max(*time, last.value_or(*time));
  }
  return last;
}

}  // namespace

std::string SyncRun::doubt_key(const bitbucket::Stream& stream, const Partition& partition) const {
  return context_.source.id + ' ' + std::string(stream.name) + ' ' + partition.id;
}

/// Whether a webhook hinted at a stream there: in the repository, or in one of the workspace.
bool SyncRun::is_hinted(const bitbucket::Stream& stream, const Partition& partition) const {
  const auto within = [&](const std::string& repository) {
    if (repository.empty()) return true;
    if (stream.parent == Parent::repository) return repository == partition.id;
    const auto& repositories = stored_parents(Parent::repository);
    const auto found = std::ranges::find(repositories, repository, &Partition::id);
    if (found == repositories.end()) return false;
    // Older bodies do not say their workspace.
    return found->workspace_uuid.empty() ? found->workspace == partition.workspace
                                         : found->workspace_uuid == partition.id;
  };
  return std::ranges::any_of(context_.hints, [&](const storage::Hint& hint) {
    return hint.stream == stream.name && within(hint.repository);
  });
}

Known SyncRun::know(const StreamRun& stream, const Partition& partition,
                    const storage::Checkpoint* checkpoint) const {
  Known known;
  known.checkpoint = checkpoint;
  known.rows = checkpoint == nullptr ? 0 : checkpoint->rows;
  known.doubtful = context_.house.doubts.contains(doubt_key(stream.stream(), partition));
  const std::string_view name = stream.stream().name;
  const std::string& source = context_.source.id;
  const OpenObjects& open = context_.house.open_objects;
  const OpenObjects::Partition& objects = open.find(source, name, partition.id);
  known.quiet = quiet_in(partition, stream.stream().parent);
  known.has_open =
      stream.stream().watches_open && has_young(objects, stream.stream(), circumstances_.now);
  known.open_changed = last_change_of_open(objects);
  known.rows = std::max(known.rows, objects.count);
  known.stirred = is_hinted(stream.stream(), partition);
  for (const std::string_view followed : stream.stream().follows) {
    if (checkpoint == nullptr || !checkpoint->observed_at) break;
    const bool itself = followed == "repository";
    const std::optional<Timestamp> changed =
        itself ? parse_timestamp(partition.updated_on)
               : open.find(source, followed, partition.id).last_change;
    // Bitbucket's clock is another one.
    const auto since = *checkpoint->observed_at - (itself ? bitbucket::overlap : 0min);
    known.stirred = known.stirred || (changed ? *changed >= since : itself);
  }
  // A first pipeline comes with a push, and what follows pull requests is asked for with them.
  const bool never_ran = name == "pipeline" && known.rows == 0;
  const bitbucket::Stream* guard = bitbucket::find_stream(stream.stream().guard);
  known.guarded = never_ran || (guard != nullptr && guard->parent == stream.stream().parent);
  if (name == "repository") {
    known.rows = std::ranges::count(stored_parents(Parent::repository), partition.id,
                                    &Partition::workspace_uuid);
  } else if (name == "workspace") {
    known.rows = static_cast<std::int64_t>(stored_parents(Parent::workspace).size());
  }
  return known;
}

/// The commits whose builds are asked for, in the order of their merges: a walk that was
/// interrupted finds its place again. Those of pull requests that were merged since the last walk,
/// those that were being built then, all once more when they were merged a day ago, and until then
/// whenever a webhook tells of builds: what failed may have been built again. None that a pipeline
/// has built: the pipeline tells.
std::vector<std::string> SyncRun::new_heads(const Partition& partition,
                                            const storage::Checkpoint* checkpoint) const {
  const auto& source = context_.source.id;
  const OpenObjects& open = context_.house.open_objects;
  const OpenObjects::Partition& pipelines = open.find(source, "pipeline", partition.id);
  const bool walked = checkpoint != nullptr && circumstances_.mode != storage::SyncMode::full;
  const auto since = walked ? parse_timestamp(checkpoint->watermark) : std::nullopt;
  const bool hinted = is_hinted(*bitbucket::find_stream("build_status"), partition);
  const auto is_due = [&](Timestamp time) {
    const Timestamp settled = time + builds_settle;
    if (!since || time >= *since - bitbucket::overlap) return true;
    if (settled > circumstances_.now) return hinted;
    return checkpoint->observed_at && settled > *checkpoint->observed_at;
  };
  std::vector<std::pair<Timestamp, std::string>> merged;
  for (const auto& [head, time] : open.find(source, "pull_request", partition.id).commits) {
    if (is_due(time) && !pipelines.has_commit(head)) merged.emplace_back(time, head);
  }
  std::ranges::sort(merged);
  std::vector<std::string> heads;
  heads.reserve(merged.size());
  for (auto& [time, head] : merged) heads.push_back(std::move(head));
  for (const auto& [id, time] : open.find(source, "build_status", partition.id).open) {
    const std::size_t begin = id.find('/') + 1;
    std::string head = id.substr(begin, id.find('/', begin) - begin);
    const auto same = [&head](const std::string& other) { return head.starts_with(other); };
    if (is_young(time, circumstances_.now) && std::ranges::none_of(heads, same)) {
      heads.push_back(std::move(head));
    }
  }
  return heads;
}

/// Whether a repository changed lately, or has open pull requests.
bool SyncRun::goes_on_in(const Partition& repository) const {
  const auto& pull_requests =
      context_.house.open_objects.find(context_.source.id, "pull_request", repository.id);
  return is_active(repository, !pull_requests.open.empty(), circumstances_.now);
}

/// How long nothing was seen to happen: since a repository, or a pull request that is open there,
/// changed. In a project without a repository nothing happens.
std::chrono::seconds SyncRun::quiet_in(const Partition& partition, Parent parent) const {
  using std::chrono::seconds;
  if (parent == Parent::project) {
    const auto in_it = [&partition](const Partition& repository) {
      return repository.project == partition.project &&
             (repository.workspace_uuid.empty() ||
              repository.workspace_uuid == partition.workspace_uuid);
    };
    const bool used = std::ranges::any_of(stored_parents(Parent::repository), in_it);
    return used ? seconds(0) : seconds::max();
  }
  std::optional<Timestamp> last = parse_timestamp(partition.updated_on);
  if (parent != Parent::repository || !last) return seconds(0);
  const auto& pull_requests =
      context_.house.open_objects.find(context_.source.id, "pull_request", partition.id);
  if (!pull_requests.open.empty()) {
    last = std::max(*last, last_change_of_open(pull_requests).value_or(circumstances_.now));
  }
  return std::max(seconds(0), std::chrono::floor<seconds>(circumstances_.now - *last));
}

/// Whether a pipeline has run in a repository.
bool SyncRun::has_pipelines(const Partition& repository) const {
  const OpenObjects& open = context_.house.open_objects;
  return open.find(context_.source.id, "pipeline", repository.id).count > 0;
}

/// How many of the repositories whose pipelines were asked for have some; half, of none.
double SyncRun::share_with_pipelines(const std::set<std::string>& searched) const {
  if (searched.empty()) return 0.5;
  const auto& source = context_.source.id;
  const auto with = std::ranges::count_if(searched, [&](const std::string& repository) {
    return context_.house.open_objects.find(source, "pipeline", repository).count > 0;
  });
  return static_cast<double>(with) / static_cast<double>(searched.size());
}

/// The repositories whose pipelines were asked for.
Task<Result<std::set<std::string>>> SyncRun::searched_for_pipelines() {
  const std::string& source = context_.source.id;
  auto list = [&](Connection& connection) -> Result<std::set<std::string>> {
    std::set<std::string> searched;
    for (const auto& [key, walk] : storage::list_checkpoints(connection, source, "pipeline"))
      if (walk.observed_at) searched.insert(key.partition);
    return searched;
  };
  auto searched = co_await storage::read(context_.house.services.database, std::move(list));
  co_return searched;
}

/// The number of a pull request that is open; "" when none is.
std::string SyncRun::newest_open(const Partition& partition) const {
  const auto& objects =
      context_.house.open_objects.find(context_.source.id, "pull_request", partition.id);
  std::int64_t newest = 0;
  for (const auto& [id, time] : objects.open) {
    std::int64_t number = 0;
    const char* begin = id.data() + id.rfind('/') + 1;
    std::from_chars(begin, id.data() + id.size(), number);
    newest = std::max(newest, number);
  }
  return newest == 0 ? std::string() : std::to_string(newest);
}

/// Whether all is known that the partitions of a stream are made of.
void SyncRun::note_parents(StreamRun& stream) const {
  const bitbucket::Stream& row = stream.stream();
  std::vector<std::string_view> made_of;
  if (row.parent != Parent::none) made_of.push_back("workspace");
  if (row.parent != Parent::none && row.parent != Parent::workspace) {
    made_of.push_back(bitbucket::parent_kind(row.parent));
  }
  const bool of_pull_requests = row.group == bitbucket::Group::mergeability ||
                                row.freshness == bitbucket::Freshness::per_head;
  if (of_pull_requests) made_of.push_back("pull_request");
  stream.tally.parents_incomplete = false;
  stream.tally.parents_refused.reset();
  for (const std::string_view name : made_of) {
    const auto found = streams_.find(name);
    if (found == streams_.end()) continue;
    const StreamVerdict verdict = judge(found->second->tally);
    if (verdict.complete) continue;
    stream.tally.parents_incomplete = true;
    if (verdict.state != storage::StreamState::unavailable || !verdict.error) continue;
    stream.tally.parents_refused = verdict.error;
    stream.tally.parents_refused->partitions_failed = 0;
  }
}

}  // namespace evidenced::connector
