#pragma once

#include "tests/simulator/stamp.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace evidenced::simulator {

/// One entry of the activity of a pull request. It has no id, as on the real service.
struct Event {
  enum class Kind { update, approval, changes_requested, comment };
  Kind kind = Kind::update;
  std::size_t person = 0;
  Micros time = 0;
  std::string state;    ///< of an update: OPEN, MERGED, DECLINED, SUPERSEDED
  std::string hash;     ///< of an update: the head of the source branch, 40 characters
  std::string changed;  ///< of an update: "", "title" or "source"
  std::string before;   ///< what was changed, before
  std::int64_t comment = 0;
};

struct Commit {
  std::string hash;  ///< 40 characters
  int parent = -1;   ///< index within the history; always older
  int other = -1;    ///< the second parent of a merge
  std::size_t author = 0;
  bool linked = true;             ///< the address belongs to an account
  std::int64_t pull_request = 0;  ///< that it came with; 0: pushed directly
  Micros date = 0;                ///< whole seconds
  std::string message;
};

enum class PipelineState { running, paused, halted, successful, failed, stopped };
enum class PipelineTrigger { push, schedule, manual };

/// Numbered from 1 by its place in the history.
struct Pipeline {
  PipelineTrigger trigger = PipelineTrigger::push;
  PipelineState state = PipelineState::running;
  PipelineState outcome = PipelineState::successful;  ///< what a running one ends with
  bool on_main = false;
  std::size_t creator = 0;
  std::string branch;
  std::string hash;
  Micros created_on = 0;
  Micros completed_on = 0;  ///< planned while it runs

  bool finished() const { return state >= PipelineState::successful; }
};

enum class DeploymentState { undeployed, in_progress, successful, failed };

/// Numbered from 1 by its place in the history.
struct Deployment {
  std::size_t pipeline = 0;     ///< index
  std::size_t environment = 0;  ///< index within the setup
  DeploymentState state = DeploymentState::undeployed;
  std::size_t deployer = 0;
  Micros started_on = 0;
  Micros completed_on = 0;
};

/// What happened in a repository beside its pull requests, oldest first.
struct History {
  std::deque<Commit> commits;
  std::deque<Pipeline> pipelines;
  std::deque<Deployment> deployments;
  std::map<std::string, int> heads;  ///< of the branches that pull requests go to
  std::vector<std::size_t> running;  ///< pipelines that are not finished
  std::int64_t comments = 0;
};

}  // namespace evidenced::simulator
