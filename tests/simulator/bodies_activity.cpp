#include "tests/simulator/bodies_delivery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace evidenced::simulator {
namespace {

/// The title that the pull request had then: entries do not change afterwards.
const std::string& title_at(const PullRequest& pull_request, Micros time) {
  for (const auto& [until, title] : pull_request.former_titles) {
    if (time < until) return title;
  }
  return pull_request.title;
}

json::value commit_short(const std::string& path, const std::string& hash) {
  const std::string shown = hash.substr(0, 12);
  return {{"type", "commit"},
          {"hash", shown},
          {"links", {{"self", api_link(path + "/commit/" + shown)}}}};
}

bool guards(const Restriction& rule, const Repository& repository, std::string_view branch) {
  if (rule.branch_type == "development") return branch == repository.main_branch;
  if (rule.branch_type == "production") return branch == repository.setup.production_branch;
  if (!rule.branch_type.empty()) return branch.starts_with(rule.branch_type + "/");
  const std::size_t star = rule.pattern.find('*');
  if (star == std::string::npos) return rule.pattern == branch;
  return branch.starts_with(rule.pattern.substr(0, star));
}

/// What the checks of a kind are called, demand and observe.
struct CheckNames {
  std::string_view kind;
  std::string_view requirement;
  std::string_view observed;
};
const std::map<std::string_view, CheckNames>& check_names() {
  static const std::map<std::string_view, CheckNames> names{
      {"require_approvals_to_merge", {"minimum_approvals", "minimum_approvals", "approval_count"}},
      {"require_default_reviewer_approvals_to_merge",
       {"minimum_default_reviewer_approvals", "minimum_approvals", "approval_count"}},
      {"require_passing_builds_to_merge",
       {"minimum_successful_builds", "minimum_successful_builds", "successful_build_count"}},
      {"require_commits_behind",
       {"maximum_commits_behind", "maximum_commits_behind", "commits_behind"}},
      {"require_tasks_to_be_completed",
       {"resolved_tasks", "maximum_unresolved_tasks", "unresolved_task_count"}},
      {"require_no_changes_requested",
       {"no_changes_requested", "maximum_changes_requested", "changes_requested_count"}}};
  return names;
}

int count_in_state(const PullRequest& pull_request, std::string_view state) {
  return static_cast<int>(
      std::count_if(pull_request.participants.begin(), pull_request.participants.end(),
                    [&](const Participant& participant) { return participant.state == state; }));
}

int observed(const Repository& repository, const PullRequest& pull_request, std::string_view kind) {
  if (kind == "minimum_successful_builds") {
    const auto& all = repository.history.pipelines;
    return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const Pipeline& pipeline) {
      return pipeline.hash == pull_request.source_hash &&
             pipeline.state == PipelineState::successful;
    }));
  }
  if (kind == "resolved_tasks") return pull_request.task_count;
  if (kind == "no_changes_requested") return count_in_state(pull_request, "changes_requested");
  if (kind == "maximum_commits_behind") return static_cast<int>(pull_request.id % 4);
  return count_in_state(pull_request, "approved");
}

}  // namespace

json::value DeliveryBodies::update(const Workspace& workspace, const Repository& repository,
                                   const PullRequest& pull_request, const Event& event) const {
  const std::string path = path_of(workspace, repository);
  const std::string& title = title_at(pull_request, event.time);
  json::object changes;
  if (event.changed == "title") changes["title"] = {{"old", event.before}, {"new", title}};
  if (event.changed == "source")
    changes["source"] = {{"old", {{"commit", commit_short(path, event.before)}}},
                         {"new", {{"commit", commit_short(path, event.hash)}}}};
  return {{"description", pull_request.description},
          {"title", title},
          {"destination",
           {{"commit", commit_short(path, pull_request.destination_hash)},
            {"branch", {{"name", pull_request.destination_branch}}},
            {"repository", bodies_.repository_short(workspace, repository)}}},
          {"reason", event.state == "DECLINED" ? pull_request.reason : std::string()},
          {"source",
           {{"commit", commit_short(path, event.hash)},
            {"branch", {{"name", pull_request.source_branch}}},
            {"repository", bodies_.repository_short(workspace, repository)}}},
          {"state", event.state},
          {"author", bodies_.account(event.person)},
          {"date", stamp(event.time)},
          {"changes", std::move(changes)}};
}

json::value DeliveryBodies::activity(const Workspace& workspace, const Repository& repository,
                                     const PullRequest& pull_request, const Event& event) const {
  const std::string path =
      fmt::format("{}/pullrequests/{}", path_of(workspace, repository), pull_request.id);
  const json::value shown{{"type", "pullrequest"},
                          {"id", pull_request.id},
                          {"title", title_at(pull_request, event.time)},
                          {"draft", false},
                          {"links",
                           {{"self", api_link(path)},
                            {"html", web_link(fmt::format("{}/{}/pull-requests/{}", workspace.slug,
                                                          repository.slug, pull_request.id))}}}};
  const std::string date = stamp(event.time);
  json::object row{{"pull_request", shown}};
  switch (event.kind) {
    case Event::Kind::update:
      row["update"] = update(workspace, repository, pull_request, event);
      break;
    case Event::Kind::approval:
    case Event::Kind::changes_requested:
      row[event.kind == Event::Kind::approval ? "approval" : "changes_requested"] = {
          {"date", date}, {"user", bodies_.account(event.person)}, {"pullrequest", shown}};
      break;
    case Event::Kind::comment: {
      const std::string text = fmt::format("Remark {} on this.", event.comment % 1000);
      row["comment"] = {
          {"type", "pullrequest_comment"},
          {"id", event.comment},
          {"created_on", date},
          {"updated_on", date},
          {"deleted", false},
          {"content",
           {{"type", "rendered"},
            {"raw", text},
            {"markup", "markdown"},
            {"html", "<p>" + text + "</p>"}}},
          {"user", bodies_.account(event.person)},
          {"pullrequest", shown},
          {"links", {{"self", api_link(fmt::format("{}/comments/{}", path, event.comment))}}}};
      break;
    }
  }
  return row;
}

std::vector<Happened> activity_of(const Repository& repository, const PullRequest* only) {
  std::vector<Happened> rows;
  for (const PullRequest& pull_request : repository.pull_requests) {
    if (only != nullptr && only != &pull_request) continue;
    for (auto it = pull_request.events.rbegin(); it != pull_request.events.rend(); ++it)
      rows.push_back({&pull_request, &*it});
  }
  std::vector<std::size_t> places(rows.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    const Micros left = rows[a].event->time;
    const Micros right = rows[b].event->time;
    return left != right ? left > right : a < b;
  });
  std::vector<Happened> sorted;
  sorted.reserve(rows.size());
  for (const std::size_t place : places) sorted.push_back(rows[place]);
  return sorted;
}

json::array DeliveryBodies::merge_checks(const Repository& repository,
                                         const PullRequest& pull_request, bool enforced) const {
  const bool open = pull_request.state == "OPEN";
  const auto basic = [](std::string_view type, bool passed) {
    return json::object{{"type", type},
                        {"status", passed ? "PASSED" : "FAILED"},
                        {"required", true},
                        {"blocking", !passed}};
  };
  json::object state = basic("pullrequest_state_check", open && !pull_request.draft);
  state["state"] = open && pull_request.draft ? std::string("DRAFT") : pull_request.state;
  json::object git = basic("git_mergeability_check", pull_request.id % 6 != 0);
  git["reason"] = pull_request.id % 6 != 0 ? "clean" : "conflicts";
  json::array checks{std::move(state), basic("current_user_permission_check", true),
                     std::move(git)};
  const auto guarded = [&](const Restriction& rule) {
    return guards(rule, repository, pull_request.destination_branch);
  };
  const bool blocks =
      enforced && std::any_of(repository.restrictions.begin(), repository.restrictions.end(),
                              [&](const Restriction& rule) {
                                return rule.kind == "enforce_merge_checks" && guarded(rule);
                              });
  for (const Restriction& rule : repository.restrictions) {
    const auto names = check_names().find(rule.kind);
    if (names == check_names().end() || !guarded(rule)) continue;
    const int wanted = rule.value.value_or(0);
    const int seen = observed(repository, pull_request, names->second.kind);
    const bool passed =
        names->second.requirement.starts_with("maximum") ? seen <= wanted : seen >= wanted;
    json::object check = basic("standard_merge_check", passed);
    check["required"] = blocks;
    check["blocking"] = blocks && !passed;
    check["check"] = {{"type", "standard_merge_check_definition"}, {"kind", names->second.kind}};
    check["requirement"] = {{names->second.requirement, wanted}};
    check["observed"] = {{names->second.observed, seen}};
    checks.push_back(std::move(check));
  }
  return checks;
}

}  // namespace evidenced::simulator
