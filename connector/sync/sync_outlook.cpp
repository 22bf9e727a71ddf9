// What a sync knows beside a partition when it plans, and what it expects of what it cannot know.
#include "connector/bitbucket/targets.hpp"
#include "connector/sync/schedule.hpp"
#include "connector/sync/sync_run.hpp"

#include <algorithm>
#include <utility>

namespace evidenced::connector {

namespace {

using bitbucket::Parent;
using bitbucket::Partition;
using storage::Connection;
using namespace std::chrono_literals;

constexpr std::chrono::hours any_age{24 * 36'500};

/// Of repositories of which nobody knows yet, so many are planned as if they had pipelines.
bool is_guessed_with(const std::string& id, double share) {
  return static_cast<double>(phase_of(id, 1000s).count()) < share * 1e6;
}

}  // namespace

/// What is stored about the partitions of a stream, and what other streams tell of them.
Task<Result<SyncRun::Outlook>> SyncRun::look_around(const bitbucket::Stream& row,
                                                    bool estimate_only) {
  Outlook outlook;
  outlook.estimate_only = estimate_only;
  auto list = [&](Connection& connection) -> Result<void> {
    for (auto& [key, checkpoint] :
         storage::list_checkpoints(connection, context_.source.id, std::string(row.name))) {
      outlook.checkpoints.emplace(key.partition, std::move(checkpoint));
    }
    if (row.freshness != bitbucket::Freshness::per_head) return {};
    for (auto& [key, walk] :
         storage::list_checkpoints(connection, context_.source.id, "pull_request")) {
      outlook.heads_known.emplace(key.partition, std::move(walk.watermark));
    }
    return {};
  };
  const Stored listed = co_await storage::read(context_.house.services.database, std::move(list));
  if (!listed) co_return fail(listed);
  if (row.needs_pipelines || row.freshness == bitbucket::Freshness::per_head) {
    auto searched = co_await searched_for_pipelines();
    if (!searched) co_return fail(searched);
    outlook.searched = std::move(*searched);
    outlook.share_with_pipelines = share_with_pipelines(outlook.searched);
  }
  outlook.guards = co_await guards_of(row, outlook);
  auto refused = co_await refused_to(row);
  if (!refused) co_return fail(refused);
  outlook.refused = std::move(*refused);
  co_return outlook;
}

const storage::Checkpoint* SyncRun::Outlook::checkpoint(std::string_view partition) const {
  const auto found = checkpoints.find(partition);
  return found == checkpoints.end() ? nullptr : &found->second;
}

/// Whether there is anything to ask for in a partition, as far as that is known.
bool SyncRun::has_any(const bitbucket::Stream& row, const Partition& partition,
                      const Outlook& outlook) const {
  if (!row.instead_of.empty() && !outlook.refused.contains(partition.workspace_uuid)) return false;
  // A repository without a main branch, or an open pull request, has no such thing.
  if (bitbucket::first_target(row, 0, partition, "").empty()) return false;
  const storage::Checkpoint* checkpoint = outlook.checkpoint(partition.id);
  const bool stored = checkpoint != nullptr && checkpoint->rows > 0;
  if (!row.needs_pipelines || stored || has_pipelines(partition)) return true;
  if (outlook.searched.contains(partition.id)) return false;
  return !outlook.estimate_only || is_guessed_with(partition.id, outlook.share_with_pipelines);
}

/// What the stream that tells of changes in another one has told since that was read.
Task<Guards> SyncRun::guards_of(const bitbucket::Stream& row, const Outlook& outlook) {
  const bitbucket::Stream* guard = bitbucket::find_stream(row.guard);
  if (guard == nullptr || guard->parent != Parent::workspace) co_return Guards{};
  // For estimates once is enough.
  if (outlook.estimate_only && estimated_guards_) co_return *estimated_guards_;
  GuardQuestion question{context_.source.id, guard, circumstances_.now, circumstances_.now,
                         stored_parents(Parent::repository).size()};
  for (const auto& [partition, checkpoint] : outlook.checkpoints) {
    question.since = std::min(question.since, checkpoint.observed_at.value_or(question.since));
  }
  // What is only estimated may rely on a list that this sync has yet to read.
  if (outlook.estimate_only) question.lately = any_age;
  Guards guards = co_await load_guards(context_.house.services.database, std::move(question));
  if (outlook.estimate_only) estimated_guards_ = guards;
  co_return guards;
}

/// The workspaces in which the stream is refused that this one stands in for.
Task<Result<std::set<std::string>>> SyncRun::refused_to(const bitbucket::Stream& row) {
  std::set<std::string> workspaces;
  if (row.instead_of.empty()) co_return workspaces;
  auto list = [&](Connection& connection) -> Result<std::set<std::string>> {
    const std::string name(row.instead_of);
    for (const auto& [key, walk] :
         storage::list_checkpoints(connection, context_.source.id, name)) {
      if (walk.error && is_gap(walk.error->code)) workspaces.insert(key.partition);
    }
    return workspaces;
  };
  auto listed = co_await storage::read(context_.house.services.database, std::move(list));
  co_return listed;
}

/// Whether something is looked at that tells of changes elsewhere.
void SyncRun::expect_look(const WalkTask& task) {
  const bool looks = task.decision.visit == Visit::walk && task.before && task.before->observed_at;
  if (task.stream->name != "pull_request" || !looks) return;
  const auto after =
      std::chrono::floor<std::chrono::seconds>(circumstances_.now - *task.before->observed_at);
  const std::optional<Timestamp> changed = parse_timestamp(task.partition.updated_on);
  const bool sure = changed && *changed >= *task.before->observed_at - bitbucket::overlap;
  looks_[task.partition.id] = sure ? 1 : context_.house.unrest[context_.source.id].chance(after);
}

/// Whether a change of what a stream follows is to be expected that would have it read.
bool SyncRun::is_guessed_stirred(const WalkTask& task) const {
  const bool rests = task.decision.visit == Visit::fresh && task.before && task.before->rows > 0;
  if (task.stream->follows.empty() || !rests) return false;
  const auto look = looks_.find(task.partition.id);
  return look != looks_.end() && is_guessed_with(task.partition.id, look->second);
}

/// What a look has found.
void SyncRun::note_look(const WalkTask& task, const WalkResult& result) {
  const bool looked = result.ending == Ending::complete && task.before && task.before->observed_at;
  if (task.stream->name != "pull_request" || !looked) return;
  const auto& objects =
      context_.house.open_objects.find(context_.source.id, "pull_request", task.partition.id);
  const bool changed = objects.last_change && *objects.last_change >= circumstances_.now;
  const auto after =
      std::chrono::floor<std::chrono::seconds>(circumstances_.now - *task.before->observed_at);
  context_.house.unrest[context_.source.id].look(after, changed);
}

/// What the first walk of a partition will take.
std::int64_t SyncRun::first_walk_of(const bitbucket::Stream& row,
                                    const Partition& partition) const {
  if (row.freshness == bitbucket::Freshness::per_head) {
    return static_cast<std::int64_t>(partition.heads.size());
  }
  return context_.forecast.requests(row, partition.id);
}

/// Says anew what the first walks that have not begun will take, by what the others took.
void SyncRun::reckon(const StreamRun& stream, const std::deque<WalkTask>& tasks) {
  for (const WalkTask& task : tasks) {
    if (task.before || task.paused) continue;
    context_.progress.expect(stream.stream().name, task.partition.id,
                             first_walk_of(stream.stream(), task.partition));
  }
}

}  // namespace evidenced::connector
