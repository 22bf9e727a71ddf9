#pragma once

#include "api/exchange.hpp"
#include "config/ascii.hpp"
#include "connector/credential_shape.hpp"
#include "connector/sync_control.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace evidenced::api::tests {

/// A connector that answers what the test tells it to, and remembers what it was asked.
class FakeSyncControl final : public connector::SyncControl {
 public:
  explicit FakeSyncControl(Clock& clock) : clock_(clock) {}

  Task<Result<connector::ProbeReport>> probe(storage::Credential credential,
                                             storage::WorkspaceSelection workspaces) override {
    ++probes;
    asked_email = credential.email.reveal();
    asked_token = credential.token.reveal();
    if (probe_time.count() > 0) co_await clock_.sleep_for(probe_time);
    if (unreachable) co_return std::unexpected(*unreachable);
    connector::ProbeReport report = answer;
    for (const std::string& slug : workspaces.slugs) {
      const bool seen = std::ranges::any_of(report.workspaces, [&](const auto& workspace) {
        return equal_without_case(workspace.slug, slug) || workspace.uuid == slug;
      });
      if (!seen) refuse(report, "workspace.not_visible", "workspaces");
    }
    co_return report;
  }

  void wake() override { ++wakes; }
  void hinted() override { ++hints; }
  void cancel(std::string sync_id) override { cancelled.push_back(std::move(sync_id)); }

  std::uint64_t changes() const override { return changed; }

  Task<void> wait_for_change(std::string, std::uint64_t since,
                             std::chrono::milliseconds timeout) override {
    ++waits;
    const SteadyTime until = clock_.steady() + timeout;
    bool gone = false;
    while (clock_.steady() < until && changed == since && !gone) {
      co_await clock_.sleep_for(std::chrono::milliseconds(10));
      gone = co_await is_cancelled();
    }
  }

  std::int64_t requests_last_hour(const std::set<std::string>& accounts) const override {
    std::int64_t sum = 0;
    for (const auto& [account, count] : requests) {
      if (accounts.contains(account)) sum += count;
    }
    return sum;
  }

  std::map<std::string, connector::RequestBudget> budgets() const override { return spending; }

  static void refuse(connector::ProbeReport& report, Code code, const std::string& check) {
    report.valid = false;
    report.error.emplace();
    report.error->code = code;
    report.checks.push_back({check, "failed", std::string(code.text()),
                             std::string(code.problem().title),
                             std::string(code.problem().remedy)});
  }

  /// A good credential of the account, with one workspace.
  static connector::ProbeReport good_report() {
    connector::ProbeReport report;
    report.valid = true;
    report.account_uuid = "{00000000-0000-4000-8000-000000000001}";
    report.account_name = "Ada Example";
    report.workspaces.push_back(
        {"{00000000-0000-4000-8000-0000000000a1}", "example-works", "Example Works", true});
    report.scopes_known = true;
    report.scopes_granted = {"read:repository:bitbucket", "read:workspace:bitbucket"};
    report.scopes_missing = {"read:project:bitbucket"};
    report.checks.push_back({"account", "passed", "", "Ada Example", ""});
    return report;
  }

  connector::ProbeReport answer = good_report();
  std::map<std::string, std::int64_t> requests;              ///< of the last hour, by account
  std::map<std::string, connector::RequestBudget> spending;  ///< by sync
  std::chrono::milliseconds probe_time{0};
  std::optional<Error> unreachable;
  std::string asked_email, asked_token;
  std::vector<std::string> cancelled;
  int probes = 0, wakes = 0, hints = 0, waits = 0;
  std::uint64_t changed = 0;
  bool tells = true;  ///< of what tests change

 private:
  Clock& clock_;
};

}  // namespace evidenced::api::tests
