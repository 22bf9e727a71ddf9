#include "tests/deterministic/auditor.hpp"

#include "storage/crypto.hpp"
#include "storage/nouns.hpp"
#include "storage/sync_store.hpp"
#include "tests/deterministic/tenant.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::deterministic {

using storage::Connection;
using storage::Row;

namespace {

/// A query that finds nothing unless an invariant is broken; its first column names the culprit.
struct Rule {
  std::string_view what;
  std::string_view sql;
};

constexpr Rule rules[] = {
    {"I2: an upstream object is there twice",
     "SELECT kind || ' ' || upstream_id FROM artifacts"
     " GROUP BY source_id, kind, upstream_id HAVING count(*) > 1"},
    {"I2: revisions are not numbered 1, 2, 3, …",
     "SELECT a.kind || ' ' || a.upstream_id FROM artifacts a WHERE a.revision <>"
     "   (SELECT max(number) FROM revisions r WHERE r.artifact_num = a.num) OR a.revision <>"
     "   (SELECT count(*) FROM revisions r WHERE r.artifact_num = a.num)"},
    {"I2: a revision repeats the one before it",
     "SELECT r.num FROM revisions r JOIN revisions b"
     "   ON b.artifact_num = r.artifact_num AND b.number = r.number - 1"
     " WHERE r.change = 'revised' AND b.change <> 'removed'"
     "   AND r.content_sha256 = b.content_sha256"},
    {"I2: a place in the feed is taken twice",
     "SELECT seq FROM (SELECT seq FROM revisions UNION ALL SELECT seq FROM events)"
     " GROUP BY seq HAVING count(*) > 1"},
    {"I3: a checkpoint is ahead of its rows",
     "SELECT c.stream || ' ' || c.part FROM checkpoints c"
     " WHERE c.running = 1 AND c.rows_seen >"
     "   (SELECT count(*) FROM seen_marks m WHERE m.checkpoint_num = c.num AND m.walk = c.walk)"},
    {"I3: a live object has no mark",
     "SELECT kind || ' ' || upstream_id FROM artifacts a WHERE removed_at IS NULL AND NOT EXISTS"
     "   (SELECT 1 FROM seen_marks m"
     "     WHERE m.checkpoint_num = a.checkpoint_num AND m.artifact_num = a.num)"},
    {"I3: a mark is of no live object",
     "SELECT artifact_num FROM seen_marks m WHERE NOT EXISTS"
     "   (SELECT 1 FROM artifacts a WHERE a.num = m.artifact_num AND a.removed_at IS NULL)"},
    {"I3: a count is not that of the rows",
     "SELECT kind FROM (SELECT tenant_id, source_id, kind, workspace, project, repository, state,"
     "   live FROM artifact_counts UNION ALL SELECT tenant_id, source_id, kind, workspace, project,"
     "   repository, state, -1 FROM artifacts WHERE removed_at IS NULL AND source_id NOT IN"
     "   (SELECT source_id FROM purges))"
     " GROUP BY tenant_id, source_id, kind, workspace, project, repository, state"
     " HAVING sum(live) <> 0"},
    {"I5: a row has no tenant",
     "SELECT 'artifact ' || id FROM artifacts WHERE coalesce(tenant_id, '') = ''"
     " UNION ALL SELECT 'sync ' || id FROM syncs WHERE coalesce(tenant_id, '') = ''"
     " UNION ALL SELECT 'source ' || id FROM sources WHERE coalesce(tenant_id, '') = ''"
     " UNION ALL SELECT 'credential' FROM credentials WHERE coalesce(tenant_id, '') = ''"
     " UNION ALL SELECT 'event' FROM events WHERE coalesce(tenant_id, '') = ''"},
    {"I6: damage", "SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'"},
    {"I6: a reference leads nowhere", "SELECT \"table\" FROM pragma_foreign_key_check"},
};

}  // namespace

std::vector<Auditor::Revision> Auditor::revisions_after(Connection& connection, std::int64_t num) {
  std::vector<Revision> found;
  connection.query(
      "SELECT num, artifact_num, number, content_sha256 FROM revisions WHERE num > $1 ORDER BY num",
      {num}, [&](const Row& row) {
        const auto digest = row.blob(3);
        Revision& revision = found.emplace_back();
        revision.num = row.integer(0);
        revision.artifact = row.integer(1);
        revision.number = row.integer(2);
        revision.content.assign(reinterpret_cast<const char*>(digest.data()), digest.size());
      });
  return found;
}

void Auditor::acknowledged(Connection& connection) {
  ++writes_;
  const std::int64_t last = revisions_.empty() ? 0 : revisions_.back().num;
  std::vector<Revision> added = revisions_after(connection, last);
  if (added.empty()) return;
  trace_.add(fmt::format("{} revisions", added.size()));
  std::ranges::move(added, std::back_inserter(revisions_));
}

void Auditor::check(Connection& connection) {
  check_acknowledged(connection);
  for (const Rule& rule : rules) check_none(connection, rule.what, rule.sql);
}

void Auditor::check_acknowledged(Connection& connection) {
  const std::vector<Revision> there = revisions_after(connection, 0);
  const bool kept = there.size() >= revisions_.size() &&
                    std::equal(revisions_.begin(), revisions_.end(), there.begin());
  if (!kept) {
    trace_.violation(fmt::format("I1: of {} acknowledged revisions {} are there, or others",
                                 revisions_.size(), there.size()));
  }
  // A write may be durable that nobody was told of: the power went before the answer.
  revisions_ = there;
  for (const std::string& id : syncs_) {
    if (!storage::find_sync(connection, tenant, id)) {
      trace_.violation("I1: a sync that was queued is gone: " + id);
    }
  }
}

void Auditor::check_none(Connection& connection, std::string_view what, std::string_view sql) {
  connection.query(
      sql, {}, [&](const Row& row) { trace_.violation(fmt::format("{}: {}", what, row.text(0))); });
}

}  // namespace evidenced::deterministic
