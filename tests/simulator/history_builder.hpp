#pragma once

#include "tests/simulator/history_writer.hpp"

#include <functional>
#include <utility>
#include <vector>

namespace evidenced::simulator {

/// Gives the repositories of a new world the history that their pull requests imply. Throws dice of
/// its own.
class HistoryBuilder {
 public:
  explicit HistoryBuilder(World& world) : world_(world), dice_(world.more_dice_) {}

  void build();

 private:
  using Happening = std::pair<Micros, std::function<void(HistoryWriter&)>>;

  void fill(Repository& repository);
  void review(PullRequest& pull_request, std::vector<Happening>& happenings);
  void pipelines(Repository& repository, std::vector<Happening>& happenings);
  void deployments(Repository& repository);
  /// The repository's part of what the whole world shall have, by its pull requests.
  std::size_t share(const Repository& repository, std::size_t wanted, bool with_pipelines) const;
  /// Whether one more entry fits that nothing implies; takes it.
  bool spare();
  Micros between(Micros from, Micros to);

  World& world_;
  Dice& dice_;
  std::size_t spare_ = 0;
  std::size_t runs_ = 0;  ///< pipelines that the pushes to the repository start
};

}  // namespace evidenced::simulator
