#pragma once

#include "storage/connection.hpp"
#include "storage/nouns.hpp"
#include "tests/deterministic/network.hpp"
#include "tests/deterministic/trace.hpp"
#include "tests/simulator/collected.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace evidenced::deterministic {

/// Compares what syncs say of themselves with what there was to collect: none has succeeded and
/// misses, or has older, what was there, unchanged, from its start to its end (I7), and none
/// removed what exists. What changes during a sync may move to a page that was read already: the
/// next one asks for it.
class SyncWatch {
 public:
  struct Parts {
    simulator::Simulator& bitbucket;
    const simulator::Token& token;
    const Network& network;
    Trace& trace;
  };
  explicit SyncWatch(Parts parts) : parts_(parts) {}

  /// After each write.
  void look(storage::Connection& connection);

  std::uint64_t finished() const { return finished_; }
  std::uint64_t succeeded() const { return succeeded_; }

 private:
  using Names = simulator::Collection;

  std::shared_ptr<const Names> existing();
  void finish(storage::Connection& connection, const storage::Sync& sync, const Names& at_start);
  void check_nothing_missed(storage::Connection& connection, const storage::Sync& sync,
                            const Names& at_start);
  void check_nothing_removed(storage::Connection& connection, const storage::Sync& sync);

  Parts parts_;
  std::map<std::string, std::shared_ptr<const Names>> running_;  ///< what existed at the start
  /// What existed when the last syncs of a source began and ended.
  std::map<std::string, std::deque<std::shared_ptr<const Names>>> moments_;
  std::shared_ptr<const Names> existing_;
  std::uint64_t existing_after_ = 0;
  std::uint64_t finished_ = 0;
  std::uint64_t succeeded_ = 0;
};

}  // namespace evidenced::deterministic
