#pragma once

#include "tests/simulator/world.hpp"

namespace evidenced::simulator {

/// Writes down what happens in one repository: commits, activity, pipelines, deployments. Times
/// never fall.
class HistoryWriter {
 public:
  HistoryWriter(Repository& repository, Dice& dice) : repository_(repository), dice_(dice) {}

  /// The first commit of a repository with a main branch.
  void begin(std::size_t person, Micros time);
  /// The pull request was opened with a first commit `hash`.
  void opened(PullRequest& pull_request, const std::string& hash, Micros time);
  void pushed(PullRequest& pull_request, const std::string& hash, std::size_t person, Micros time);
  void closed(PullRequest& pull_request, std::size_t person, Micros time);
  void comment(PullRequest& pull_request, std::size_t person, Micros time);
  /// A push to the main branch that belongs to no pull request.
  void direct_push(std::size_t person, Micros time);

  void run(PipelineTrigger trigger, const std::string& branch, const std::string& hash,
           std::size_t person, Micros time);
  /// Finishes what is due, and deploys what succeeded on the main branch.
  void settle(Micros now);
  /// Runs the oldest manual deployment that waits; false when none does.
  bool deploy(std::size_t person, Micros now);

  bool builds = true;   ///< whether pushes start pipelines, if the repository has any
  bool deploys = true;  ///< whether finished pipelines start deployments

 private:
  int add(Commit commit);
  int head(const std::string& branch) const;
  void finish(std::size_t pipeline, Micros now);

  Repository& repository_;
  Dice& dice_;
};

/// "Merged in feature/x (pull request #7)…": the message of a merge.
std::string merge_message(const PullRequest& pull_request);

}  // namespace evidenced::simulator
