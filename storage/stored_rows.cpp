#include "storage/stored_rows.hpp"

#include "storage/columns.hpp"

#include <algorithm>

namespace evidenced::storage {

namespace {

constexpr std::size_t farthest_reach = 128;

}  // namespace

std::optional<Stored> StoredRows::find(std::size_t index) {
  bool ahead = index >= ahead_from_ && index - ahead_from_ < ahead_.size();
  if (ahead) {
    Stored& stored = ahead_[index - ahead_from_];
    last_num_ = stored.num;
    return std::move(stored);
  }
  std::optional<Stored> stored = find_by_key(page_.artifacts[index]);
  bool neighbour = stored && index > 0 && stored->num == last_num_ + 1;
  last_num_ = stored ? stored->num : 0;
  if (neighbour) read_ahead(index + 1, stored->num);
  return stored;
}

std::optional<Stored> StoredRows::find_by_key(const ArtifactDraft& draft) {
  std::optional<Stored> found;
  connection_.query(
      "SELECT num, revision, checkpoint_num, removed_at, digest, title, workspace, project,"
      "   repository, first_observed_at, state, dated_at"
      " FROM artifacts WHERE source_id = $1 AND kind = $2 AND upstream_id = $3",
      {page_.key.source_id, draft.kind, draft.upstream_id},
      [&](const Row& row) { found = compare(row, draft); });
  return found;
}

void StoredRows::read_ahead(std::size_t index, std::int64_t num) {
  ahead_.clear();
  ahead_from_ = index;
  std::size_t rows = std::min(reach_, page_.artifacts.size() - index);
  if (rows == 0) return;
  ahead_.reserve(rows);
  bool in_step = true;
  connection_.query(
      "SELECT num, revision, checkpoint_num, removed_at, digest, title, workspace, project,"
      "   repository, first_observed_at, state, dated_at, upstream_id, kind, source_id"
      " FROM artifacts WHERE num > $1 AND num <= $2 ORDER BY num",
      {num, num + static_cast<std::int64_t>(rows)}, [&](const Row& row) {
        if (!in_step) return;
        const ArtifactDraft& draft = page_.artifacts[index + ahead_.size()];
        in_step = row.text(12) == draft.upstream_id && row.text(13) == draft.kind &&
                  row.text(14) == page_.key.source_id;
        if (in_step) ahead_.push_back(compare(row, draft));
      });
  reach_ = ahead_.size() == rows ? std::min(reach_ * 2, farthest_reach) : reach_ / 2;
}

Stored StoredRows::compare(const Row& row, const ArtifactDraft& draft) const {
  Stored stored;
  stored.num = row.integer(0);
  stored.revision = row.integer(1);
  stored.checkpoint_num = row.integer(2);
  stored.removed = !row.is_null(3);
  stored.same_digest = std::ranges::equal(row.blob(4), std::as_bytes(std::span(draft.digest)));
  stored.first_observed_at = to_time(row.integer(9));
  std::optional<Timestamp> dated_at;
  if (!row.is_null(11)) dated_at = to_time(row.integer(11));
  stored.moved = stored.checkpoint_num != checkpoint_num_ || row.text(5) != draft.title ||
                 row.text(6) != draft.workspace || row.text(7) != draft.project ||
                 row.text(8) != draft.repository || row.text(10) != draft.state ||
                 dated_at != draft.dated_at;
  if (stored.moved) {
    stored.old_location = {.workspace = std::string(row.text(6)),
                           .project = std::string(row.text(7)),
                           .repository = std::string(row.text(8))};
    stored.old_state = row.text(10);
  }
  return stored;
}

}  // namespace evidenced::storage
