// What a sync walks: the parents that are stored, and what is decided for each partition.
#include "connector/bitbucket/targets.hpp"
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

constexpr int artifacts_at_once = 500;

/// As storage::begin_walk has it: this sync left the walk running, or it failed and kept its
/// position.
bool may_resume(const storage::Checkpoint& checkpoint, storage::SyncMode mode,
                const std::string& sync_id) {
  if (checkpoint.mode != mode || checkpoint.position.empty()) return false;
  return !checkpoint.running || checkpoint.sync_id == sync_id;
}

/// Adds to what is known what another stream tells.
void heed(const Guards& guards, const Partition& partition, Known& known) {
  if (known.checkpoint == nullptr || !known.checkpoint->observed_at) return;
  if (!guards.workspaces.contains(partition.workspace_uuid)) return;
  known.guarded = true;
  const auto changed = guards.changes.find(partition.id);
  if (changed == guards.changes.end()) return;
  known.stirred = known.stirred || changed->second > *known.checkpoint->observed_at;
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
  const Result<Outlook> outlook = co_await look_around(row, estimate_only);
  if (!outlook) co_return fail(outlook);
  context_.progress.forget(row.name);
  for (Partition& partition : partitions(row.parent)) {
    if (context_.only_follows_hints() && !is_hinted(row, partition)) continue;
    const storage::Checkpoint* checkpoint = outlook->checkpoint(partition.id);
    if (row.group == bitbucket::Group::mergeability) {
      partition.pull_request = newest_open(partition);
    }
    if (row.freshness == bitbucket::Freshness::per_head) {
      // Where pipelines run, they are taken to have built all of it until they are read.
      const bool guessed =
          estimate_only && has_pipelines(partition) && !outlook->searched.contains(partition.id);
      if (!guessed) partition.heads = new_heads(partition, checkpoint);
    }
    if (!has_any(row, partition, *outlook)) continue;
    WalkTask task = decide_for(stream, std::move(partition), *outlook);
    if (task.decision.visit == Visit::walk) {
      context_.progress.expect(row.name, task.partition.id, task.decision.requests);
    }
    expect_look(task);
    if (!estimate_only) stream.add(std::move(task));
  }
  if (!estimate_only) stream.set_planned();
  co_return Stored{};
}

WalkTask SyncRun::decide_for(const StreamRun& stream, Partition partition,
                             const Outlook& outlook) const {
  const bitbucket::Stream& row = stream.stream();
  const storage::Checkpoint* checkpoint = outlook.checkpoint(partition.id);
  Known known = know(stream, partition, checkpoint);
  heed(outlook.guards, partition, known);
  WalkTask task;
  task.stream = &row;
  task.decision = decide(row, partition, known, circumstances_);
  if (checkpoint == nullptr) {
    task.decision.requests = first_walk_of(row, partition);
  } else {
    task.before = *checkpoint;
    if (may_resume(*task.before, task.decision.mode, context_.id())) task.resume = task.before;
  }
  if (row.freshness == bitbucket::Freshness::per_head) {
    const auto known_until = outlook.heads_known.find(partition.id);
    const bool known_some = known_until != outlook.heads_known.end();
    task.next_watermark = known_some ? known_until->second : std::string();
  }
  task.active = goes_on_in(partition);
  task.partition = std::move(partition);
  if (outlook.estimate_only && is_guessed_stirred(task)) {
    task.decision.visit = Visit::walk;
    task.decision.requests = 1;
  }
  return task;
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

/// Lists of parents tell what hangs on them, and first pages how long lists are, and what follows.
Task<SyncRun::Stored> SyncRun::estimate_after(Round round) {
  const Parent opened = bitbucket::opens(round.stream->kind);
  const bool tells = round.part == Part::first_page || round.part == Part::sample;
  if (opened == Parent::none && !tells) co_return Stored{};
  const Stored loaded = co_await load_parents(opened);
  if (!loaded) co_return loaded;
  const Stored estimated = co_await estimate();
  co_return estimated;
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
