#include "storage/change_log.hpp"
#include "storage/checkpoint_row.hpp"
#include "storage/columns.hpp"
#include "storage/id.hpp"
#include "storage/seen_marks.hpp"
#include "storage/stored_rows.hpp"

#include <algorithm>
#include <ranges>

namespace evidenced::storage {

namespace {

/// What a rename takes along. What hangs on a repository is told by its partition ($4), so names
/// that two repositories swapped are no trouble.
struct Cascade {
  std::string_view kind;
  std::string Location::* name;
  std::string_view sql;
};

const Cascade cascades[] = {
    {"workspace", &Location::workspace,
     "SELECT num, workspace, project, repository, kind, state, removed_at FROM artifacts"
     " WHERE tenant_id = $1 AND source_id = $2 AND workspace = $3 AND workspace = $4"},
    {"project", &Location::project,
     "SELECT num, workspace, project, repository, kind, state, removed_at FROM artifacts"
     " WHERE tenant_id = $1 AND source_id = $2 AND project = $3 AND workspace = $4"},
    {"repository", &Location::repository,
     "SELECT num, workspace, project, repository, kind, state, removed_at FROM artifacts"
     " WHERE tenant_id = $1 AND source_id = $2 AND repository = $3 AND checkpoint_num IN"
     "   (SELECT num FROM checkpoints WHERE source_id = $2 AND part = $4)"},
};

CountKey key_of(const ArtifactDraft& draft) {
  return {draft.kind, draft.workspace, draft.project, draft.repository, draft.state};
}

CountKey old_key_of(const ArtifactDraft& draft, const Stored& stored) {
  const Location& old = stored.old_location;
  return {draft.kind, old.workspace, old.project, old.repository, stored.old_state};
}

/// Something that hangs on what was renamed.
struct Child {
  std::int64_t num = 0;
  bool removed = false;
  CountKey old_key;
  CountKey key;
};

class PageWriter {
 public:
  PageWriter(Connection& connection, const TenantScope& tenant, const PageCommit& page,
             const CheckpointRow& row, Random& random)
      : connection_(connection),
        page_(page),
        checkpoint_num_(row.num),
        complete_at_(row.checkpoint.observed_at),
        random_(random),
        changes_(connection, tenant, page.key.source_id, page.sync_id, page.now),
        rows_(connection, page, row.num),
        marks_(connection, row.num, page.walk) {}

  PageResult store();  ///< the whole page; call once

 private:
  void store(std::size_t index);
  void mark(const Stored& stored, bool changed);
  void create(const ArtifactDraft& draft);
  void revise(const ArtifactDraft& draft, const Stored& stored);
  void move(const ArtifactDraft& draft, const Stored& stored);
  void count_move(const ArtifactDraft& draft, const Stored& stored);
  void move_children(const ArtifactDraft& draft, const Location& old);
  void move_child(const Child& child);
  std::string next_id();

  Connection& connection_;
  const PageCommit& page_;
  std::int64_t checkpoint_num_;
  std::optional<Timestamp> complete_at_;  // end of the last complete walk
  Random& random_;
  std::optional<IdSequence> ids_;  // made for the first new artifact
  ChangeLog changes_;
  StoredRows rows_;
  SeenMarks marks_;
  std::int64_t renewed_later_ = 0;
  PageResult result_;
};

PageResult PageWriter::store() {
  for (std::size_t i = 0; i < page_.artifacts.size(); ++i) store(i);
  std::int64_t first_seen = marks_.finish();
  result_.unchanged += first_seen;
  result_.repeated += renewed_later_ - first_seen;
  changes_.finish();
  return result_;
}

void PageWriter::store(std::size_t index) {
  const ArtifactDraft& draft = page_.artifacts[index];
  std::optional<Stored> stored = rows_.find(index);
  const bool known =
      stored && !stored->removed && complete_at_ && stored->first_observed_at <= *complete_at_;
  result_.known_tail = known ? result_.known_tail + 1 : 0;
  if (!stored) {
    create(draft);
    return;
  }
  bool changed = !stored->same_digest || stored->removed;
  mark(*stored, changed);
  if (changed) {
    revise(draft, *stored);
  } else if (stored->moved) {
    move(draft, *stored);
  }
  if (stored->moved && is_parent_kind(draft.kind)) move_children(draft, stored->old_location);
}

void PageWriter::mark(const Stored& stored, bool changed) {
  bool marked_here = !stored.removed && stored.checkpoint_num == checkpoint_num_;
  if (marked_here && !changed) {
    marks_.renew_later(stored.num);
    ++renewed_later_;
  } else if (marked_here) {
    if (!marks_.renew(stored.num)) ++result_.repeated;
  } else {
    if (!stored.removed) marks_.remove(stored.checkpoint_num, stored.num);
    marks_.insert(stored.num);
    if (!changed) ++result_.unchanged;
  }
}

void PageWriter::create(const ArtifactDraft& draft) {
  std::int64_t seq = changes_.next_seq();
  std::string id = next_id();
  std::int64_t num = connection_.insert(
      "INSERT INTO artifacts (tenant_id, id, source_id, kind, upstream_id, checkpoint_num,"
      "   workspace, project, repository, title, revision, digest, seq, observed_at,"
      "   first_observed_at, removed_reason, sync_id, state, dated_at, commit_hash)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $13, $13, '', $14, $15, $16,"
      "   $17)",
      {changes_.tenant().id(), id, page_.key.source_id, draft.kind, draft.upstream_id,
       checkpoint_num_, draft.workspace, draft.project, draft.repository, draft.title,
       to_value(draft.digest), seq, to_value(page_.now), page_.sync_id, draft.state,
       to_value(draft.dated_at), draft.commit_hash});
  changes_.append({.artifact_num = num, .number = 1, .change = "created", .seq = seq},
                  draft.content, sha256(draft.content));
  changes_.count(key_of(draft), 1);
  marks_.insert(num);
  ++result_.created;
}

// Ids rise with the numbers of the rows, whatever the clock does: lists walk indexes of numbers.
std::string PageWriter::next_id() {
  if (!ids_) {
    std::string last;
    connection_.query("SELECT max(id) FROM artifacts WHERE tenant_id = $1",
                      {changes_.tenant().id()}, [&](const Row& row) { last = row.text(0); });
    ids_.emplace("art", page_.now, last, random_);
  }
  return ids_->next();
}

void PageWriter::revise(const ArtifactDraft& draft, const Stored& stored) {
  ChangeLog::NewRevision revision{.artifact_num = stored.num,
                                  .number = stored.revision + 1,
                                  .change = stored.removed ? "restored" : "revised",
                                  .seq = changes_.next_seq()};
  connection_.execute(
      "UPDATE artifacts SET checkpoint_num = $2, workspace = $3, project = $4, repository = $5,"
      "   title = $6, revision = $7, digest = $8, seq = $9, observed_at = $10, removed_at = NULL,"
      "   removed_reason = '', sync_id = $11, state = $12, dated_at = $13, commit_hash = $14"
      " WHERE num = $1",
      {stored.num, checkpoint_num_, draft.workspace, draft.project, draft.repository, draft.title,
       revision.number, to_value(draft.digest), revision.seq, to_value(page_.now), page_.sync_id,
       draft.state, to_value(draft.dated_at), draft.commit_hash});
  if (stored.same_digest) {
    changes_.append_unchanged(revision);
  } else {
    changes_.append(revision, draft.content, sha256(draft.content));
  }
  count_move(draft, stored);
  ++result_.revised;
}

void PageWriter::move(const ArtifactDraft& draft, const Stored& stored) {
  connection_.execute(
      "UPDATE artifacts SET checkpoint_num = $2, workspace = $3, project = $4, repository = $5,"
      "   title = $6, seq = $7, state = $8, dated_at = $9"
      " WHERE num = $1",
      {stored.num, checkpoint_num_, draft.workspace, draft.project, draft.repository, draft.title,
       changes_.next_seq(), draft.state, to_value(draft.dated_at)});
  count_move(draft, stored);
}

/// It counts under what it is now, and no more under what it was.
void PageWriter::count_move(const ArtifactDraft& draft, const Stored& stored) {
  if (!stored.removed && !stored.moved) return;
  if (!stored.removed) changes_.count(old_key_of(draft, stored), -1);
  changes_.count(key_of(draft), 1);
}

void PageWriter::move_children(const ArtifactDraft& draft, const Location& old) {
  rows_.forget();
  const Cascade* cascade = std::ranges::find(cascades, draft.kind, &Cascade::kind);
  const std::string& old_name = old.*cascade->name;
  if (old_name.empty()) return;
  const std::string& qualifier = draft.kind == "repository" ? draft.upstream_id : old.workspace;
  std::vector<Child> children;
  connection_.query(
      cascade->sql, {changes_.tenant().id(), page_.key.source_id, old_name, qualifier},
      [&](const Row& row) {
        ColumnReader column(row);
        Child child;
        child.num = column.integer();
        child.old_key.workspace = column.text();
        child.old_key.project = column.text();
        child.old_key.repository = column.text();
        child.old_key.kind = column.text();
        child.old_key.state = column.text();
        child.removed = column.optional_integer().has_value();
        child.key = child.old_key;
        child.key.workspace = draft.workspace;
        if (draft.kind != "workspace") child.key.project = draft.project;
        if (draft.kind == "repository") child.key.repository = draft.repository;
        if (draft.kind == "workspace" && child.key.repository.starts_with(old_name + '/')) {
          child.key.repository.replace(0, old_name.size(), draft.workspace);
        }
        children.push_back(std::move(child));
      });
  for (const Child& child : children) move_child(child);
}

void PageWriter::move_child(const Child& child) {
  const CountKey& key = child.key;
  connection_.execute(
      "UPDATE artifacts SET workspace = $2, project = $3, repository = $4, seq = $5"
      " WHERE num = $1",
      {child.num, key.workspace, key.project, key.repository, changes_.next_seq()});
  if (child.removed) return;
  changes_.count(child.old_key, -1);
  changes_.count(key, 1);
}

/// The rows of a page that are not the same as ones before them.
std::int64_t count_rows(const PageCommit& page, const PageResult& result) {
  const std::int64_t moved = std::min(result.repeated, page.moved.value_or(result.repeated));
  return static_cast<std::int64_t>(page.artifacts.size()) - moved;
}

}  // namespace

PageResult commit_page(Connection& connection, const TenantScope& tenant, const PageCommit& page,
                       Random& random) {
  CheckpointRow row = running_row(connection, page.key, page.walk);
  PageResult result = PageWriter(connection, tenant, page, row, random).store();
  const std::int64_t rows = count_rows(page, result);
  connection.execute(
      "UPDATE checkpoints SET next_position = $2, pages = pages + 1, rows_seen = rows_seen + $3,"
      "   expected_rows = coalesce($4, expected_rows), sync_id = $5,"
      "   next_watermark = coalesce($6, next_watermark)"
      " WHERE num = $1",
      {row.num, page.position, rows, to_value(page.size), page.sync_id,
       to_value(page.next_watermark)});
  return result;
}

}  // namespace evidenced::storage
