#pragma once

#include "storage/collection_store.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace evidenced::storage {

struct Location {
  std::string workspace;
  std::string project;
  std::string repository;
};

/// What is stored under a draft's identity, and how the draft differs.
struct Stored {
  std::int64_t num = 0;
  std::int64_t revision = 0;
  std::int64_t checkpoint_num = 0;
  bool removed = false;
  bool same_digest = false;
  Timestamp first_observed_at{};
  bool moved = false;     ///< location, title, state, time or partition
  Location old_location;  ///< filled in when it moved
  std::string old_state;  ///< likewise
};

/// Looks up the rows of a page's drafts, one after the other. Lists mostly come in the order in
/// which they came the first time: when two neighbours turn out to be neighbours in the table, the
/// next rows are read in one go, which costs a fifth of finding each by its key.
class StoredRows {
 public:
  StoredRows(Connection& connection, const PageCommit& page, std::int64_t checkpoint_num)
      : connection_(connection), page_(page), checkpoint_num_(checkpoint_num) {}

  /// The row of draft `index`; none when it is new. Indexes rise from call to call.
  std::optional<Stored> find(std::size_t index);

  /// Rows other than those of the drafts found so far have changed: what was read ahead is void.
  void forget() { ahead_.clear(); }

 private:
  std::optional<Stored> find_by_key(const ArtifactDraft& draft);
  void read_ahead(std::size_t index, std::int64_t num);
  Stored compare(const Row& row, const ArtifactDraft& draft) const;

  Connection& connection_;
  const PageCommit& page_;
  std::int64_t checkpoint_num_;
  std::int64_t last_num_ = 0;  ///< of the row found last
  std::size_t reach_ = 32;     ///< rows to read ahead next time
  std::size_t ahead_from_ = 0;
  std::vector<Stored> ahead_;  ///< rows of the drafts from `ahead_from_` on
};

}  // namespace evidenced::storage
