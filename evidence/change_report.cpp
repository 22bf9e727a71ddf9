#include "evidence/change_report.hpp"

#include "config/ascii.hpp"
#include "storage/collection_store.hpp"
#include "storage/source_store.hpp"

#include <algorithm>
#include <utility>

namespace evidenced::evidence {

namespace {

constexpr int rows_a_look = 200;

bool is_spent(const Effort& effort, std::int64_t rows) {
  return rows >= effort.rows || (rows > 0 && std::chrono::steady_clock::now() >= effort.until);
}

bool is_one_of(const std::vector<std::string>& wanted, const std::optional<Account>& account) {
  if (wanted.empty()) return true;
  return account && std::ranges::any_of(wanted, [&](const std::string& id) {
           return !id.empty() && (id == account->id || id == account->account_id);
         });
}

std::string repository_uuid(const storage::Artifact& pull_request) {
  return pull_request.upstream_id.substr(0, pull_request.upstream_id.find('/'));
}

/// Until when a list that was once read whole is known; nullopt: it was not, or its last walk
/// failed.
std::optional<Timestamp> known_until(storage::Connection& connection,
                                     const storage::PartitionKey& key) {
  const auto checkpoint = storage::find_checkpoint(connection, key);
  if (!checkpoint || !checkpoint->complete_at || checkpoint->error) return std::nullopt;
  return checkpoint->observed_at;
}

}  // namespace

bool ChangeQuestion::takes_all() const {
  return branches.empty() && authors.empty() && mergers.empty() && findings.none() &&
         title.empty() && filter.window.open();
}

ChangeReader::ChangeReader(storage::TenantScope tenant, ChangeQuestion question)
    : tenant_(std::move(tenant)), question_(std::move(question)) {
  question_.title = to_lower(question_.title);
}

ChangeReader::Batch ChangeReader::read(storage::Connection& connection, int limit,
                                       const Effort& effort) {
  Batch batch;
  storage::MergedFilter& filter = question_.filter;
  batch.position = filter.after;
  if (filter.source_ids.empty()) {
    batch.last = true;
    return batch;
  }
  // One more than is wanted tells whether there are more.
  const auto wanted = static_cast<std::size_t>(limit) + 1;
  storage::MergedPosition scanned_to = filter.after;
  while (batch.changes.size() < wanted && !batch.last && !is_spent(effort, batch.scanned)) {
    filter.after = scanned_to;
    // Where every row is a change, no more are read than are still wanted.
    const auto missing = static_cast<int>(wanted - batch.changes.size());
    filter.limit = question_.takes_all() ? std::min(missing, rows_a_look) : rows_a_look;
    std::vector<storage::MergedRow> rows = storage::list_merged(connection, tenant_, filter);
    batch.last = rows.size() < static_cast<std::size_t>(filter.limit);
    for (storage::MergedRow& row : rows) {
      if (is_spent(effort, batch.scanned)) {
        batch.last = false;
        break;
      }
      ++batch.scanned;
      scanned_to = {row.merged_at.time_since_epoch().count(), row.num};
      std::optional<ReportedChange> change = report(connection, std::move(row));
      if (!change) continue;
      batch.changes.push_back(std::move(*change));
      if (batch.changes.size() == wanted) break;
      batch.position = scanned_to;
    }
  }
  if (batch.changes.size() == wanted) {
    batch.changes.pop_back();
    batch.last = false;
  } else {
    batch.position = scanned_to;
  }
  filter.after = batch.position;
  return batch;
}

std::optional<ReportedChange> ChangeReader::report(storage::Connection& connection,
                                                   storage::MergedRow row) {
  const boost::json::value& content = contents_.read(row.artifact.content);
  row.artifact.content.clear();
  if (!is_merged(content)) return std::nullopt;
  ReportedChange reported{.artifact = std::move(row.artifact),
                          .change = change_from(content, row.merged_at),
                          .judgement = {}};
  if (!is_wanted(reported.change)) return std::nullopt;
  if (question_.filter.window.open()) {
    add_activity(connection, reported.artifact, reported.change);
    add_checks(connection, reported.artifact, reported.change);
  }
  reported.judgement = judge(reported.change);
  if (!is_wanted(reported.judgement)) return std::nullopt;
  return reported;
}

bool ChangeReader::is_wanted(const MergedChange& change) const {
  const auto& branches = question_.branches;
  if (!branches.empty() && std::ranges::find(branches, change.destination) == branches.end()) {
    return false;
  }
  if (!is_one_of(question_.authors, change.author)) return false;
  return question_.title.empty() || to_lower(change.title).contains(question_.title);
}

bool ChangeReader::is_wanted(const Judgement& judgement) const {
  if (!is_one_of(question_.mergers, judgement.merged_by)) return false;
  return question_.findings.none() || (question_.findings & judgement.findings).any();
}

void ChangeReader::add_activity(storage::Connection& connection, const storage::Artifact& artifact,
                                MergedChange& change) {
  const std::optional<Timestamp>& until = reach_of(connection, artifact).activity;
  if (!until || *until < change.merged_at) return;
  std::vector<Happening> happenings;
  bool tells_merge = false;
  storage::visit_activity(connection, artifact.source_id, artifact.upstream_id,
                          [&](std::string_view, std::string_view content) {
                            happenings.push_back(happening_from(contents_.read(content)));
                            tells_merge = tells_merge || happenings.back().state == "MERGED";
                          });
  // Where the list does not reach back to the merge, it tells nothing of what was before.
  if (tells_merge) change.activity = std::move(happenings);
}

void ChangeReader::add_checks(storage::Connection& connection, const storage::Artifact& artifact,
                              MergedChange& change) {
  if (change.head.empty()) return;
  CheckCounter counter;
  const storage::CommitKey head{artifact.source_id, artifact.repository, change.head};
  storage::visit_builds(connection, tenant_, head,
                        [&](std::string_view kind, std::string_view content) {
                          counter.add(kind, contents_.read(content));
                        });
  const std::optional<Timestamp>& until = reach_of(connection, artifact).builds;
  const bool asked =
      until && *until >= change.merged_at &&
      change.merged_at >= registered_at(connection, artifact.source_id) - question_.builds_before;
  if (!counter.empty() || asked) change.checks = counter.checks();
}

const ChangeReader::Reach& ChangeReader::reach_of(storage::Connection& connection,
                                                  const storage::Artifact& artifact) {
  const std::string& source = artifact.source_id;
  std::string repository = repository_uuid(artifact);
  const auto [entry, is_new] = reaches_.try_emplace({source, repository});
  if (is_new) {
    entry->second.activity = known_until(connection, {source, "pull_request_activity", repository});
    entry->second.builds = known_until(connection, {source, "build_status", repository});
  }
  return entry->second;
}

Timestamp ChangeReader::registered_at(storage::Connection& connection,
                                      const std::string& source_id) {
  const auto [entry, is_new] = registered_.try_emplace(source_id);
  if (is_new) {
    const auto source = storage::find_source(connection, tenant_, source_id);
    if (source) entry->second = source->created_at;
  }
  return entry->second;
}

}  // namespace evidenced::evidence
