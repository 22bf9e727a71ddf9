#pragma once

#include "tests/simulator/bodies.hpp"
#include "tests/simulator/switches.hpp"

#include <utility>

namespace evidenced::simulator {

/// The JSON of how repositories, projects and workspaces are set up. Nothing is kept: these lists
/// are short.
class SetupBodies {
 public:
  explicit SetupBodies(const Bodies& bodies) : bodies_(bodies) {}

  /// An entry of …/permissions/repositories.
  json::value access(const Workspace& workspace, const Repository& repository, std::size_t person,
                     std::string_view permission) const;
  /// `from`: "repository" or "project".
  json::value default_reviewer(std::size_t person, std::string_view from) const;
  /// `effective`: of a repository with what it inherits.
  json::value branching_model(const Workspace& workspace, const Repository& repository,
                              bool effective) const;
  json::value branch(const Workspace& workspace, const Repository& repository,
                     std::string_view name) const;
  json::value environment(const Environment& environment, Plan plan) const;
  json::value pipelines_config(const Workspace& workspace, const Repository& repository) const;
  json::value variable(const Variable& variable) const;
  json::value schedule(const Schedule& schedule) const;
  json::value runner(const Runner& runner) const;
  json::value deploy_key(const Workspace& workspace, const Repository& repository,
                         const DeployKey& key) const;
  json::value project_deploy_key(const Workspace& workspace, const Project& project,
                                 const DeployKey& key) const;
  json::value hook(const Workspace& workspace, const Repository& repository,
                   const Hook& hook) const;
  json::value workspace_hook(const Workspace& workspace, const Hook& hook) const;

 private:
  const Bodies& bodies_;
};

/// The branches of a repository that exist, in their order: the main one, those of open pull
/// requests.
std::vector<std::string> branches_of(const Repository& repository);

/// The default reviewers of a repository and those that it inherits, each with where it comes from:
/// "repository" or "project".
std::vector<std::pair<std::size_t, std::string_view>> effective_reviewers(
    const Project& project, const Repository& repository);

/// One person's highest permission on one repository, by whatever way it came.
struct Access {
  const Repository* repository = nullptr;
  std::size_t person = 0;
  std::string_view permission;  ///< read, write or admin
};

/// Who may do what on a repository: owners, grants to people and to groups, grants on its project.
/// By the order of the workspace's members.
std::vector<Access> effective_access(const Workspace& workspace, const Repository& repository);

}  // namespace evidenced::simulator
