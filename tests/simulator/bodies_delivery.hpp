#pragma once

#include "tests/simulator/bodies.hpp"

namespace evidenced::simulator {

/// The JSON of what happens in a repository: activity, commits, builds, deployments.
class DeliveryBodies {
 public:
  DeliveryBodies(const World& world, const Bodies& bodies) : world_(world), bodies_(bodies) {}

  json::value activity(const Workspace& workspace, const Repository& repository,
                       const PullRequest& pull_request, const Event& event) const;
  json::value commit(const Workspace& workspace, const Repository& repository,
                     std::size_t index) const;
  json::value pipeline(const Workspace& workspace, const Repository& repository,
                       std::size_t index) const;
  json::value deployment(const Workspace& workspace, const Repository& repository,
                         std::size_t index) const;
  /// Build statuses of a commit: of its pipelines, or of a build server elsewhere.
  std::deque<json::value> statuses(const Workspace& workspace, const Repository& repository,
                                   std::size_t index) const;
  /// What a merge would demand now; `enforced`: the plan makes merge checks block.
  json::array merge_checks(const Repository& repository, const PullRequest& pull_request,
                           bool enforced) const;

 private:
  json::value update(const Workspace& workspace, const Repository& repository,
                     const PullRequest& pull_request, const Event& event) const;

  const World& world_;
  const Bodies& bodies_;
};

/// An event and the pull request that it belongs to.
struct Happened {
  const PullRequest* pull_request = nullptr;
  const Event* event = nullptr;
};

/// The activity of a repository, newest first; of one pull request when it is given.
std::vector<Happened> activity_of(const Repository& repository, const PullRequest* only = nullptr);

/// Indexes of what is reachable from any of `tips`, newest first, without what is reachable from
/// `without`.
std::vector<std::size_t> reachable(const History& history, const std::vector<int>& tips,
                                   const std::vector<int>& without = {});

/// The commit that a branch, a hash or the beginning of one (7 characters) names; -1: none.
int find_commit(const Repository& repository, std::string_view name);

/// A uuid in braces that follows from another one and a number.
std::string derived_uuid(std::string_view uuid, std::size_t number, std::string_view kind);
std::string pipeline_uuid(const Repository& repository, std::size_t index);
std::string deployment_uuid(const Repository& repository, std::size_t index);

}  // namespace evidenced::simulator
