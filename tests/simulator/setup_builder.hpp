#pragma once

#include "tests/simulator/world.hpp"

namespace evidenced::simulator {

/// Gives a world its configuration: reviewers, hooks, keys, environments, variables, runners.
/// Throws dice of its own, so that the pull requests of a seed do not depend on it.
class SetupBuilder {
 public:
  explicit SetupBuilder(World& world) : world_(world), dice_(world.more_dice_) {}

  void build();
  /// A repository that was created after the world was built.
  void set_up(Repository& repository, PipelinesState pipelines);

  Hook hook(Micros created);
  Variable variable(bool secured);
  DeployKey deploy_key(Micros created);

 private:
  void workspace(Workspace& workspace);
  void project(const Workspace& workspace, Project& project);
  void delivery(Repository& repository);
  Runner runner(Micros created);
  std::size_t person(const Workspace& workspace);
  std::vector<std::size_t> reviewers(const Workspace& workspace);
  Micros past(Micros since);

  World& world_;
  Dice& dice_;
  bool first_ = false;  ///< the busiest repository has some of everything
};

}  // namespace evidenced::simulator
