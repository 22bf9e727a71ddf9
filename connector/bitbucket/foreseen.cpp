#include "connector/bitbucket/foreseen.hpp"

#include "connector/bitbucket/streams.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace evidenced::connector::bitbucket {

namespace {

/// The workspaces that the account does not administrate.
std::vector<std::string> only_seen(std::span<const VisibleWorkspace> workspaces) {
  std::vector<std::string> names;
  for (const VisibleWorkspace& workspace : workspaces) {
    if (!workspace.administrator) names.push_back(workspace.slug);
  }
  return names;
}

ForeseenCoverage foresee(const Stream& stream, std::span<const std::string> granted,
                         std::span<const VisibleWorkspace> workspaces) {
  ForeseenCoverage coverage{std::string(stream.kind), "available", "", {}};
  if (std::ranges::find(granted, stream.scope) == granted.end()) {
    coverage.status = "missing_scope";
    coverage.reason = fmt::format("The token lacks {}", stream.scope);
    coverage.missing_scopes = {std::string(stream.scope)};
    return coverage;
  }
  const std::vector<std::string> names = only_seen(workspaces);
  if (!stream.needs_role || names.empty()) return coverage;
  coverage.status = names.size() < workspaces.size() ? "incomplete" : "needs_role";
  coverage.reason =
      fmt::format("Only administrators read it: of {} what the account administrates itself",
                  fmt::join(names, ", "));
  return coverage;
}

}  // namespace

std::vector<ForeseenCoverage> foreseen_coverage(std::span<const std::string> granted,
                                                std::span<const VisibleWorkspace> workspaces) {
  std::vector<ForeseenCoverage> kinds;
  for (const Stream& stream : streams()) {
    ForeseenCoverage coverage = foresee(stream, granted, workspaces);
    const auto known = std::ranges::find(kinds, stream.kind, &ForeseenCoverage::kind);
    if (known == kinds.end()) {
      kinds.push_back(std::move(coverage));
    } else if (known->status == "available") {
      *known = std::move(coverage);
    }
  }
  return kinds;
}

}  // namespace evidenced::connector::bitbucket
