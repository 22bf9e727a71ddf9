#include "api/sources/examine.hpp"

#include "api/limits.hpp"
#include "api/sources/source_input.hpp"
#include "config/ascii.hpp"
#include "connector/credential_shape.hpp"
#include "connector/expiry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace evidenced::api {
namespace {

using connector::ProbeCheck;
using connector::ProbeReport;

/// A report of a credential that was refused before Bitbucket was asked.
ProbeReport refused_report(std::string id, const Error& error) {
  ProbeReport report;
  report.checks.push_back(failed_check(std::move(id), error));
  for (const std::string_view later : {"account", "scopes", "workspaces", "reach"}) {
    if (later == report.checks.front().id) continue;
    report.checks.push_back(
        {std::string(later), "skipped", "", "Not asked: an earlier check failed", ""});
  }
  report.error = error;
  return report;
}

ProbeCheck expiry_check(const std::optional<Timestamp>& expires_at, Timestamp now) {
  constexpr Code soon = "credential.expiring_soon";
  if (expires_at) {
    std::string detail = fmt::format("Expires at {}", format_rfc3339(*expires_at));
    if (connector::expiry_state(*expires_at, now) == "ok") {
      return {"expiry", "passed", "", std::move(detail), ""};
    }
    return {"expiry", "warning", std::string(soon.text()), std::move(detail),
            std::string(soon.problem().remedy)};
  }
  constexpr Code assumed = "credential.expiry_assumed";
  return {"expiry", "warning", std::string(assumed.text()),
          "No expiry was declared: a year from now is assumed",
          std::string(assumed.problem().remedy)};
}

std::set<std::string> set_of(const storage::WorkspaceSelection& selection) {
  return {selection.slugs.begin(), selection.slugs.end()};
}

bool same_reach(const storage::WorkspaceSelection& a, const storage::WorkspaceSelection& b) {
  return a.all == b.all && (a.all || set_of(a) == set_of(b));
}

bool overlap(const storage::WorkspaceSelection& a, const storage::WorkspaceSelection& b) {
  if (a.all || b.all) return true;
  const auto other = set_of(b);
  return std::ranges::any_of(a.slugs, [&](const auto& slug) { return other.contains(slug); });
}

bool is_active(const storage::Source& source) {
  return source.state == storage::SourceState::active ||
         source.state == storage::SourceState::needs_credential;
}

/// Calls `visit` with every source of the tenant until it fails.
template <class F>
Result<void> each_source(storage::Connection& connection, const storage::TenantScope& tenant,
                         F visit) {
  storage::SourceFilter filter;
  filter.limit = static_cast<int>(limits::page_maximum);
  while (true) {
    const auto page = storage::list_sources(connection, tenant, filter);
    for (const storage::Source& source : page) {
      Result<void> visited = visit(source);
      if (!visited) return visited;
    }
    if (page.size() < static_cast<std::size_t>(filter.limit)) return {};
    filter.after_id = page.back().id;
  }
}

}  // namespace

ProbeCheck failed_check(std::string id, const Error& error) {
  const Problem& problem = error.code.problem();
  return {std::move(id), "failed", std::string(problem.code),
          error.detail.empty() ? std::string(problem.title) : error.detail,
          std::string(problem.remedy)};
}

Task<ProbeReport> examine(Call call, storage::Credential credential,
                          storage::WorkspaceSelection workspaces,
                          std::optional<Timestamp> expires_at) {
  const auto shape = connector::check_shape(credential.email.reveal(), credential.token.reveal());
  if (shape.refusal) co_return refused_report("shape", *shape.refusal);
  if (const auto refusal = expiry_refusal(expires_at, call->now)) {
    co_return refused_report("expiry", *refusal);
  }
  auto& control = call->core.services.sync_control;
  Result<ProbeReport> report = co_await control.probe(std::move(credential), std::move(workspaces));
  if (!report) co_return refused_report("account", report.error());
  if (std::ranges::find(report->checks, "expiry", &ProbeCheck::id) == report->checks.end()) {
    report->checks.push_back(expiry_check(expires_at, call->now));
  }
  if (!report->valid && !report->error) report->error = fail("credential.token_rejected").error();
  co_return std::move(*report);
}

std::vector<Warning> warnings_of(const ProbeReport& report) {
  std::vector<Warning> warnings;
  for (const ProbeCheck& check : report.checks) {
    if (check.status != "warning") continue;
    warnings.push_back({Code::from_stored(check.code), check.detail, check.remedy});
  }
  return warnings;
}

storage::CredentialInfo info_of(const ProbeReport& report, std::optional<Timestamp> expires_at,
                                Timestamp now) {
  storage::CredentialInfo info;
  info.expires_at = expires_at ? *expires_at : now + limits::token_life_assumed;
  info.expiry_declared = expires_at.has_value();
  info.scopes = report.scopes_granted;
  info.last_verified_at = now;
  info.created_at = now;
  return info;
}

bool same_account(std::string_view uuid, std::string_view email, std::string_view other_uuid,
                  std::string_view other_email) {
  if (!uuid.empty() && !other_uuid.empty()) return uuid == other_uuid;
  return !email.empty() && equal_without_case(email, other_email);
}

Secret stored_email(storage::Connection& connection, const Exchange& exchange,
                    const std::string& source_id) {
  auto stored = exchange.core.services.vault.get(connection, exchange.tenant(), source_id);
  return stored ? std::move(stored->email) : Secret();
}

void use_slugs_seen(storage::WorkspaceSelection& selection, const ProbeReport& report) {
  std::vector<std::string> slugs;
  for (const std::string& name : selection.slugs) {
    const auto seen = std::ranges::find_if(report.workspaces, [&](const auto& workspace) {
      return equal_without_case(workspace.slug, name) || equal_without_case(workspace.uuid, name);
    });
    const bool known = seen != report.workspaces.end() && !seen->slug.empty();
    const std::string& slug = known ? seen->slug : name;
    if (std::ranges::find(slugs, slug) == slugs.end()) slugs.push_back(slug);
  }
  selection.slugs = std::move(slugs);
}

void tell_worked_before(ProbeReport& report) {
  constexpr Code rejected = "credential.token_rejected", expired = "credential.expired_or_revoked";
  if (!report.error || report.error->code != rejected) return;
  report.error->code = expired;
  for (ProbeCheck& check : report.checks) {
    if (check.code != rejected.text()) continue;
    check.code = expired.text();
    check.remedy = expired.problem().remedy;
  }
}

Result<void> check_overlap(storage::Connection& connection, const Exchange& exchange,
                           const storage::Source& source, std::string_view email,
                           std::vector<Warning>& warnings) {
  const auto same = [&](const storage::Source& other) {
    const bool by_email = source.account_uuid.empty() || other.account_uuid.empty();
    const Secret other_email = by_email ? stored_email(connection, exchange, other.id) : Secret();
    return same_account(source.account_uuid, email, other.account_uuid, other_email.reveal());
  };
  const auto called = [&](const storage::Source& other) {
    return exchange.sees_source(other.id) ? other.id : "one that this key does not see";
  };
  return each_source(
      connection, exchange.tenant(), [&](const storage::Source& other) -> Result<void> {
        if (other.id == source.id || !is_active(other) || !same(other)) return {};
        if (same_reach(other.workspaces, source.workspaces)) {
          return fail("source.duplicate", fmt::format("The source is {}", called(other)));
        }
        if (overlap(other.workspaces, source.workspaces)) {
          constexpr Code code = "source.overlap";
          warnings.push_back(
              {code,
               fmt::format("Another source covers some of the same workspaces: {}", called(other)),
               std::string(code.problem().remedy)});
        }
        return {};
      });
}

}  // namespace evidenced::api
