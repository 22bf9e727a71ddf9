// What a sync walks: the parents that are stored, and what is decided for each partition.
#include "connector/bitbucket/targets.hpp"
#include "connector/sync/schedule.hpp"
#include "connector/sync/sync_run.hpp"
#include "connector/sync/workspace_walk.hpp"
#include "storage/artifact_store.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace evidenced::connector {

namespace {

using bitbucket::Parent;
using bitbucket::Partition;
using storage::Connection;
using namespace std::chrono_literals;

constexpr int artifacts_at_once = 500;
using Checkpoints = std::vector<std::pair<storage::PartitionKey, storage::Checkpoint>>;

/// As storage::begin_walk has it: this sync left the walk running, or it failed and kept its
/// position.
bool may_resume(const storage::Checkpoint& checkpoint, storage::SyncMode mode,
                const std::string& sync_id) {
  if (checkpoint.mode != mode || checkpoint.position.empty()) return false;
  return !checkpoint.running || checkpoint.sync_id == sync_id;
}

/// Of repositories of which nobody knows yet, half are planned as if they had pipelines.
bool is_guessed_without(const Partition& repository) {
  return phase_of(repository.id, 2s) < 1s;
}

}  // namespace

/// Reads the stored workspaces, projects or repositories.
Task<SyncRun::Stored> SyncRun::load_parents(Parent parent) {
  if (parent == Parent::none) co_return Stored{};
  const std::string kind(bitbucket::parent_kind(parent));
  std::vector<Partition>& parents = parents_[parent];
  parents.clear();
  nameless_[parent] = 0;
  storage::ArtifactFilter filter;
  filter.kinds = {kind};
  filter.source_ids = {context_.source.id};
  filter.limit = artifacts_at_once;
  bool more = true;
  while (more) {
    auto list = [&](Connection& connection) -> Result<std::vector<storage::Artifact>> {
      return storage::list_artifacts(connection, context_.tenant, filter);
    };
    const auto artifacts =
        co_await storage::read(context_.house.services.database, std::move(list));
    if (!artifacts) co_return fail(artifacts);
    for (const storage::Artifact& artifact : *artifacts) {
      std::optional<Partition> partition = bitbucket::partition_of(kind, artifact.content);
      if (partition) {
        parents.push_back(std::move(*partition));
      } else {
        ++nameless_[parent];
      }
      filter.after_id = artifact.id;
    }
    more = artifacts->size() == static_cast<std::size_t>(artifacts_at_once);
  }
  co_return Stored{};
}

/// Of what is stored, what is covered, and not missing from a complete listing of this sync.
std::vector<Partition> SyncRun::partitions(Parent parent) const {
  if (parent == Parent::none) return {Partition{}};
  std::vector<Partition> workspaces;
  for (const Partition& workspace : stored_parents(Parent::workspace)) {
    if (!covers(context_.source.workspaces, workspace)) continue;
    if (!is_missing("workspace", workspace.id)) workspaces.push_back(workspace);
  }
  if (parent == Parent::workspace) return workspaces;
  const std::string kind(bitbucket::parent_kind(parent));
  std::vector<Partition> result;
  for (Partition partition : stored_parents(parent)) {
    // The list that shows it knows best; older bodies do not say their workspace.
    const auto lists = [&](const Partition& workspace) {
      const auto found = listed_.find(kind + workspace.id);
      return found != listed_.end() && found->second.contains(partition.id);
    };
    const auto names = [&](const Partition& workspace) {
      return workspace.id == partition.workspace_uuid ||
             (partition.workspace_uuid.empty() && workspace.workspace == partition.workspace);
    };
    auto home = std::ranges::find_if(workspaces, lists);
    if (home == workspaces.end()) home = std::ranges::find_if(workspaces, names);
    if (home == workspaces.end() || is_missing(kind + home->id, partition.id)) continue;
    partition.workspace_uuid = home->workspace_uuid;
    partition.workspace = home->workspace;
    result.push_back(std::move(partition));
  }
  // The last changed first: that is where evidence is looked for.
  std::ranges::sort(result, [](const Partition& a, const Partition& b) {
    return std::tie(b.updated_on, a.id) < std::tie(a.updated_on, b.id);
  });
  return result;
}

bool SyncRun::is_missing(const std::string& list, const std::string& id) const {
  const auto found = listed_.find(list);
  return found != listed_.end() && !found->second.contains(id);
}

const std::vector<Partition>& SyncRun::stored_parents(Parent parent) const {
  static const std::vector<Partition> none;
  const auto found = parents_.find(parent);
  return found == parents_.end() ? none : found->second;
}

/// Decides for every partition of a stream. An estimate only says what it will cost.
Task<SyncRun::Stored> SyncRun::plan(StreamRun& stream, bool estimate_only) {
  const bitbucket::Stream& row = stream.stream();
  auto list = [&](Connection& connection) -> Result<Checkpoints> {
    return storage::list_checkpoints(connection, context_.source.id, std::string(row.name));
  };
  const Result<Checkpoints> checkpoints =
      co_await storage::read(context_.house.services.database, std::move(list));
  if (!checkpoints) co_return fail(checkpoints);
  std::map<std::string_view, const storage::Checkpoint*> by_partition;
  for (const auto& [key, checkpoint] : *checkpoints) by_partition[key.partition] = &checkpoint;

  std::set<std::string> searched;
  if (row.needs_pipelines) {
    auto found = co_await searched_for_pipelines();
    if (!found) co_return fail(found);
    searched = std::move(*found);
  }

  context_.progress.forget(row.name);
  for (Partition& partition : partitions(row.parent)) {
    if (context_.only_follows_hints() && !is_hinted(row, partition)) continue;
    if (row.group == bitbucket::Group::mergeability)
      partition.pull_request = newest_open(partition);
    const auto found = by_partition.find(partition.id);
    const storage::Checkpoint* checkpoint = found == by_partition.end() ? nullptr : found->second;
    if (row.freshness == bitbucket::Freshness::per_head) {
      partition.heads = new_heads(partition, checkpoint);
    }
    // A repository without a main branch, or an open pull request, has no such thing.
    if (bitbucket::first_target(row, 0, partition, "").empty()) continue;
    const bool empty = checkpoint == nullptr || checkpoint->rows == 0;
    if (row.needs_pipelines && empty && !has_pipelines(partition)) {
      const bool guessed = estimate_only && is_guessed_without(partition);
      if (guessed || searched.contains(partition.id)) continue;
    }
    const Known known = know(stream, partition, checkpoint);
    WalkTask task;
    task.stream = &row;
    task.decision = decide(row, partition, known, circumstances_);
    if (known.checkpoint != nullptr) {
      task.before = *known.checkpoint;
      if (may_resume(*task.before, task.decision.mode, context_.id())) task.resume = task.before;
    }
    if (task.decision.visit == Visit::walk) {
      context_.progress.expect(row.name, partition.id, task.decision.requests);
    }
    task.active = goes_on_in(partition);
    task.partition = std::move(partition);
    if (!estimate_only) stream.add(std::move(task));
  }
  if (!estimate_only) stream.set_planned();
  co_return Stored{};
}

/// What the streams that are not planned yet will cost, as far as their parents are known.
Task<SyncRun::Stored> SyncRun::estimate() {
  for (const Round& round : rounds_) {
    const auto found = streams_.find(round.stream->name);
    if (found != streams_.end() && found->second->planned()) continue;
    StreamRun scratch(*round.stream);
    const Stored estimated = co_await plan(scratch, true);
    if (!estimated) co_return estimated;
  }
  co_return Stored{};
}

/// Reads again where the walks that pause have come to.
Task<SyncRun::Stored> SyncRun::refresh(StreamRun& stream) {
  for (WalkTask& task : stream.waiting()) {
    const storage::PartitionKey key{context_.source.id, std::string(stream.stream().name),
                                    task.partition.id};
    if (!task.paused) continue;
    auto find = [&](Connection& connection) -> Result<std::optional<storage::Checkpoint>> {
      return storage::find_checkpoint(connection, key);
    };
    auto checkpoint = co_await storage::read(context_.house.services.database, std::move(find));
    if (!checkpoint) co_return fail(checkpoint);
    task.resume = std::move(*checkpoint);
  }
  co_return Stored{};
}

}  // namespace evidenced::connector
