#pragma once

#include "config/task_group.hpp"
#include "connector/sync/guards.hpp"
#include "connector/sync/stream_run.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::connector {

/// One sync, from its first request to its result. Lives on the io thread; kept alive by whoever
/// runs it until `run` has returned.
class SyncRun {
 public:
  SyncRun(SyncHouse& house, storage::OwnedSync owned, storage::Source source);
  SyncRun(const SyncRun&) = delete;
  SyncRun& operator=(const SyncRun&) = delete;

  /// Runs to the end and stores the result; after `stop` it returns with everything kept for a
  /// later run under the same id. Must not be cancelled: use `abort`.
  Task<void> run();

  /// At the next page boundary: end with the result cancelled; or leave, to go on after a restart.
  void cancel() { context_.halt(Halt::cancelled); }
  void stop() { context_.halt(Halt::shutdown); }

  /// Leaves without waiting for the answers under way.
  void abort();

  /// Waits for a request budget: it takes no place among the running syncs.
  bool parked() const { return context_.waiting_until.has_value(); }
  const std::string& id() const { return context_.id(); }
  const storage::TenantScope& tenant() const { return context_.tenant; }

  /// Whether its end is stored, or left to a later run on purpose. Once `run` has returned.
  bool settled() const {
    return context_.stopping() || context_.stored().state == storage::SyncState::done;
  }
  const std::string& account() const { return context_.account(); }

  /// What it spends at the moment; nullopt: it has asked nothing yet.
  std::optional<RequestBudget> budget() const { return context_.budget(); }

 private:
  using Stored = Result<void>;
  /// What is known beside the partitions of a stream when they are planned.
  struct Outlook {
    std::map<std::string, storage::Checkpoint, std::less<>> checkpoints;  ///< by partition
    std::set<std::string> searched;  ///< repositories whose pipelines were asked for
    double share_with_pipelines = 0;
    Guards guards;
    std::set<std::string> refused;  ///< workspaces in which a stream is stood in for
    /// By repository: all pull requests that changed before then are known, and so are their heads.
    std::map<std::string, std::string, std::less<>> heads_known;
    bool estimate_only = false;

    const storage::Checkpoint* checkpoint(std::string_view partition) const;
  };

  Task<Stored> proceed();
  Task<Stored> prepare();
  Task<void> prepare_into(Stored& done);
  Task<Stored> admit();
  Task<Stored> run_rounds();
  Task<Stored> run_round(Round round);
  Task<Stored> plan(StreamRun& stream, bool estimate_only);
  Task<Result<Outlook>> look_around(const bitbucket::Stream& row, bool estimate_only);
  bool has_any(const bitbucket::Stream& row, const bitbucket::Partition& partition,
               const Outlook& outlook) const;
  WalkTask decide_for(const StreamRun& stream, bitbucket::Partition partition,
                      const Outlook& outlook) const;
  Task<Guards> guards_of(const bitbucket::Stream& row, const Outlook& outlook);
  Task<Result<std::set<std::string>>> refused_to(const bitbucket::Stream& row);
  void expect_look(const WalkTask& task);
  void note_look(const WalkTask& task, const WalkResult& result);
  bool is_guessed_stirred(const WalkTask& task) const;
  Task<Stored> estimate();
  Task<Stored> estimate_after(Round round);
  std::int64_t first_walk_of(const bitbucket::Stream& row,
                             const bitbucket::Partition& partition) const;
  void reckon(const StreamRun& stream, const std::deque<WalkTask>& tasks);
  Task<Stored> load_parents(bitbucket::Parent parent);
  Task<Stored> refresh(StreamRun& stream);
  Task<void> work(StreamRun& stream, std::deque<WalkTask>& tasks);
  Task<WalkResult> walk(WalkTask task);
  Task<Stored> spare(StreamRun& stream, std::deque<WalkTask> untouched);
  Task<Stored> show(StreamRun& stream, bool finished);
  bool is_shown(const StreamRun& stream, storage::StreamState state) const;
  Task<Stored> keep_learnt();
  std::map<std::string, bool, std::less<>> walked() const;
  Task<Stored> finish();

  void learn(const WalkTask& task, const WalkResult& result);
  void note_parents(StreamRun& stream) const;
  bool is_hinted(const bitbucket::Stream& stream, const bitbucket::Partition& partition) const;
  std::vector<bitbucket::Partition> partitions(bitbucket::Parent parent) const;
  bool is_missing(const std::string& list, const std::string& id) const;
  const std::vector<bitbucket::Partition>& stored_parents(bitbucket::Parent parent) const;
  std::string doubt_key(const bitbucket::Stream& stream,
                        const bitbucket::Partition& partition) const;
  Known know(const StreamRun& stream, const bitbucket::Partition& partition,
             const storage::Checkpoint* checkpoint) const;
  std::vector<std::string> new_heads(const bitbucket::Partition& partition,
                                     const storage::Checkpoint* checkpoint) const;
  bool goes_on_in(const bitbucket::Partition& repository) const;
  std::chrono::seconds quiet_in(const bitbucket::Partition& partition,
                                bitbucket::Parent parent) const;
  bool has_pipelines(const bitbucket::Partition& repository) const;
  double share_with_pipelines(const std::set<std::string>& searched) const;
  Task<Result<std::set<std::string>>> searched_for_pipelines();
  std::string newest_open(const bitbucket::Partition& partition) const;
  StreamRun& stream_of(const bitbucket::Stream& stream);
  void conclude(storage::Sync& sync);

  SyncContext context_;
  Session session_;
  TaskGroup workers_;
  Circumstances circumstances_;
  std::vector<Round> rounds_;
  std::map<std::string_view, std::unique_ptr<StreamRun>> streams_;
  std::map<bitbucket::Parent, std::vector<bitbucket::Partition>> parents_;
  std::map<bitbucket::Parent, std::int64_t> nameless_;  ///< parents that are stored without a uuid
  /// What complete listings of this sync named: of stream and partition.
  std::map<std::string, std::set<std::string>> listed_;
  std::optional<Guards> estimated_guards_;
  /// Repositories whose pull requests are looked at, and how likely something changed there.
  std::map<std::string, double> looks_;
  int silent_walks_ = 0;
  SteadyTime shown_at_{};
};

}  // namespace evidenced::connector
