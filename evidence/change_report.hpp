#pragma once

#include "evidence/content.hpp"
#include "evidence/merged_change.hpp"
#include "storage/change_store.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace evidenced::evidence {

/// Which merged changes are wanted.
struct ChangeQuestion {
  storage::MergedFilter filter;
  std::vector<std::string> branches;  ///< of the destination; empty: all
  std::vector<std::string> authors;   ///< {uuid} or account id
  std::vector<std::string> mergers;
  Findings findings;  ///< at least one of them; none: all changes
  std::string title;  ///< contained in the title, without regard to case
  /// How long before a source was registered a merge may be for its builds to be asked for.
  std::chrono::hours builds_before{0};

  /// Whether every merged pull request of `filter` is wanted.
  bool takes_all() const;
};

struct ReportedChange {
  storage::Artifact artifact;  ///< the pull request; without its content
  MergedChange change;
  Judgement judgement;
};

/// How much may be done for one answer.
struct Effort {
  std::int64_t rows = std::numeric_limits<std::int64_t>::max();  ///< pull requests looked at
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
};

/// Reads changes, the newest merge first, batch by batch, each in a transaction of its own.
class ChangeReader {
 public:
  ChangeReader(storage::TenantScope tenant, ChangeQuestion question);

  /// At most `limit` changes. Where the effort is spent it stops, wherever it is, but for the first
  /// pull request, which is always looked at. Throws Fault.
  struct Batch {
    std::vector<ReportedChange> changes;
    storage::MergedPosition position;  ///< behind the last one
    std::int64_t scanned = 0;
    bool last = false;  ///< nothing follows
  };
  Batch read(storage::Connection& connection, int limit, const Effort& effort);

 private:
  /// How far the lists of a repository were read; nullopt: they cannot be.
  struct Reach {
    std::optional<Timestamp> activity;
    std::optional<Timestamp> builds;
  };

  std::optional<ReportedChange> report(storage::Connection& connection, storage::MergedRow row);
  bool is_wanted(const MergedChange& change) const;
  bool is_wanted(const Judgement& judgement) const;
  void add_activity(storage::Connection& connection, const storage::Artifact& artifact,
                    MergedChange& change);
  void add_checks(storage::Connection& connection, const storage::Artifact& artifact,
                  MergedChange& change);
  const Reach& reach_of(storage::Connection& connection, const storage::Artifact& artifact);
  Timestamp registered_at(storage::Connection& connection, const std::string& source_id);

  storage::TenantScope tenant_;
  ChangeQuestion question_;
  ContentReader contents_;
  std::map<std::pair<std::string, std::string>, Reach> reaches_;  // by source and repository
  std::map<std::string, Timestamp> registered_;                   // by source
};

}  // namespace evidenced::evidence
