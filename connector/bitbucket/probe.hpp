#pragma once

#include "connector/bitbucket/scopes.hpp"
#include "connector/http_transport.hpp"
#include "connector/sync_control.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::connector::bitbucket {

/// Sends one GET within the budget; no retries.
using Ask = std::function<Task<Result<HttpResponse>>(std::string target)>;

/// What a credential is and reaches: /user, /user/workspaces, one repository list a workspace until
/// one shows a repository (reference: bitbucket, 1.2 and 14). At most 5 requests, plus one for each
/// workspace that was named. The report has the checks account, scopes, workspaces and reach (those
/// of shape and expiry need no request). A credential that is refused is a report with `valid ==
/// false`; Errors, all upstream.*, mean that the question got no answer.
Task<Result<ProbeReport>> probe(Ask ask, storage::WorkspaceSelection workspaces);

/// The probe as a machine without I/O: ask `target()`, hand the answer to `accept()`, until
/// `done()`.
class Probe {
 public:
  explicit Probe(storage::WorkspaceSelection workspaces);

  bool done() const { return target_.empty(); }
  const std::string& target() const { return target_; }

  /// Errors: upstream.* when the answer says nothing about the credential.
  Result<void> accept(const HttpResponse& response);

  /// Of what was learnt; complete when done.
  ProbeReport report() const;

 private:
  enum class Step { account, workspaces, named, reach };

  Result<void> accept_account(const HttpResponse& response);
  Result<void> accept_workspaces(const HttpResponse& response);
  Result<void> accept_named(const HttpResponse& response);
  Result<void> accept_reach(const HttpResponse& response);
  void select_workspaces();
  void ask_named();
  void conclude_selection();
  void ask_reach();
  void refuse_token(const HttpResponse& response);
  /// The error, or the want of `scope` where that is known to be its reason.
  Error explained(Error error, std::string_view scope) const;
  void refuse(std::string_view check, Error error);
  void pass(std::string_view check, std::string detail);
  void warn(std::string_view check, const Error& error);
  void finish() { target_.clear(); }
  std::vector<VisibleWorkspace> covered() const;
  bool may_ask() const;

  storage::WorkspaceSelection selection_;
  Step step_ = Step::account;
  std::string target_;
  std::size_t requests_ = 0;
  ProbeReport report_;
  std::vector<ProbeCheck> checks_;       ///< without those of the scopes, which are known last
  std::optional<Error> scope_refusal_;   ///< a request failed for want of a scope
  std::deque<std::string> unconfirmed_;  ///< named ones that the cut list did not show
  std::vector<std::string> invisible_;   ///< named ones
  std::deque<VisibleWorkspace> to_reach_;
  std::size_t reached_for_ = 0;
  std::string last_refusal_;  ///< what a workspace answered instead of a list
};

}  // namespace evidenced::connector::bitbucket
