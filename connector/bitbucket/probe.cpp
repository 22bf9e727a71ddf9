#include "connector/bitbucket/probe.hpp"

#include "config/ascii.hpp"
#include "connector/bitbucket/foreseen.hpp"
#include "connector/bitbucket/json_text.hpp"
#include "connector/bitbucket/parse.hpp"
#include "connector/retry.hpp"
#include "connector/target.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace evidenced::connector::bitbucket {

namespace {

constexpr std::size_t most_requests = 5;  // and one for each workspace that was named
constexpr std::string_view workspaces_target = "/2.0/user/workspaces?pagelen=100";

Error error_of(Code code, std::string detail) {
  return fail(code, std::move(detail)).error();
}

/// A workspace may be named by slug or by {uuid}.
bool is_called(const VisibleWorkspace& workspace, std::string_view name) {
  return equal_without_case(workspace.slug, name) || equal_without_case(workspace.uuid, name);
}

/// Not there for this account: no fault of the service.
bool is_hidden(const HttpResponse& response) {
  return response.status == 403 || response.status == 404 || response.status == 410;
}

std::string_view id_of(const VisibleWorkspace& workspace) {
  return workspace.uuid.empty() ? workspace.slug : workspace.uuid;
}

/// One entry of /user/workspaces, in either of the two shapes that were seen; or a workspace.
std::optional<VisibleWorkspace> workspace_of(const JsonText& entry) {
  const JsonText* inner = entry.find("workspace");
  const JsonText& object = inner != nullptr && inner->is_object() ? *inner : entry;
  VisibleWorkspace workspace;
  workspace.uuid = text_at(object, "uuid");
  workspace.slug = text_at(object, "slug");
  workspace.name = text_at(object, "name");
  if (const JsonText* administrator = entry.find("administrator")) {
    workspace.administrator = administrator->boolean().value_or(false);
  } else {
    workspace.administrator = text_at(entry, "permission") == "owner";
  }
  if (id_of(workspace).empty()) return std::nullopt;
  return workspace;
}

/// The target of the next page: our own path with the query of `next`, so that it cannot lead
/// anywhere else.
std::string next_target(const JsonText& page) {
  const std::string next = text_at(page, "next");
  const std::size_t query = next.find('?');
  if (query == std::string::npos) return {};
  std::string target = "/2.0/user/workspaces" + next.substr(query);
  return is_origin_form(target) ? target : std::string();
}

std::string path_of(std::string_view prefix, std::string_view segment) {
  std::string path(prefix);
  return append_segment(path, segment) ? path : std::string();
}

ProbeCheck check_of(std::string_view id, std::string_view status, const Error& error) {
  return {std::string(id), std::string(status), std::string(error.code.text()), error.detail,
          std::string(error.code.problem().remedy)};
}

/// Whoever sees only the sentence is to see what the token lacks.
void name_scopes(Error& error) {
  for (const std::string& scope : error.scopes_required) {
    if (error.detail.find(scope) == std::string::npos) error.detail += " Needed: " + scope;
  }
}

/// The check of the scopes: what was refused, what is missing, or that nothing told them.
ProbeCheck scope_check(const ScopeReview& review, const std::optional<Error>& refusal) {
  if (refusal) return check_of("scopes", "failed", *refusal);
  if (!review.comparable) {
    return {"scopes", "skipped", "", "Bitbucket did not tell the token's scopes.", ""};
  }
  if (!review.missing.empty()) {
    const Error error = error_of(
        "credential.scope_missing",
        fmt::format("Not collected for want of a scope: {}.", fmt::join(review.missing, ", ")));
    return check_of("scopes", "warning", error);
  }
  std::string detail = "The token has every scope of the read profile.";
  if (!review.control.empty()) {
    detail += fmt::format(" Control evidence: {}; nothing but GET is ever sent.",
                          fmt::join(review.control, ", "));
  }
  return {"scopes", "passed", "", std::move(detail), ""};
}

}  // namespace

Probe::Probe(storage::WorkspaceSelection workspaces)
    : selection_(std::move(workspaces)), target_("/2.0/user") {}

Result<void> Probe::accept(const HttpResponse& response) {
  ++requests_;
  if (const auto scopes = granted_scopes(response)) report_.scopes_granted = *scopes;
  if (response.status == 401) {
    refuse_token(response);
    return {};
  }
  switch (step_) {
    case Step::account:
      return accept_account(response);
    case Step::workspaces:
      return accept_workspaces(response);
    case Step::named:
      return accept_named(response);
    case Step::reach:
      return accept_reach(response);
  }
  return {};
}

Result<void> Probe::accept_account(const HttpResponse& response) {
  step_ = Step::workspaces;
  target_ = workspaces_target;
  const std::optional<Error> failure = failure_of(response);
  if (failure && response.status != 403) return std::unexpected(*failure);
  if (failure) {
    // Not an invalid credential: it may be good for everything but this (reference, 1.2).
    warn("account", *failure);
    return {};
  }
  const Result<JsonText> account = read_json(response.body);
  if (!account) return fail(account);
  report_.account_uuid = text_at(*account, "uuid");
  report_.account_name = text_at(*account, "display_name");
  if (report_.account_uuid.empty()) {
    return fail("upstream.invalid_json", "/2.0/user answered without a uuid");
  }
  pass("account", fmt::format("The token belongs to {}.", report_.account_name));
  return {};
}

Result<void> Probe::accept_workspaces(const HttpResponse& response) {
  if (const std::optional<Error> failure = failure_of(response)) {
    if (response.status != 403) return std::unexpected(*failure);
    refuse("workspaces", explained(*failure, "read:workspace:bitbucket"));
    return {};
  }
  const Result<JsonText> page = read_json(response.body);
  if (!page) return fail(page);
  const JsonText* values = page->find("values");
  if (values == nullptr || !values->is_array()) {
    return fail("upstream.invalid_json", "/2.0/user/workspaces answered without a list");
  }
  for (const JsonText& entry : values->items) {
    if (auto workspace = workspace_of(entry)) report_.workspaces.push_back(std::move(*workspace));
  }
  target_ = next_target(*page);
  // Two pages are 200 workspaces; the rest of the requests shall prove reach.
  report_.workspaces_cut = !target_.empty() && requests_ >= 3;
  if (target_.empty() || report_.workspaces_cut) select_workspaces();
  return {};
}

void Probe::select_workspaces() {
  if (selection_.all) {
    // Administrators see most: they prove reach soonest.
    for (const bool administrator : {true, false}) {
      for (const VisibleWorkspace& workspace : report_.workspaces) {
        if (workspace.administrator == administrator) to_reach_.push_back(workspace);
      }
    }
    conclude_selection();
    return;
  }
  for (const std::string& name : selection_.slugs) {
    const auto found = std::find_if(report_.workspaces.begin(), report_.workspaces.end(),
                                    [&name](const auto& w) { return is_called(w, name); });
    if (found != report_.workspaces.end()) {
      to_reach_.push_back(*found);
    } else if (report_.workspaces_cut) {
      unconfirmed_.push_back(name);
    } else {
      invisible_.push_back(name);
    }
  }
  ask_named();
}

void Probe::ask_named() {
  step_ = Step::named;
  while (!unconfirmed_.empty()) {
    target_ = path_of("/2.0/workspaces", unconfirmed_.front());
    if (!target_.empty() && may_ask()) return;
    invisible_.push_back(unconfirmed_.front());
    unconfirmed_.pop_front();
  }
  conclude_selection();
}

Result<void> Probe::accept_named(const HttpResponse& response) {
  const std::string name = unconfirmed_.front();
  unconfirmed_.pop_front();
  const std::optional<Error> failure = failure_of(response);
  if (failure && !is_hidden(response)) return std::unexpected(*failure);
  const Result<JsonText> object = read_json(failure ? "{}" : std::string_view(response.body));
  if (!object) return fail(object);
  if (auto workspace = workspace_of(*object)) {
    report_.workspaces.push_back(*workspace);
    to_reach_.push_back(std::move(*workspace));
  } else {
    invisible_.push_back(name);
  }
  ask_named();
  return {};
}

void Probe::conclude_selection() {
  for (const std::string& name : invisible_) {
    Error error = error_of("workspace.not_visible",
                           fmt::format("The account cannot see the workspace {}.", name));
    const auto place = std::find(selection_.slugs.begin(), selection_.slugs.end(), name);
    error.fields.push_back({fmt::format("/workspaces/{}", place - selection_.slugs.begin()),
                            "workspace.not_visible", error.detail});
    refuse("workspaces", std::move(error));
  }
  if (!invisible_.empty()) return;
  if (to_reach_.empty()) {
    refuse("workspaces", error_of("credential.reach_empty", "The account sees no workspace."));
    return;
  }
  const std::size_t count = report_.workspaces.size();
  pass("workspaces", count == 1 ? std::string("1 workspace is visible.")
                                : fmt::format("{} workspaces are visible.", count));
  ask_reach();
}

void Probe::ask_reach() {
  step_ = Step::reach;
  while (!to_reach_.empty() && may_ask()) {
    target_ = path_of("/2.0/repositories", id_of(to_reach_.front()));
    if (!target_.empty()) {
      append_query(target_, "pagelen", "1");
      return;
    }
    to_reach_.pop_front();
  }
  std::string detail = fmt::format("{} of {} workspaces were asked; none showed a repository.",
                                   reached_for_, reached_for_ + to_reach_.size());
  if (!last_refusal_.empty()) detail += " The last answer: " + last_refusal_;
  if (!to_reach_.empty()) detail += " Name the workspaces that matter to have each of them asked.";
  refuse("reach", explained(error_of("credential.reach_empty", std::move(detail)),
                            "read:repository:bitbucket"));
}

Result<void> Probe::accept_reach(const HttpResponse& response) {
  const std::string slug = to_reach_.front().slug;
  to_reach_.pop_front();
  ++reached_for_;
  const std::optional<Error> failure = failure_of(response);
  if (failure && !is_hidden(response)) return std::unexpected(*failure);
  if (failure && failure->code == "credential.scope_missing") {
    refuse("reach", *failure);
    return {};
  }
  if (failure) {
    last_refusal_ = failure->detail;
    ask_reach();
    return {};
  }
  const Result<ParsedPage> page =
      parse_page(*find_stream("repository"), 0, Partition{}, response.body);
  if (!page) return fail(page);
  // An empty list is no proof: a credential that reaches nothing gets 200, too.
  if (page->artifacts.empty()) {
    ask_reach();
    return {};
  }
  pass("reach", fmt::format("The workspace {} shows its repositories.", slug));
  finish();
  return {};
}

void Probe::refuse_token(const HttpResponse& response) {
  Error error = error_of("credential.token_rejected", "Bitbucket answered 401.");
  if (const auto failure = failure_of(response)) {
    error.detail = fmt::format("Bitbucket answered {}", failure->detail);
  }
  // Each with what tells it from the others (reference: console, section 3).
  error.causes = {
      {"The token has expired or was revoked: id.atlassian.com → Security → API tokens shows its "
       "day, or no longer lists it.",
       "likely"},
      {"The token was made without scopes, or without scopes for Bitbucket: the same list says "
       "which it has.",
       "likely"},
      {"The e-mail is not that of the account the token belongs to: compare it with "
       "id.atlassian.com → Profile. A Bitbucket username is none.",
       "possible"},
      {"It is an app password or the password of the account, neither of which Bitbucket takes: "
       "API tokens begin with ATATT.",
       "unlikely"},
  };
  constexpr std::string_view checks[] = {"account", "workspaces", "workspaces", "reach"};
  refuse(checks[static_cast<std::size_t>(step_)], std::move(error));
}

Error Probe::explained(Error error, std::string_view scope) const {
  const std::vector<std::string> missing = review_scopes(report_.scopes_granted).missing;
  const bool lacks = std::find(missing.begin(), missing.end(), scope) != missing.end();
  if (!lacks || error.code == "credential.scope_missing") return error;
  error.code = "credential.scope_missing";
  error.detail = fmt::format("The token lacks {}. {}", scope, error.detail);
  error.scopes_required = {std::string(scope)};
  error.scopes_granted = report_.scopes_granted;
  return error;
}

void Probe::refuse(std::string_view check, Error error) {
  if (error.code == "credential.scope_missing") {
    name_scopes(error);
    scope_refusal_ = error;
  }
  checks_.push_back(check_of(check, "failed", error));
  if (report_.error) {
    // All workspaces that are not visible are one error.
    report_.error->detail += " " + error.detail;
    report_.error->fields.insert(report_.error->fields.end(), error.fields.begin(),
                                 error.fields.end());
  } else {
    report_.error = std::move(error);
  }
  finish();
}

void Probe::pass(std::string_view check, std::string detail) {
  checks_.push_back({std::string(check), "passed", "", std::move(detail), ""});
}

void Probe::warn(std::string_view check, const Error& error) {
  checks_.push_back(check_of(check, "warning", error));
}

/// The visible workspaces that the source would cover.
std::vector<VisibleWorkspace> Probe::covered() const {
  std::vector<VisibleWorkspace> workspaces;
  for (const VisibleWorkspace& workspace : report_.workspaces) {
    const auto called = [&](const std::string& name) { return is_called(workspace, name); };
    if (selection_.all || std::ranges::any_of(selection_.slugs, called)) {
      workspaces.push_back(workspace);
    }
  }
  return workspaces;
}

bool Probe::may_ask() const {
  return requests_ < most_requests + (selection_.all ? 0 : selection_.slugs.size());
}

ProbeReport Probe::report() const {
  ProbeReport report = report_;
  const ScopeReview review = review_scopes(report.scopes_granted);
  report.valid = !report.error;
  report.scopes_known = review.comparable;
  report.scopes_missing = review.missing;
  report.scopes_excess = review.writing;
  report.scopes_excess.insert(report.scopes_excess.end(), review.control.begin(),
                              review.control.end());
  const auto add = [&](std::string_view id) {
    const std::size_t before = report.checks.size();
    for (const ProbeCheck& check : checks_) {
      if (check.id == id) report.checks.push_back(check);
    }
    if (report.checks.size() == before) {
      report.checks.push_back({std::string(id), "skipped", "", "", ""});
    }
  };
  add("account");
  report.checks.push_back(scope_check(review, scope_refusal_));
  if (!review.writing.empty()) {
    report.checks.push_back(
        check_of("scopes", "warning",
                 error_of("credential.overprivileged",
                          fmt::format("More than reading: {}.", fmt::join(review.writing, ", ")))));
  }
  add("workspaces");
  add("reach");
  if (report.scopes_known) report.coverage = foreseen_coverage(report.scopes_granted, covered());
  return report;
}

Task<Result<ProbeReport>> probe(Ask ask, storage::WorkspaceSelection workspaces) {
  Probe machine(std::move(workspaces));
  while (!machine.done()) {
    std::string target = machine.target();
    const Result<HttpResponse> response = co_await ask(std::move(target));
    if (!response) co_return fail(response);
    const Result<void> accepted = machine.accept(*response);
    if (!accepted) co_return fail(accepted);
  }
  co_return machine.report();
}

}  // namespace evidenced::connector::bitbucket
