#include "storage/change_log.hpp"

#include "storage/columns.hpp"

#include <algorithm>

namespace evidenced::storage {

bool is_parent_kind(std::string_view kind) {
  return kind == "workspace" || kind == "project" || kind == "repository";
}

ChangeLog::ChangeLog(Connection& connection, const TenantScope& tenant, std::string source_id,
                     std::string sync_id, Timestamp now)
    : connection_(connection),
      tenant_(tenant),
      source_id_(std::move(source_id)),
      sync_id_(std::move(sync_id)),
      now_(now) {
  connection_.query(
      "SELECT last_seq, at FROM feed_marks WHERE tenant_id = $1 ORDER BY first_seq DESC LIMIT 1",
      {tenant_.id()}, [&](const Row& row) {
        first_seq_ = row.integer(0);
        last_mark_ = to_time(row.integer(1));
      });
  last_seq_ = first_seq_;
}

void ChangeLog::append(const NewRevision& revision, std::string_view content,
                       const Digest& sha256) {
  connection_.execute(
      "INSERT INTO revisions (artifact_num, number, change, observed_at, sync_id, seq,"
      "   content_sha256, content)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {revision.artifact_num, revision.number, revision.change, to_value(now_), sync_id_,
       revision.seq, to_value(sha256), content});
}

void ChangeLog::append_unchanged(const NewRevision& revision) {
  connection_.execute(
      "INSERT INTO revisions (artifact_num, number, change, observed_at, sync_id, seq,"
      "   content_sha256, content_num)"
      " SELECT artifact_num, $2, $3, $4, $5, $6, content_sha256, coalesce(content_num, num)"
      " FROM revisions WHERE artifact_num = $1 AND number = $2 - 1",
      {revision.artifact_num, revision.number, revision.change, to_value(now_), sync_id_,
       revision.seq});
}

std::int64_t ChangeLog::remove(std::int64_t artifact_num, std::string_view reason) {
  CountKey key;
  std::string upstream_id;
  std::int64_t revision = 0;
  std::int64_t seq = next_seq();
  connection_.query(
      "UPDATE artifacts SET revision = revision + 1, seq = $2, observed_at = $3, removed_at = $3,"
      "   removed_reason = $4, sync_id = $5"
      " WHERE num = $1 RETURNING kind, workspace, project, repository, state, upstream_id,"
      "   revision",
      {artifact_num, seq, to_value(now_), reason, sync_id_}, [&](const Row& row) {
        ColumnReader column(row);
        key.kind = column.text();
        key.workspace = column.text();
        key.project = column.text();
        key.repository = column.text();
        key.state = column.text();
        upstream_id = column.text();
        revision = column.integer();
      });
  append_unchanged(
      {.artifact_num = artifact_num, .number = revision, .change = "removed", .seq = seq});
  connection_.execute(
      "DELETE FROM seen_marks WHERE artifact_num = $1 AND checkpoint_num ="
      "   (SELECT checkpoint_num FROM artifacts WHERE num = $1)",
      {artifact_num});
  const bool is_parent = is_parent_kind(key.kind);
  count(std::move(key), -1);
  return 1 + (is_parent ? remove_children(upstream_id) : 0);
}

std::int64_t ChangeLog::remove_children(const std::string& parent_uuid) {
  std::vector<std::int64_t> children;
  connection_.query(
      "SELECT m.artifact_num FROM checkpoints c JOIN seen_marks m ON m.checkpoint_num = c.num"
      " WHERE c.source_id = $1 AND c.part = $2",
      {source_id_, parent_uuid}, [&](const Row& row) { children.push_back(row.integer(0)); });
  std::int64_t removed = 0;
  for (std::int64_t child : children) removed += remove(child, "parent_removed");
  connection_.execute(
      "UPDATE checkpoints SET running = 0, next_position = '', watermark = '', complete_at = NULL,"
      "   error = ''"
      " WHERE source_id = $1 AND part = $2",
      {source_id_, parent_uuid});
  return removed;
}

void ChangeLog::write_counts() {
  for (const auto& [key, difference] : counts_) {
    if (difference == 0) continue;
    connection_.execute(
        "INSERT INTO artifact_counts (tenant_id, source_id, kind, workspace, project, repository,"
        "   state, live)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (tenant_id, source_id, kind, workspace, project, repository, state)"
        " DO UPDATE SET live = artifact_counts.live + excluded.live",
        {tenant_.id(), source_id_, key.kind, key.workspace, key.project, key.repository, key.state,
         difference});
    if (difference > 0) continue;
    connection_.execute(
        "DELETE FROM artifact_counts WHERE tenant_id = $1 AND source_id = $2 AND kind = $3"
        "   AND workspace = $4 AND project = $5 AND repository = $6 AND state = $7 AND live = 0",
        {tenant_.id(), source_id_, key.kind, key.workspace, key.project, key.repository,
         key.state});
  }
}

void ChangeLog::finish() {
  write_counts();
  if (last_seq_ == first_seq_) return;
  // The times of marks never fall, so a clock that was set back hides no change from those who ask
  // for what changed since a moment.
  connection_.execute(
      "INSERT INTO feed_marks (tenant_id, first_seq, last_seq, at) VALUES ($1, $2, $3, $4)",
      {tenant_.id(), first_seq_ + 1, last_seq_, to_value(std::max(now_, last_mark_))});
}

}  // namespace evidenced::storage
