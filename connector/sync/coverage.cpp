#include "connector/sync/coverage.hpp"

#include "config/problem.hpp"
#include "connector/bitbucket/streams.hpp"
#include "connector/sync/planner.hpp"
#include "storage/drift_store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

namespace evidenced::connector {

namespace {

using storage::StreamState;

struct Cause {
  std::string_view code;
  std::string_view status;
};
constexpr Cause causes[] = {
    {"credential.scope_missing", "missing_scope"},
    {"stream.not_found", "not_visible"},
    {"workspace.not_visible", "not_visible"},
    {"upstream.removed", "removed_upstream"},
};

/// What a 403 that speaks of no scope stands for.
std::string_view forbidden_status(const storage::SyncStream& stream) {
  const std::string& detail = stream.error->detail;
  const auto says = [&](std::string_view words) { return detail.find(words) != std::string::npos; };
  // 402 where the plan does not have the feature, or 403 that says so.
  if (detail.starts_with("402 ") || says(" plan ")) return "plan_limited";
  if (says("deactivated")) return "not_visible";
  const bitbucket::Stream* row = bitbucket::find_stream(stream.name);
  const bool role = (row != nullptr && row->needs_role) || says("required access");
  return role ? "needs_role" : "not_visible";
}

/// "" when the sync did not learn how far the stream can be read.
std::string_view status_of(const storage::SyncStream& stream) {
  if (stream.state == StreamState::complete && stream.complete) return "available";
  if (stream.state == StreamState::unavailable) return refusal_status(stream);
  const bool refused_in_part =
      stream.state == StreamState::incomplete && stream.error && is_gap(stream.error->code);
  return refused_in_part ? "incomplete" : "";
}

}  // namespace

std::string_view refusal_status(const storage::SyncStream& stream) {
  if (!stream.error) return "not_visible";
  if (stream.error->code == Code("stream.forbidden").text()) return forbidden_status(stream);
  const auto* row = std::ranges::find(causes, stream.error->code, &Cause::code);
  return row == std::end(causes) ? "not_visible" : row->status;
}

std::string refusal_reason(const storage::SyncStream& stream, std::string_view otherwise) {
  if (!stream.error) return std::string(otherwise);
  const Problem* problem = find_problem(stream.error->code);
  std::string reason = stream.error->code;
  if (problem != nullptr) reason += fmt::format(": {}", problem->title);
  if (!stream.error->scopes.empty()) {
    reason += fmt::format(" ({})", fmt::join(stream.error->scopes, ", "));
  }
  return reason;
}

void record_coverage(storage::Connection& connection, const storage::TenantScope& tenant,
                     const storage::Sync& sync, Timestamp now) {
  for (const storage::SyncStream& stream : sync.streams) {
    const std::string_view status = status_of(stream);
    const bitbucket::Stream* row = bitbucket::find_stream(stream.name);
    if (status.empty() || row == nullptr) continue;
    storage::StreamCoverage coverage;
    coverage.stream = stream.name;
    coverage.kind = row->kind;
    coverage.status = status;
    if (status != "available") {
      coverage.reason = refusal_reason(stream, "Bitbucket does not show it");
      if (stream.error) coverage.scopes = stream.error->scopes;
    }
    storage::keep_coverage(connection, tenant, sync.source_id, coverage, now);
  }
}

}  // namespace evidenced::connector
