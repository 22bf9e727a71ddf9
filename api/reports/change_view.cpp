#include "api/reports/change_view.hpp"

#include "api/artifacts/artifact_view.hpp"
#include "api/artifacts/filter.hpp"
#include "connector/bitbucket/streams.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <utility>

namespace evidenced::api {
namespace {

using evidence::Account;
using evidence::Approval;
using evidence::Checks;
using evidence::ReportedChange;

void write_account(JsonOut& json, const Account& account) {
  if (account.id.empty()) {
    json.null();
    return;
  }
  const bool has_uuid = account.id.starts_with('{');
  json.begin_object();
  json.member("id", account.id);
  json.text_or_null("uuid", has_uuid ? std::string_view(account.id) : std::string_view());
  json.text_or_null("name", account.name);
  json.member("is_app", account.is_app);
  json.end_object();
}

void write_checks(JsonOut& json, const std::optional<Checks>& checks) {
  if (!checks) {
    json.null();
    return;
  }
  json.begin_object();
  json.member("successful", checks->successful);
  json.member("failed", checks->failed);
  json.member("in_progress", checks->in_progress);
  json.member("stopped", checks->stopped);
  json.end_object();
}

void write_approvals(JsonOut& json, const std::vector<Approval>& approvals) {
  json.begin_array();
  for (const Approval& approval : approvals) {
    json.begin_object().key("by");
    write_account(json, approval.by);
    json.member("at", approval.at);
    json.end_object();
  }
  json.end_array();
}

std::string approvals_text(const std::vector<Approval>& approvals) {
  std::string text;
  for (const Approval& approval : approvals) {
    if (!text.empty()) text += "; ";
    text += approval.by.name.empty() ? "?" : approval.by.name;
    if (approval.at) text += " " + format_rfc3339(*approval.at);
  }
  return text;
}

std::string word_of(const std::optional<bool>& answer) {
  if (!answer) return "";
  return *answer ? "true" : "false";
}

/// The columns, and how each is filled.
struct ChangeColumn {
  std::string_view name;
  std::string (*text)(const ReportedChange&);
};

const Account& merger_of(const ReportedChange& change) {
  static const Account nobody;
  return change.judgement.merged_by ? *change.judgement.merged_by : nobody;
}

template <std::int64_t Checks::* counter>
std::string check_count(const ReportedChange& change) {
  return change.change.checks ? std::to_string(*change.change.checks.*counter) : "";
}

using Row = ReportedChange;

constexpr ChangeColumn change_columns[] = {
    {"artifact_id", [](const Row& row) { return row.artifact.id; }},
    {"repository", [](const Row& row) { return row.artifact.repository; }},
    {"number", [](const Row& row) { return std::to_string(row.change.number); }},
    {"title", [](const Row& row) { return row.change.title; }},
    {"url", [](const Row& row) { return row.change.url; }},
    {"author_id", [](const Row& row) { return row.change.author.id; }},
    {"author", [](const Row& row) { return row.change.author.name; }},
    {"merged_by_id", [](const Row& row) { return merger_of(row).id; }},
    {"merged_by", [](const Row& row) { return merger_of(row).name; }},
    {"merged_at", [](const Row& row) { return format_rfc3339(row.change.merged_at); }},
    {"destination", [](const Row& row) { return row.change.destination; }},
    {"source_branch", [](const Row& row) { return row.change.source_branch; }},
    {"merge_commit", [](const Row& row) { return row.change.merge_commit; }},
    {"approvals", [](const Row& row) { return approvals_text(row.judgement.approvals); }},
    {"approved_by_other", [](const Row& row) { return word_of(row.judgement.approved_by_other); }},
    {"self_merged", [](const Row& row) { return word_of(row.judgement.self_merged); }},
    {"checks_successful", check_count<&Checks::successful>},
    {"checks_failed", check_count<&Checks::failed>},
    {"checks_in_progress", check_count<&Checks::in_progress>},
    {"checks_stopped", check_count<&Checks::stopped>},
    {"tasks_open",
     [](const Row& row) {
       return row.change.tasks_open ? std::to_string(*row.change.tasks_open) : "";
     }},
    {"findings",
     [](const Row& row) {
       return fmt::format("{}", fmt::join(names_of(row.judgement.findings), " "));
     }},
    {"not_evaluable",
     [](const Row& row) {
       return fmt::format("{}", fmt::join(names_of(row.judgement.not_evaluable), " "));
     }},
};

}  // namespace

Result<evidence::ChangeQuestion> read_change_question(storage::Connection& connection,
                                                      const Exchange& exchange) {
  Result<ArtifactQuery> artifacts = read_artifact_query(connection, exchange);
  if (!artifacts) return fail(artifacts);
  const Query& query = exchange.query;
  evidence::ChangeQuestion question;
  storage::MergedFilter& filter = question.filter;
  filter.source_ids = std::move(artifacts->sources);
  filter.workspaces = std::move(artifacts->filter.workspaces);
  filter.projects = std::move(artifacts->filter.projects);
  filter.repositories = std::move(artifacts->filter.repositories);
  filter.window = artifacts->filter.window;
  filter.from = query.time("from");
  filter.to = query.time("to");
  question.branches = query.all("branch");
  question.authors = query.all("author");
  question.mergers = query.all("merged_by");
  question.title = query.text("q");
  for (const std::string& name : query.all("finding")) {
    const auto finding = evidence::finding_of(name);
    if (finding) question.findings.set(static_cast<std::size_t>(*finding));
  }
  const auto* builds = connector::bitbucket::find_stream("build_status");
  question.builds_before = connector::bitbucket::window_of(
      *builds, exchange.core.services.settings.connector.history_days);
  return question;
}

std::vector<std::string> change_kinds() {
  return {"pull_request", "pull_request_activity", "build_status", "pipeline"};
}

std::vector<std::string> names_of(const evidence::Findings& findings) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < findings.size(); ++at) {
    if (findings[at]) names.emplace_back(evidence::name_of(static_cast<evidence::Finding>(at)));
  }
  return names;
}

void write_change(JsonOut& json, const ReportedChange& row) {
  const evidence::MergedChange& change = row.change;
  const evidence::Judgement& judgement = row.judgement;
  json.begin_object();
  json.member("artifact_id", row.artifact.id);
  json.member("source_id", row.artifact.source_id);
  json.text_or_null("repository", row.artifact.repository);
  json.member("number", change.number);
  json.member("title", change.title);
  json.text_or_null("url", change.url);
  json.key("author");
  write_account(json, change.author);
  json.key("merged_by");
  write_account(json, merger_of(row));
  json.member("merged_at", change.merged_at);
  json.text_or_null("destination", change.destination);
  json.text_or_null("source_branch", change.source_branch);
  json.text_or_null("merge_commit", change.merge_commit);
  json.key("approvals");
  write_approvals(json, judgement.approvals);
  json.member("approved_by_other", judgement.approved_by_other);
  json.member("self_merged", judgement.self_merged);
  json.key("checks");
  write_checks(json, change.checks);
  json.member("tasks_open", change.tasks_open);
  json.member("findings", names_of(judgement.findings));
  json.member("not_evaluable", names_of(judgement.not_evaluable));
  json.end_object();
}

void write_change_header(std::string& out) {
  std::string_view before;
  for (const ChangeColumn& column : change_columns) {
    out += std::exchange(before, ",");
    out += column.name;
  }
  out += "\r\n";
}

void write_change_record(std::string& out, const ReportedChange& change) {
  std::string_view before;
  for (const ChangeColumn& column : change_columns) {
    out += std::exchange(before, ",");
    append_csv_cell(out, column.text(change));
  }
  out += "\r\n";
}

}  // namespace evidenced::api
