#include "storage/drift_store.hpp"

#include "storage/columns.hpp"
#include "storage/event_store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace evidenced::storage {

namespace {

std::string artifact_of(Connection& connection, const TenantScope& tenant,
                        const std::string& source_id, const DriftFinding& finding) {
  std::string id;
  connection.query(
      "SELECT id FROM artifacts WHERE source_id = $1 AND kind = $2 AND upstream_id = $3"
      " AND tenant_id = $4",
      {source_id, finding.kind, finding.upstream_id, tenant.id()},
      [&](const Row& row) { id = row.text(0); });
  return id;
}

/// Members of the event: those that say something.
std::vector<Fact> facts_of(const DriftFinding& finding, const std::string& artifact_id) {
  const Drift& drift = finding.drift;
  std::vector<Fact> facts = {{"what", drift.what}, {"stream", drift.stream}, {"path", drift.path}};
  const std::pair<std::string_view, const std::string&> others[] = {
      {"kind", finding.kind},
      {"value", drift.value},
      {"before", drift.before},
      {"after", drift.after},
      {"announcement", drift.announcement},
      {"artifact_id", artifact_id}};
  for (const auto& [name, text] : others) {
    if (!text.empty()) facts.emplace_back(name, text);
  }
  return facts;
}

void tell(Connection& connection, const TenantScope& tenant, EventType type,
          const std::string& source_id, const DriftFinding& finding, const std::string& artifact_id,
          Timestamp now) {
  record_event(connection, tenant,
               {.type = type,
                .source_id = source_id,
                .subject_id = source_id,
                .at = now,
                .facts = facts_of(finding, artifact_id)});
}

bool end_drift(Connection& connection, const TenantScope& tenant, const std::string& source_id,
               const DriftFinding& finding, Timestamp now) {
  const Drift& drift = finding.drift;
  std::string artifact_id;
  connection.query(
      "SELECT artifact_id FROM drifts"
      " WHERE source_id = $1 AND stream = $2 AND what = $3 AND path = $4 AND value = $5",
      {source_id, drift.stream, drift.what, drift.path, drift.value},
      [&](const Row& row) { artifact_id = row.text(0); });
  const std::int64_t ended = connection.execute(
      "UPDATE drifts SET ended_at = $6"
      " WHERE source_id = $1 AND stream = $2 AND what = $3 AND path = $4 AND value = $5"
      " AND tenant_id = $7 AND ended_at IS NULL",
      {source_id, drift.stream, drift.what, drift.path, drift.value, to_value(now), tenant.id()});
  if (ended == 0) return false;
  tell(connection, tenant, "drift.ended", source_id, finding, artifact_id, now);
  return true;
}

}  // namespace

bool record_drift(Connection& connection, const TenantScope& tenant, const std::string& source_id,
                  const std::string& sync_id, const DriftFinding& finding, Timestamp now) {
  if (finding.ended) return end_drift(connection, tenant, source_id, finding, now);
  const Drift& drift = finding.drift;
  const std::string artifact_id = artifact_of(connection, tenant, source_id, finding);
  const std::int64_t kept = connection.execute(
      "INSERT INTO drifts (source_id, stream, what, path, value, tenant_id, before, after,"
      "   announcement, artifact_id, sync_id, found_at, times)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1)"
      " ON CONFLICT (source_id, stream, what, path, value) DO UPDATE SET before = excluded.before,"
      "   after = excluded.after, announcement = excluded.announcement,"
      "   artifact_id = excluded.artifact_id, sync_id = excluded.sync_id,"
      "   found_at = excluded.found_at, ended_at = NULL, times = drifts.times + 1"
      " WHERE drifts.ended_at IS NOT NULL",
      {source_id, drift.stream, drift.what, drift.path, drift.value, tenant.id(), drift.before,
       drift.after, drift.announcement, artifact_id, sync_id, to_value(now)});
  if (kept == 0) return false;
  tell(connection, tenant, "drift.found", source_id, finding, artifact_id, now);
  return true;
}

std::vector<Drift> list_drifts(Connection& connection, const TenantScope& tenant,
                               const std::string& source_id, const Window& window, int limit) {
  std::vector<Drift> drifts;
  connection.query(
      "SELECT stream, what, path, value, before, after, announcement, artifact_id, sync_id,"
      "   found_at, ended_at, times FROM drifts"
      " WHERE tenant_id = $1 AND source_id = $2 AND found_at >= $3 AND found_at <= $4"
      " ORDER BY found_at DESC, stream, path, what, value LIMIT $5",
      {tenant.id(), source_id, from_of(window), to_of(window), to_value(limit)},
      [&](const Row& row) {
        ColumnReader column(row);
        Drift drift;
        drift.stream = column.text();
        drift.what = column.text();
        drift.path = column.text();
        drift.value = column.text();
        drift.before = column.text();
        drift.after = column.text();
        drift.announcement = column.text();
        drift.artifact_id = column.text();
        drift.sync_id = column.text();
        drift.found_at = column.time();
        drift.ended_at = column.optional_time();
        drift.times = column.integer();
        drifts.push_back(std::move(drift));
      });
  return drifts;
}

std::vector<std::pair<std::pair<std::string, std::string>, std::int64_t>> count_drifts(
    Connection& connection, const TenantScope& tenant, const std::vector<std::string>& source_ids) {
  const std::string ids = to_json(source_ids);
  std::vector<std::pair<std::pair<std::string, std::string>, std::int64_t>> counts;
  connection.query(
      "SELECT stream, what, sum(times) FROM drifts WHERE tenant_id = $1"
      " AND ($2 = '[]' OR replace($2, '\"' || source_id || '\"', '') <> $2)"
      " GROUP BY stream, what ORDER BY stream, what",
      {tenant.id(), ids}, [&](const Row& row) {
        ColumnReader column(row);
        std::string stream = column.text();
        std::string what = column.text();
        counts.emplace_back(std::pair(std::move(stream), std::move(what)), column.integer());
      });
  return counts;
}

void save_shape(Connection& connection, const std::string& source_id, const StoredShape& shape) {
  connection.execute(
      "INSERT INTO stream_shapes (source_id, stream, version, shape) VALUES ($1, $2, $3, $4)"
      " ON CONFLICT (source_id, stream) DO UPDATE SET version = excluded.version,"
      "   shape = excluded.shape WHERE stream_shapes.version < excluded.version",
      {source_id, shape.stream, shape.version, shape.shape});
}

std::vector<StoredShape> load_shapes(Connection& connection, const std::string& source_id) {
  std::vector<StoredShape> shapes;
  connection.query("SELECT stream, version, shape FROM stream_shapes WHERE source_id = $1",
                   {source_id}, [&](const Row& row) {
                     ColumnReader column(row);
                     StoredShape shape;
                     shape.stream = column.text();
                     shape.version = column.integer();
                     shape.shape = column.text();
                     shapes.push_back(std::move(shape));
                   });
  return shapes;
}

bool keep_coverage(Connection& connection, const TenantScope& tenant, const std::string& source_id,
                   const StreamCoverage& coverage, Timestamp now) {
  std::string before = "pending";
  connection.query("SELECT status FROM stream_coverage WHERE source_id = $1 AND stream = $2",
                   {source_id, coverage.stream}, [&](const Row& row) { before = row.text(0); });
  if (before == coverage.status) return false;
  connection.execute(
      "INSERT INTO stream_coverage (source_id, stream, status, since) VALUES ($1, $2, $3, $4)"
      " ON CONFLICT (source_id, stream) DO UPDATE SET status = excluded.status,"
      "   since = excluded.since",
      {source_id, coverage.stream, coverage.status, to_value(now)});
  if (before == "pending" && coverage.status == "available") return false;
  std::vector<Fact> facts = {{"kind", coverage.kind},
                             {"stream", coverage.stream},
                             {"from", before},
                             {"to", coverage.status}};
  if (!coverage.reason.empty()) facts.emplace_back("reason", coverage.reason);
  if (!coverage.scopes.empty()) {
    facts.emplace_back("scopes", fmt::format("{}", fmt::join(coverage.scopes, " ")));
  }
  record_event(connection, tenant,
               {.type = "coverage.changed",
                .source_id = source_id,
                .subject_id = source_id,
                .at = now,
                .facts = std::move(facts)});
  return true;
}

}  // namespace evidenced::storage
