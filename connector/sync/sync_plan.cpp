// What a sync walks: the parents that are stored, and what is decided for each partition.
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
using Checkpoints = std::vector<std::pair<storage::PartitionKey, storage::Checkpoint>>;

/// As storage::begin_walk has it: this sync left the walk running, or it failed and kept its
/// position.
bool may_resume(const storage::Checkpoint& checkpoint, storage::SyncMode mode,
                const std::string& sync_id) {
  if (checkpoint.mode != mode || checkpoint.position.empty()) return false;
  return !checkpoint.running || checkpoint.sync_id == sync_id;
}

}  // namespace

/// Reads the stored workspaces or repositories.
Task<SyncRun::Stored> SyncRun::load_parents(Parent parent) {
  if (parent != Parent::workspace && parent != Parent::repository) co_return Stored{};
  const std::string kind = parent == Parent::workspace ? "workspace" : "repository";
  std::vector<Partition>& parents = parent == Parent::workspace ? workspaces_ : repositories_;
  parents.clear();
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
      if (partition) parents.push_back(std::move(*partition));
      filter.after_id = artifact.id;
    }
    more = artifacts->size() == static_cast<std::size_t>(artifacts_at_once);
  }
  co_return Stored{};
}

/// The partitions of a stream: what is stored, covered, and not missing from a complete listing of
/// this sync.
std::vector<Partition> SyncRun::partitions(Parent parent) const {
  if (parent == Parent::none) return {Partition{}};
  const auto missing = [this](const std::string& list, const std::string& id) {
    const auto found = listed_.find(list);
    return found != listed_.end() && !found->second.contains(id);
  };
  std::vector<Partition> covered;
  for (const Partition& workspace : workspaces_) {
    if (!covers(context_.source.workspaces, workspace)) continue;
    if (!missing("workspace", workspace.id)) covered.push_back(workspace);
  }
  if (parent == Parent::workspace) return covered;
  std::vector<Partition> result;
  for (Partition repository : repositories_) {
    // The list that shows a repository knows best; older bodies do not say their workspace.
    const auto lists = [&](const Partition& workspace) {
      const auto found = listed_.find("repository" + workspace.id);
      return found != listed_.end() && found->second.contains(repository.id);
    };
    const auto names = [&](const Partition& workspace) {
      return workspace.id == repository.workspace_uuid ||
             (repository.workspace_uuid.empty() && workspace.workspace == repository.workspace);
    };
    auto home = std::ranges::find_if(covered, lists);
    if (home == covered.end()) home = std::ranges::find_if(covered, names);
    if (home == covered.end() || missing("repository" + home->id, repository.id)) continue;
    repository.workspace_uuid = home->workspace_uuid;
    repository.workspace = home->workspace;
    result.push_back(std::move(repository));
  }
  // The last changed first: that is where evidence is looked for.
  std::ranges::sort(result, [](const Partition& a, const Partition& b) {
    return std::tie(b.updated_on, a.id) < std::tie(a.updated_on, b.id);
  });
  return result;
}

std::string SyncRun::doubt_key(const bitbucket::Stream& stream, const Partition& partition) const {
  return context_.source.id + ' ' + std::string(stream.name) + ' ' + partition.id;
}

Known SyncRun::know(const StreamRun& stream, const Partition& partition,
                    const storage::Checkpoint* checkpoint) const {
  Known known;
  known.checkpoint = checkpoint;
  known.rows = checkpoint == nullptr ? 0 : checkpoint->rows;
  known.doubtful = context_.house.doubts.contains(doubt_key(stream.stream(), partition));
  const std::string_view name = stream.stream().name;
  const OpenPullRequests& pull_requests = context_.house.open_pull_requests;
  if (name == "pull_request") {
    known.has_open = pull_requests.has_open(context_.source.id, partition.id);
    known.rows = pull_requests.count(context_.source.id, partition.id);
  } else if (name == "repository") {
    known.rows = std::ranges::count_if(repositories_, [&](const Partition& repository) {
      return repository.workspace_uuid == partition.id;
    });
  } else if (name == "workspace") {
    known.rows = static_cast<std::int64_t>(workspaces_.size());
  }
  return known;
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

  context_.progress.forget(row.name);
  for (Partition& partition : partitions(row.parent)) {
    const auto found = by_partition.find(partition.id);
    const Known known =
        know(stream, partition, found == by_partition.end() ? nullptr : found->second);
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
    const bool has_open =
        context_.house.open_pull_requests.has_open(context_.source.id, partition.id);
    task.active = is_active(partition, has_open, circumstances_.now);
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
