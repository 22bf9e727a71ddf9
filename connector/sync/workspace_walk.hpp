#pragma once

#include "connector/sync/walk.hpp"

#include <optional>
#include <string>
#include <vector>

namespace evidenced::connector {

/// Whether a source covers a workspace: all, or its slug (in any case) or {uuid} is named.
bool covers(const storage::WorkspaceSelection& selection, const bitbucket::Partition& workspace);

/// The named workspaces that are not among those visible.
std::vector<std::string> not_visible(const storage::WorkspaceSelection& selection,
                                     const std::vector<bitbucket::Partition>& visible);

/// Walks the stream `workspace`: the list of visible ones, then each that the source covers. An
/// account that sees none (credential.reach_empty), or not all that were named
/// (workspace.not_visible), is a failure, never an empty list; what is visible is stored all the
/// same. Resumes behind the last workspace stored; the list is asked for again.
class WorkspaceWalk {
 public:
  WorkspaceWalk(SyncContext& context, Session& session, WalkTask task);
  WorkspaceWalk(const WorkspaceWalk&) = delete;
  WorkspaceWalk& operator=(const WorkspaceWalk&) = delete;

  /// Never fails: what goes wrong is the result, stored with the partition.
  Task<WalkResult> run();

 private:
  Task<Result<void>> list();
  Task<Result<void>> fetch(const bitbucket::Partition& workspace, bool last);
  Task<Result<void>> fetch_all();
  Task<WalkResult> conclude(Result<void> walked);

  SyncContext& context_;
  Session& session_;
  const WalkTask task_;
  WalkIdentity identity_;
  std::string done_;  ///< uuid of the last workspace stored
  std::vector<bitbucket::Partition> visible_;
  std::vector<bitbucket::Partition> covered_;  ///< in the order of their uuids
  std::optional<Error> refusal_;               ///< of a workspace that is listed all the same
  std::int64_t refusals_ = 0;
  Malformed malformed_;  ///< entries of the list that name no workspace
  std::optional<PageStored> last_;
};

}  // namespace evidenced::connector
