#pragma once

#include "connector/sync/walk.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace evidenced::connector {

/// Whether a source covers a workspace: all, or its slug (in any case) or {uuid} is named.
bool covers(const storage::WorkspaceSelection& selection, const bitbucket::Partition& workspace);

/// The named workspaces that are not among those visible.
std::vector<std::string> not_visible(const storage::WorkspaceSelection& selection,
                                     const std::vector<bitbucket::Partition>& visible);

/// The workspaces, by the names that people know, that the account had lost sight of when the walk
/// of the workspaces ended with that error.
std::vector<std::string> lost_from_sight(const storage::StoredError& error);

/// Walks the stream `workspace`: the list of visible ones, then each that the source covers. An
/// account that sees none (credential.reach_empty), or not all that were named
/// (workspace.not_visible), is a failure, never an empty list; what is visible is stored all the
/// same. That the list is silent about a workspace says nothing: one that is stored and covered is
/// asked for by its uuid. Where that is refused the account lost sight of it
/// (workspace.not_visible, in every sync until it is back or no longer covered); it is never taken
/// for removed. Nor is one that the source no longer covers: it is kept as it was. Resumes behind
/// the last workspace stored; the list is asked for again. A list that ends short of its `size` is
/// read once more, and then is incomplete.
class WorkspaceWalk {
 public:
  /// `known`: the workspaces that are stored.
  WorkspaceWalk(SyncContext& context, Session& session, WalkTask task,
                std::vector<bitbucket::Partition> known);
  WorkspaceWalk(const WorkspaceWalk&) = delete;
  WorkspaceWalk& operator=(const WorkspaceWalk&) = delete;

  /// Never fails: what goes wrong is the result, stored with the partition.
  Task<WalkResult> run();

 private:
  Task<Result<bitbucket::ParsedPage>> fetch_list(std::string target);
  std::string ask_for_less(std::string_view target, const Error& error);
  Task<Result<void>> list();
  void add_unlisted();
  void note_refusal(const bitbucket::Partition& workspace, Error error);
  std::vector<std::string> out_of_sight() const;
  std::vector<std::string> deselected() const;
  Task<Result<void>> fetch(const bitbucket::Partition& workspace, bool last);
  Task<Result<void>> fetch_all();
  Task<WalkResult> conclude(Result<void> walked);

  SyncContext& context_;
  Session& session_;
  const WalkTask task_;
  WalkIdentity identity_;
  Timestamp begun_{};
  std::string done_;  ///< uuid of the last workspace stored
  const std::vector<bitbucket::Partition> known_;
  std::vector<bitbucket::Partition> visible_;  ///< listed, or to be asked for all the same
  std::vector<bitbucket::Partition> lost_;     ///< stored, but neither listed nor readable
  std::set<std::string> unlisted_;  ///< of these: uuids of those that the list is silent about
  std::vector<bitbucket::Partition> covered_;  ///< in the order of their uuids
  std::optional<Error> refusal_;               ///< of a workspace that is listed all the same
  std::int64_t refusals_ = 0;
  Malformed malformed_;         ///< entries of the list that name no workspace
  bool short_of_rows_ = false;  ///< the list ended before the `size` that it told
  std::optional<PageStored> last_;
};

}  // namespace evidenced::connector
