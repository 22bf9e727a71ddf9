#include "storage/artifact_store.hpp"

#include "config/log.hpp"
#include "storage/artifact_row.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::storage {

namespace {

constexpr std::string_view revision_columns =
    "a.id, r.number, r.change, r.observed_at, r.sync_id, r.content_sha256";

Revision read_revision(ColumnReader& column) {
  Revision revision;
  revision.artifact_id = column.text();
  revision.number = column.integer();
  revision.change = column.text();
  revision.observed_at = column.time();
  revision.sync_id = column.text();
  revision.content_sha256 = column.hex();
  return revision;
}

/// Content is what evidence rests on: bytes that are not those that were stored are never given
/// out. Throws Fault.
void check_content(std::string_view artifact_id, std::string_view content,
                   std::span<const std::byte> expected) {
  const Digest found = sha256(content);
  if (std::ranges::equal(expected, std::as_bytes(std::span(found)))) return;
  log::error("stored content does not match its hash", {{"artifact", artifact_id}});
  throw Fault{fail("storage.corrupt", "stored content does not match its hash").error()};
}

}  // namespace

ArtifactView view_artifact(const Row& row) {
  ColumnReader column(row);
  ArtifactView view;
  view.id = column.view();
  view.kind = column.view();
  view.source_id = column.view();
  view.workspace = column.view();
  view.project = column.view();
  view.repository = column.view();
  view.upstream_id = column.view();
  view.title = column.view();
  view.revision = column.integer();
  view.seq = column.integer();
  view.observed_at = column.time();
  view.first_observed_at = column.time();
  view.removed_at = column.optional_time();
  view.removed_reason = column.view();
  view.sync_id = column.view();
  view.state = column.view();
  view.dated_at = column.optional_time();
  view.content_sha256 = column.blob();
  view.superseded = column.flag();
  view.content = column.view();
  return view;
}

std::string window_join(std::string_view from, std::string_view to) {
  return fmt::format(
      "JOIN revisions r ON a.first_observed_at <= {1} AND a.observed_at >= {0}"
      " AND r.artifact_num = a.num AND r.number = (SELECT max(w.number) FROM revisions w"
      "   WHERE w.artifact_num = a.num AND w.observed_at >= {0} AND w.observed_at <= {1})",
      from, to);
}

Artifact copy_of(const ArtifactView& view) {
  Artifact artifact;
  artifact.id = view.id;
  artifact.kind = view.kind;
  artifact.source_id = view.source_id;
  artifact.workspace = view.workspace;
  artifact.project = view.project;
  artifact.repository = view.repository;
  artifact.upstream_id = view.upstream_id;
  artifact.title = view.title;
  artifact.revision = view.revision;
  artifact.seq = view.seq;
  artifact.observed_at = view.observed_at;
  artifact.first_observed_at = view.first_observed_at;
  artifact.removed_at = view.removed_at;
  artifact.removed_reason = view.removed_reason;
  artifact.sync_id = view.sync_id;
  artifact.state = view.state;
  artifact.dated_at = view.dated_at;
  artifact.content_sha256 =
      to_hex({reinterpret_cast<const unsigned char*>(view.content_sha256.data()),
              view.content_sha256.size()});
  artifact.content = view.content;
  return artifact;
}

void visit_artifact(Connection& connection, const TenantScope& tenant, const std::string& id,
                    const ArtifactVisitor& visit, const Window& window) {
  constexpr std::string_view where = "WHERE a.tenant_id = $1 AND a.id = $2";
  static const std::string now =
      fmt::format("SELECT {}, {} FROM artifacts a {} {}", artifact_columns, content_column,
                  artifact_join, where);
  static const std::string then =
      fmt::format("SELECT {}, {} FROM artifacts a {} {}", window_columns, content_column,
                  window_join("$3", "$4"), where);
  const auto visit_row = [&](const Row& row) {
    const ArtifactView view = view_artifact(row);
    check_content(view.id, view.content, view.content_sha256);
    visit(view);
  };
  if (window.open()) {
    connection.query(now, {tenant.id(), id}, visit_row);
  } else {
    connection.query(then, {tenant.id(), id, from_of(window), to_of(window)}, visit_row);
  }
}

Result<Artifact> find_artifact(Connection& connection, const TenantScope& tenant,
                               const std::string& id, const Window& window) {
  std::optional<Artifact> artifact;
  visit_artifact(
      connection, tenant, id, [&](const ArtifactView& view) { artifact = copy_of(view); }, window);
  if (!artifact) return fail("resource.not_found");
  return std::move(*artifact);
}

std::vector<Revision> list_revisions(Connection& connection, const TenantScope& tenant,
                                     const std::string& artifact_id, std::int64_t after_number,
                                     int limit, bool with_content, const Window& window) {
  std::vector<Revision> revisions;
  std::string sql = fmt::format(
      "SELECT {}, {} FROM artifacts a JOIN revisions r ON r.artifact_num = a.num"
      " WHERE a.tenant_id = $1 AND a.id = $2 AND r.number > $3 AND r.observed_at >= $5"
      "   AND r.observed_at <= $6 ORDER BY r.number LIMIT $4",
      revision_columns, with_content ? content_column : "''");
  connection.query(
      sql,
      {tenant.id(), artifact_id, after_number, to_value(limit), from_of(window), to_of(window)},
      [&](const Row& row) {
        ColumnReader column(row);
        revisions.push_back(read_revision(column));
        revisions.back().content = column.text();
        if (with_content) check_content(row.text(0), row.text(6), row.blob(5));
      });
  return revisions;
}

Result<Revision> find_revision(Connection& connection, const TenantScope& tenant,
                               const std::string& artifact_id, std::int64_t number,
                               const Window& window) {
  std::vector<Revision> revisions =
      list_revisions(connection, tenant, artifact_id, number - 1, 1, true, window);
  if (revisions.empty() || revisions.front().number != number) return fail("resource.not_found");
  return std::move(revisions.front());
}

std::vector<std::pair<std::string, std::int64_t>> count_by_kind(
    Connection& connection, const TenantScope& tenant, const std::vector<std::string>& source_ids,
    const Window& window) {
  static const std::string then = fmt::format(
      "SELECT a.kind, a.source_id, count(*) FROM artifacts a {}"
      " WHERE a.tenant_id = $1 AND r.change <> 'removed' GROUP BY a.kind, a.source_id"
      " ORDER BY a.kind",
      window_join("$2", "$3"));
  std::vector<std::pair<std::string, std::int64_t>> counts;
  const auto add = [&](const Row& row) {
    ColumnReader column(row);
    std::string kind = column.text();
    std::string source_id = column.text();
    bool wanted =
        source_ids.empty() || std::ranges::find(source_ids, source_id) != source_ids.end();
    if (!wanted) return;
    if (counts.empty() || counts.back().first != kind) counts.emplace_back(kind, 0);
    counts.back().second += column.integer();
  };
  if (window.open()) {
    connection.query(
        "SELECT kind, source_id, sum(live) FROM artifact_counts WHERE tenant_id = $1"
        " GROUP BY kind, source_id ORDER BY kind",
        {tenant.id()}, add);
  } else {
    connection.query(then, {tenant.id(), from_of(window), to_of(window)}, add);
  }
  std::erase_if(counts, [](const auto& count) { return count.second == 0; });
  return counts;
}

std::int64_t current_seq(Connection& connection, const TenantScope& tenant) {
  std::int64_t seq = 0;
  connection.query(
      "SELECT last_seq FROM feed_marks WHERE tenant_id = $1 ORDER BY first_seq DESC LIMIT 1",
      {tenant.id()}, [&](const Row& row) { seq = row.integer(0); });
  return seq;
}

}  // namespace evidenced::storage
