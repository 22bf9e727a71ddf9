#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"
#include "connector/budget.hpp"
#include "storage/nouns.hpp"
#include "storage/vault.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace evidenced::connector {

/// One line of a probe, as `?validate_only=true` and `evidenced source test` show it.
struct ProbeCheck {
  std::string id;      ///< "shape", "account", "scopes", "workspaces", "reach", "expiry", "others"
  std::string status;  ///< "passed", "warning", "failed", "skipped"
  std::string code;    ///< of the problem, "" when passed
  std::string detail;
  std::string remedy;
};

struct VisibleWorkspace {
  std::string uuid;
  std::string slug;
  std::string name;  ///< "" where only the slug is known
  bool administrator = false;
};

/// What a sync will collect of a kind, as far as scopes and roles tell before it.
struct ForeseenCoverage {
  std::string kind;
  std::string status;  ///< "available", "missing_scope", "needs_role" or "incomplete"
  std::string reason;  ///< "" when available
  std::vector<std::string> missing_scopes;
};

/// What a credential is and reaches.
struct ProbeReport {
  bool valid = false;
  std::string account_uuid;
  std::string account_name;
  std::vector<VisibleWorkspace> workspaces;
  bool workspaces_cut = false;              ///< more are visible than were listed
  std::vector<std::string> scopes_granted;  ///< empty when nothing told them
  bool scopes_known = false;
  std::vector<std::string> scopes_missing;  ///< of the read profile
  std::vector<std::string> scopes_excess;   ///< write, delete and admin scopes
  std::vector<ProbeCheck> checks;
  std::vector<ForeseenCoverage> coverage;  ///< empty unless scopes_known
  std::optional<Error> error;              ///< the first failed check, when not valid
};

/// What the API may ask of the connector: the fifth seam. Everything durable (sources, the queue of
/// syncs) goes through storage; this wakes, probes and waits.
class SyncControl {
 public:
  virtual ~SyncControl() = default;

  /// Checks shape, account, scopes, workspaces and reach with at most 5 requests. A refusal is a
  /// report with `valid == false`; an Error means that Bitbucket could not be asked (upstream.*).
  virtual Task<Result<ProbeReport>> probe(storage::Credential credential,
                                          storage::WorkspaceSelection workspaces) = 0;

  /// Syncs were queued, sources changed: look again.
  virtual void wake() = 0;

  /// A hint of a webhook was stored, the first of its kind that waits.
  virtual void hinted() = 0;

  /// A cancel was stored for this sync: stop at the next page boundary.
  virtual void cancel(std::string sync_id) = 0;

  /// Grows with every change of any sync. Take it before you read a sync; `wait_for_change` then
  /// misses nothing.
  virtual std::uint64_t changes() const = 0;

  /// Returns when the sync changed, "" for any of them; at once when something has since `changes`
  /// gave `since`; after `timeout`; at shutdown.
  virtual Task<void> wait_for_change(std::string sync_id, std::uint64_t since,
                                     std::chrono::milliseconds timeout) = 0;

  /// Requests sent to Bitbucket in the last rolling hour on the budgets of these accounts
  /// (storage::Source::budget_account): for status and metrics.
  virtual std::int64_t requests_last_hour(const std::set<std::string>& accounts) const = 0;

  /// By sync: the budget that each sync which runs now spends, of the group that it asked last.
  /// None of a sync that has asked nothing yet.
  virtual std::map<std::string, RequestBudget> budgets() const = 0;
};

}  // namespace evidenced::connector
