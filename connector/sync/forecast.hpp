#pragma once

#include "connector/bitbucket/streams.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace evidenced::connector {

/// What the first walk of a partition will take of which nothing is known yet, by what the walks of
/// other ones took. Most lists are a page long. Those that grow with the work in a repository (what
/// happened to its pull requests, pipelines, deployments, commits) have further pages in proportion
/// to its pull requests: at first in the one that is usual, then more and more in the one that was
/// met. Pure; of one sync.
class Forecast {
 public:
  /// Bitbucket says how many pull requests a repository has.
  void tell(std::string_view repository, std::int64_t pull_requests);

  /// The walk of a partition takes so many requests in all; said again when it is known better.
  void learn(const bitbucket::Stream& stream, std::string_view partition, std::int64_t requests);

  /// What that of another one will take.
  std::int64_t requests(const bitbucket::Stream& stream, std::string_view partition) const;

 private:
  struct Learnt {
    std::map<std::string, std::int64_t, std::less<>> walks;  ///< requests after the first ones
    std::int64_t further = 0;                                ///< their sum
    double pull_requests = 0;                                ///< of their repositories
  };

  double pull_requests_of(std::string_view repository) const;

  std::map<std::string_view, Learnt> streams_;
  std::map<std::string, std::int64_t, std::less<>> sizes_;
  std::int64_t all_sizes_ = 0;
};

/// How often a look at the pull requests of a repository finds that something changed, as it was
/// for one source lately: at first once in three days. Pure.
class Unrest {
 public:
  /// A look that came so long after the one before.
  void look(std::chrono::seconds after, bool changed);

  /// How likely the next one finds something.
  double chance(std::chrono::seconds after) const;

 private:
  double days_ = 30;
  double changes_ = 10;
};

}  // namespace evidenced::connector
