#include "api/artifacts/gaps.hpp"

#include "api/sources/stored_workspaces.hpp"
#include "connector/bitbucket/streams.hpp"
#include "connector/sync/coverage.hpp"
#include "connector/sync/planner.hpp"
#include "connector/sync/workspace_walk.hpp"
#include "storage/artifact_store.hpp"
#include "storage/collection_store.hpp"
#include "storage/purge.hpp"
#include "storage/source_store.hpp"
#include "storage/sync_store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>

namespace evidenced::api {
namespace {

using storage::StreamState;
using storage::SyncState;

/// How far back is looked for a sync that collected a kind: those of chosen streams, and those that
/// failed at once, tell nothing of others.
constexpr std::size_t syncs_with_gaps = 500;
constexpr int syncs_a_look = 50;
constexpr std::string_view suspicious_drop = "stream.suspicious_drop";
constexpr const char* purged = "What was collected was purged, on an administrator's order";

/// What a stream that has come to an end says; nullopt: it is whole. A stream that has not ended
/// says nothing, unless it is being walked.
struct Verdict {
  bool decided = false;
  std::string_view status;  ///< "" when there is no gap
  std::string reason;
  std::vector<std::string> missing_scopes = {};
  bool doubted = false;  ///< for a sudden drop, which may have been confirmed since
  bool refused = false;  ///< Bitbucket answered, and does not show it
  bool asked = false;    ///< there was something to ask for
};

Verdict verdict_of(const storage::Sync& sync, const storage::SyncStream& stream) {
  switch (stream.state) {
    case StreamState::pending:
      return {};
    case StreamState::running:
      // After a sync has ended nothing runs: it was cut off there.
      return {true, "incomplete",
              connector::refusal_reason(stream, sync.state == SyncState::done
                                                    ? "The last walk did not end"
                                                    : "A walk is running")};
    case StreamState::complete:
      if (stream.complete) return {true, "", ""};
      return {true, "incomplete",
              connector::refusal_reason(stream, "Parts of it have not been read yet")};
    case StreamState::incomplete:
      return {true, "incomplete",
              connector::refusal_reason(stream, "Parts of it have not been read")};
    case StreamState::unavailable:
      return {true, connector::refusal_status(stream),
              connector::refusal_reason(stream, "Bitbucket does not show it"),
              stream.error ? stream.error->scopes : std::vector<std::string>{}};
    case StreamState::failed:
      return {true, "failed", connector::refusal_reason(stream, "The last walk failed")};
  }
  return {};
}

Verdict verdict_of(std::span<const storage::Sync> syncs, const std::string& name) {
  for (const storage::Sync& sync : syncs) {
    const auto stream = std::ranges::find(sync.streams, name, &storage::SyncStream::name);
    if (stream == sync.streams.end()) continue;
    Verdict verdict = verdict_of(sync, *stream);
    verdict.doubted = stream->error && stream->error->code == suspicious_drop;
    verdict.refused = stream->error && connector::is_gap(stream->error->code);
    verdict.asked = stream->partitions_total > 0;
    if (verdict.decided) return verdict;
  }
  return {};
}

/// What stands in for a stream where that is refused speaks for it.
Verdict final_verdict_of(std::span<const storage::Sync> syncs, const std::string& name) {
  Verdict verdict = verdict_of(syncs, name);
  if (!verdict.refused) return verdict;
  const auto all = connector::bitbucket::streams();
  const auto other = std::ranges::find(all, name, &connector::bitbucket::Stream::instead_of);
  if (other == all.end()) return verdict;
  Verdict instead = verdict_of(syncs, std::string(other->name));
  return instead.decided && instead.asked ? instead : verdict;
}

/// The streams that collect a kind.
std::vector<std::string> streams_of(const std::string& kind) {
  std::vector<std::string> names;
  for (const auto& stream : connector::bitbucket::streams()) {
    if (stream.kind == kind) names.emplace_back(stream.name);
  }
  return names;
}

/// The live workspaces that the source covers no more, by their names.
std::vector<std::string> workspaces_left_out(storage::Connection& connection,
                                             const storage::TenantScope& tenant,
                                             const std::string& source_id) {
  std::vector<std::string> names;
  const auto source = storage::find_source(connection, tenant, source_id);
  if (!source || source->workspaces.all) return names;
  for (const auto& workspace : stored_workspaces(connection, tenant, source_id)) {
    if (!connector::covers(source->workspaces, workspace)) names.push_back(workspace.workspace);
  }
  return names;
}

void add_left_out(std::vector<Gap>& gaps, const std::string& source_id,
                  std::span<const std::string> workspaces, std::span<const std::string> kinds) {
  if (workspaces.empty()) return;
  for (const std::string& kind : kinds) {
    if (kind == "account") continue;
    gaps.push_back(
        {source_id, kind, "", "out_of_scope",
         fmt::format("Kept as it was and no longer refreshed: {}", fmt::join(workspaces, ", "))});
  }
}

bool all_decided(std::span<const storage::Sync> syncs, std::span<const std::string> kinds) {
  return std::ranges::all_of(kinds, [&](const std::string& kind) {
    return std::ranges::all_of(streams_of(kind), [&](const std::string& stream) {
      return verdict_of(syncs, stream).decided;
    });
  });
}

/// The newest syncs of a source, as many as it takes to know of all streams of the kinds.
std::vector<storage::Sync> telling_syncs(storage::Connection& connection,
                                         const storage::TenantScope& tenant,
                                         const std::string& source_id,
                                         std::span<const std::string> kinds,
                                         const storage::Window& window) {
  storage::SyncFilter filter;
  filter.source_ids = {source_id};
  filter.window = window;
  filter.with_hooks = false;
  filter.limit = 1;  // most often the newest one tells it all
  std::vector<storage::Sync> syncs = storage::list_syncs(connection, tenant, filter);
  bool more = !syncs.empty();
  filter.limit = syncs_a_look;
  while (more && syncs.size() < syncs_with_gaps && !all_decided(syncs, kinds)) {
    filter.before_id = syncs.back().id;
    auto older = storage::list_syncs(connection, tenant, filter);
    more = older.size() == static_cast<std::size_t>(syncs_a_look);
    std::ranges::move(older, std::back_inserter(syncs));
  }
  return syncs;
}

bool reads_alike(const Gap& a, const Gap& b) {
  const auto shown = [](const Gap& gap) {
    return std::tie(gap.source_id, gap.kind, gap.status, gap.reason, gap.missing_scopes,
                    gap.whole_since);
  };
  return shown(a) == shown(b);
}

/// Two streams of a kind that lack the same say it once.
void add_once(std::vector<Gap>& gaps, Gap gap) {
  const auto said = [&gap](const Gap& other) { return reads_alike(gap, other); };
  if (std::ranges::none_of(gaps, said)) gaps.push_back(std::move(gap));
}

/// Somebody has confirmed that what was missed is gone.
bool is_settled(const Gap& gap, const storage::StreamReach& reach) {
  return gap.doubted && reach.total > 0 && reach.readable == reach.total;
}

std::vector<std::string> all_kinds() {
  std::vector<std::string> kinds;
  for (const auto& stream : connector::bitbucket::streams()) {
    const bool first = connector::bitbucket::find_kind(stream.kind) == &stream;
    if (first) kinds.emplace_back(stream.kind);
  }
  return kinds;
}

}  // namespace

std::vector<Gap> gaps_of(const std::string& source_id, std::span<const storage::Sync> syncs,
                         std::span<const std::string> kinds) {
  std::vector<Gap> gaps;
  for (const std::string& kind : kinds) {
    for (const std::string& stream : streams_of(kind)) {
      Verdict verdict = final_verdict_of(syncs, stream);
      if (!verdict.decided) verdict = {true, "pending", "It has not been collected yet"};
      if (verdict.status.empty()) continue;
      gaps.push_back({source_id, kind, stream, verdict.status, std::move(verdict.reason),
                      std::move(verdict.missing_scopes), verdict.doubted});
    }
  }
  return gaps;
}

std::vector<Gap> find_gaps(storage::Connection& connection, const storage::TenantScope& tenant,
                           const std::vector<std::string>& source_ids,
                           std::vector<std::string> kinds, const storage::Window& window) {
  if (kinds.empty()) kinds = all_kinds();
  std::vector<Gap> gaps;
  for (const std::string& id : source_ids) {
    if (storage::is_purged(connection, tenant, id)) {
      for (const std::string& kind : kinds) gaps.push_back({id, kind, "", "incomplete", purged});
      continue;
    }
    const auto syncs = telling_syncs(connection, tenant, id, kinds, window);
    for (Gap& gap : gaps_of(id, syncs, kinds)) {
      if (window.open()) {
        const storage::StreamReach reach = storage::reach_of(connection, id, gap.stream);
        if (is_settled(gap, reach)) continue;
        gap.whole_since = reach.whole_since;
      }
      add_once(gaps, std::move(gap));
    }
    add_left_out(gaps, id, workspaces_left_out(connection, tenant, id), kinds);
  }
  return gaps;
}

StreamStanding stand_of_streams(storage::Connection& connection, const storage::TenantScope& tenant,
                                const std::string& source_id, const storage::Window& window) {
  StreamStanding standing;
  standing.total = static_cast<std::int64_t>(connector::bitbucket::streams().size());
  const std::vector<std::string> kinds = all_kinds();
  if (storage::is_purged(connection, tenant, source_id)) {
    for (const std::string& kind : kinds) {
      standing.gaps.push_back({source_id, kind, "", "incomplete", purged});
    }
    return standing;
  }
  standing.ok = standing.total;
  const auto syncs = telling_syncs(connection, tenant, source_id, kinds, window);
  for (Gap& gap : gaps_of(source_id, syncs, kinds)) {
    // Whether a doubt is settled is asked of the few that there are.
    const bool doubted = gap.doubted && window.open();
    if (doubted && is_settled(gap, storage::reach_of(connection, source_id, gap.stream))) continue;
    --standing.ok;
    add_once(standing.gaps, std::move(gap));
  }
  add_left_out(standing.gaps, source_id, workspaces_left_out(connection, tenant, source_id), kinds);
  return standing;
}

void write_gaps(JsonOut& json, const std::vector<Gap>& gaps) {
  json.key("gaps").begin_array();
  for (const Gap& gap : gaps) {
    json.begin_object();
    json.member("source_id", gap.source_id);
    json.member("kind", gap.kind);
    json.member("status", gap.status);
    json.member("reason", gap.reason);
    json.member("missing_scopes", gap.missing_scopes);
    json.member("complete_as_of", gap.whole_since);
    json.end_object();
  }
  json.end_array();
}

}  // namespace evidenced::api
