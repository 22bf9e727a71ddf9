#include "storage/change_log.hpp"
#include "storage/checkpoint_row.hpp"
#include "storage/columns.hpp"
#include "storage/id.hpp"

#include <algorithm>
#include <ranges>

namespace evidenced::storage {

namespace {

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
  bool moved = false;     ///< location, title or partition
  Location old_location;  ///< filled in when it moved
};

/// What a rename takes along. What hangs on a repository is told by its partition ($4), so names
/// that two repositories swapped are no trouble.
struct Cascade {
  std::string_view kind;
  std::string Location::* name;
  std::string_view sql;
};

const Cascade cascades[] = {
    {"workspace", &Location::workspace,
     "SELECT num, project, repository FROM artifacts"
     " WHERE tenant_id = $1 AND source_id = $2 AND workspace = $3 AND workspace = $4"},
    {"project", &Location::project,
     "SELECT num, project, repository FROM artifacts"
     " WHERE tenant_id = $1 AND source_id = $2 AND project = $3 AND workspace = $4"},
    {"repository", &Location::repository,
     "SELECT num, project, repository FROM artifacts"
     " WHERE tenant_id = $1 AND source_id = $2 AND repository = $3 AND checkpoint_num IN"
     "   (SELECT num FROM checkpoints WHERE source_id = $2 AND part = $4)"},
};

class PageWriter {
 public:
  PageWriter(Connection& connection, const TenantScope& tenant, const PageCommit& page,
             std::int64_t checkpoint_num, Random& random)
      : connection_(connection),
        page_(page),
        checkpoint_num_(checkpoint_num),
        random_(random),
        changes_(connection, tenant, page.key.source_id, page.sync_id, page.now) {}

  void store(const ArtifactDraft& draft);
  PageResult finish() {
    changes_.finish();
    return result_;
  }

 private:
  std::optional<Stored> find(const ArtifactDraft& draft);
  void create(const ArtifactDraft& draft);
  void revise(const ArtifactDraft& draft, const Stored& stored);
  void move(const ArtifactDraft& draft, const Stored& stored);
  void move_children(const ArtifactDraft& draft, const Location& old);
  std::string next_id();
  bool renew_mark(std::int64_t artifact_num);
  void replace_mark(const Stored& stored);
  void insert_mark(std::int64_t artifact_num);

  Connection& connection_;
  const PageCommit& page_;
  std::int64_t checkpoint_num_;
  Random& random_;
  std::optional<IdSequence> ids_;  // made for the first new artifact
  ChangeLog changes_;
  PageResult result_;
};

void PageWriter::store(const ArtifactDraft& draft) {
  std::optional<Stored> stored = find(draft);
  if (!stored) {
    create(draft);
    return;
  }
  bool marked_here = !stored->removed && stored->checkpoint_num == checkpoint_num_;
  bool repeated = marked_here && !renew_mark(stored->num);
  if (!marked_here) replace_mark(*stored);
  bool changed = !stored->same_digest || stored->removed;
  if (changed) {
    revise(draft, *stored);
  } else if (stored->moved) {
    move(draft, *stored);
  }
  if (stored->moved && is_parent_kind(draft.kind)) move_children(draft, stored->old_location);
  if (repeated) ++result_.repeated;
  if (!repeated && !changed) ++result_.unchanged;
}

std::optional<Stored> PageWriter::find(const ArtifactDraft& draft) {
  std::optional<Stored> found;
  connection_.query(
      "SELECT num, revision, checkpoint_num, removed_at, digest, title, workspace, project,"
      "   repository"
      " FROM artifacts WHERE source_id = $1 AND kind = $2 AND upstream_id = $3",
      {page_.key.source_id, draft.kind, draft.upstream_id}, [&](const Row& row) {
        Stored& stored = found.emplace();
        stored.num = row.integer(0);
        stored.revision = row.integer(1);
        stored.checkpoint_num = row.integer(2);
        stored.removed = !row.is_null(3);
        stored.same_digest =
            std::ranges::equal(row.blob(4), std::as_bytes(std::span(draft.digest)));
        stored.moved = stored.checkpoint_num != checkpoint_num_ || row.text(5) != draft.title ||
                       row.text(6) != draft.workspace || row.text(7) != draft.project ||
                       row.text(8) != draft.repository;
        if (!stored.moved) return;
        stored.old_location = {.workspace = std::string(row.text(6)),
                               .project = std::string(row.text(7)),
                               .repository = std::string(row.text(8))};
      });
  return found;
}

void PageWriter::create(const ArtifactDraft& draft) {
  std::int64_t seq = changes_.next_seq();
  std::string id = next_id();
  std::int64_t num = connection_.insert(
      "INSERT INTO artifacts (tenant_id, id, source_id, kind, upstream_id, checkpoint_num,"
      "   workspace, project, repository, title, revision, digest, seq, observed_at,"
      "   first_observed_at, removed_reason, sync_id)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $13, $13, '', $14)",
      {changes_.tenant().id(), id, page_.key.source_id, draft.kind, draft.upstream_id,
       checkpoint_num_, draft.workspace, draft.project, draft.repository, draft.title,
       to_value(draft.digest), seq, to_value(page_.now), page_.sync_id});
  changes_.append({.artifact_num = num, .number = 1, .change = "created", .seq = seq},
                  draft.content, sha256(draft.content));
  changes_.count(draft.kind, 1);
  insert_mark(num);
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
      "   removed_reason = '', sync_id = $11"
      " WHERE num = $1",
      {stored.num, checkpoint_num_, draft.workspace, draft.project, draft.repository, draft.title,
       revision.number, to_value(draft.digest), revision.seq, to_value(page_.now), page_.sync_id});
  if (stored.same_digest) {
    changes_.append_unchanged(revision);
  } else {
    changes_.append(revision, draft.content, sha256(draft.content));
  }
  if (stored.removed) changes_.count(draft.kind, 1);
  ++result_.revised;
}

void PageWriter::move(const ArtifactDraft& draft, const Stored& stored) {
  connection_.execute(
      "UPDATE artifacts SET checkpoint_num = $2, workspace = $3, project = $4, repository = $5,"
      "   title = $6, seq = $7"
      " WHERE num = $1",
      {stored.num, checkpoint_num_, draft.workspace, draft.project, draft.repository, draft.title,
       changes_.next_seq()});
}

void PageWriter::move_children(const ArtifactDraft& draft, const Location& old) {
  const Cascade* cascade = std::ranges::find(cascades, draft.kind, &Cascade::kind);
  const std::string& old_name = old.*cascade->name;
  if (old_name.empty()) return;
  const std::string& qualifier = draft.kind == "repository" ? draft.upstream_id : old.workspace;
  std::vector<std::pair<std::int64_t, Location>> children;
  connection_.query(
      cascade->sql, {changes_.tenant().id(), page_.key.source_id, old_name, qualifier},
      [&](const Row& row) {
        Location location{.workspace = draft.workspace,
                          .project = std::string(row.text(1)),
                          .repository = std::string(row.text(2))};
        if (draft.kind != "workspace") location.project = draft.project;
        if (draft.kind == "repository") location.repository = draft.repository;
        if (draft.kind == "workspace" && location.repository.starts_with(old_name + '/')) {
          location.repository.replace(0, old_name.size(), draft.workspace);
        }
        children.emplace_back(row.integer(0), std::move(location));
      });
  for (const auto& [num, location] : children) {
    connection_.execute(
        "UPDATE artifacts SET workspace = $2, project = $3, repository = $4, seq = $5"
        " WHERE num = $1",
        {num, location.workspace, location.project, location.repository, changes_.next_seq()});
  }
}

bool PageWriter::renew_mark(std::int64_t artifact_num) {
  return connection_.execute(
             "UPDATE seen_marks SET walk = $3"
             " WHERE checkpoint_num = $1 AND artifact_num = $2 AND walk <> $3",
             {checkpoint_num_, artifact_num, page_.walk}) == 1;
}

void PageWriter::replace_mark(const Stored& stored) {
  if (!stored.removed) {
    connection_.execute("DELETE FROM seen_marks WHERE checkpoint_num = $1 AND artifact_num = $2",
                        {stored.checkpoint_num, stored.num});
  }
  insert_mark(stored.num);
}

void PageWriter::insert_mark(std::int64_t artifact_num) {
  connection_.execute(
      "INSERT INTO seen_marks (checkpoint_num, artifact_num, walk) VALUES ($1, $2, $3)",
      {checkpoint_num_, artifact_num, page_.walk});
}

}  // namespace

PageResult commit_page(Connection& connection, const TenantScope& tenant, const PageCommit& page,
                       Random& random) {
  CheckpointRow row = running_row(connection, page.key, page.walk);
  PageWriter writer(connection, tenant, page, row.num, random);
  for (const ArtifactDraft& draft : page.artifacts) writer.store(draft);
  PageResult result = writer.finish();
  auto rows = static_cast<std::int64_t>(page.artifacts.size()) - result.repeated;
  connection.execute(
      "UPDATE checkpoints SET next_position = $2, pages = pages + 1, rows_seen = rows_seen + $3,"
      "   expected_rows = coalesce($4, expected_rows), sync_id = $5"
      " WHERE num = $1",
      {row.num, page.position, rows, to_value(page.size), page.sync_id});
  return result;
}

}  // namespace evidenced::storage
