// What is seen of commits, activity, pipelines and deployments. None of it is
// kept in the world: it follows from the pull requests.
#include "tests/simulator/handlers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::simulator::handlers {
namespace {

/// A uuid that follows from another one and a number.
std::string derived(const std::string& uuid, std::int64_t number, std::string_view kind) {
  std::uint64_t seed = static_cast<std::uint64_t>(number) * 1099511628211U;
  for (const char c : uuid + std::string(kind)) seed = seed * 31 + static_cast<unsigned char>(c);
  return "{" + Dice(seed).uuid() + "}";
}

std::string path_of(Exchange& x) {
  return "repositories/" + x.workspace().slug + "/" + x.repository().slug;
}

json::value commit_author(Exchange& x, const PullRequest& pr) {
  const Person& person = x.world().people[pr.author];
  json::object author{{"type", "author"},
                      {"raw", fmt::format("{} <{}>", person.nickname, person.email)}};
  if (pr.id % 5 < 3 && !person.erased) author["user"] = x.bodies().account(pr.author);
  return author;  // unlinked addresses have no user
}

json::value commit_row(Exchange& x, const PullRequest& pr, const std::string& hash,
                       const std::vector<std::string>& parents) {
  const std::string path = path_of(x) + "/commit/";
  json::array shown;
  for (const std::string& parent : parents)
    shown.push_back(
        {{"type", "commit"}, {"hash", parent}, {"links", {{"self", api_link(path + parent)}}}});
  const Micros time = pr.closed_on == 0 ? pr.created_on : pr.closed_on;
  const std::string message = pr.title + "\n";
  return {
      {"type", "commit"},
      {"hash", hash},
      {"date", stamp(time - time % 1'000'000, pr.id % 3 == 0 ? Spelling::offset : Spelling::six)},
      {"author", commit_author(x, pr)},
      {"message", message},
      {"summary", {{"type", "rendered"}, {"raw", message}, {"markup", "markdown"}}},
      {"links", {{"self", api_link(path + hash)}}},
      {"parents", shown},
      {"repository", x.bodies().repository_short(x.workspace(), x.repository())}};
}

json::value pull_request_short(Exchange& x, const PullRequest& pr) {
  return {{"type", "pullrequest"},
          {"id", pr.id},
          {"title", pr.title},
          {"links", {{"self", api_link(fmt::format("{}/pullrequests/{}", path_of(x), pr.id))}}}};
}

using Dated = std::pair<Micros, json::value>;

void activity_of(Exchange& x, const PullRequest& pr, std::vector<Dated>& rows) {
  const json::value shown = pull_request_short(x, pr);
  const auto update = [&](Micros time, std::string_view state, std::size_t who) {
    rows.emplace_back(time, json::value{{"pull_request", shown},
                                        {"update",
                                         {{"state", state},
                                          {"title", pr.title},
                                          {"date", stamp(time)},
                                          {"author", x.bodies().account(who)},
                                          {"reason", pr.reason},
                                          {"changes", json::object()}}}});
  };
  update(pr.created_on, "OPEN", pr.author);
  for (const Participant& participant : pr.participants) {
    if (participant.state.empty() || !participant.participated_on) continue;
    const Micros time = *participant.participated_on;
    const std::string name = participant.state == "approved" ? "approval" : "changes_requested";
    rows.emplace_back(time, json::value{{"pull_request", shown},
                                        {name,
                                         {{"date", stamp(time)},
                                          {"user", x.bodies().account(participant.person)},
                                          {"pullrequest", shown}}}});
  }
  if (pr.closed_on != 0) update(pr.closed_on, pr.state, pr.closed_by.value_or(pr.author));
}

/// Newest first, without ids, deaf to q and sort.
void activity_list(Exchange& x, std::vector<Dated> rows) {
  std::sort(rows.begin(), rows.end(),
            [](const Dated& a, const Dated& b) { return a.first > b.first; });
  std::deque<json::value> shown;
  for (Dated& row : rows) shown.push_back(std::move(row.second));
  Listing listing = Exchange::values(std::move(shown));
  listing.cap = 50;
  listing.page_length = 20;
  listing.filters = false;
  listing.sorts = false;
  x.list(std::move(listing));
}

json::value pipeline_state(const PullRequest& pr) {
  if (pr.state == "OPEN" && pr.id % 2 == 0)  // no result while it runs
    return {{"type", "pipeline_state_in_progress"},
            {"name", "IN_PROGRESS"},
            {"stage", {{"type", "pipeline_state_in_progress_paused"}, {"name", "PAUSED"}}}};
  const char* result = pr.state == "DECLINED" ? "FAILED" : "SUCCESSFUL";
  return {{"type", "pipeline_state_completed"},
          {"name", "COMPLETED"},
          {"result", {{"type", "pipeline_state_completed_result"}, {"name", result}}}};
}

json::value pipeline_row(Exchange& x, const PullRequest& pr) {
  const std::string uuid = derived(x.repository().uuid, pr.id, "pipeline");
  // Only whole milliseconds, and Z: this is another service.
  const Micros created = pr.created_on - pr.created_on % 1000;
  return {{"type", "pipeline"},
          {"uuid", uuid},
          {"build_number", pr.id},
          {"creator", x.bodies().account(pr.author)},
          {"repository", x.bodies().repository_short(x.workspace(), x.repository())},
          {"target",
           {{"type", "pipeline_ref_target"},
            {"ref_type", "branch"},
            {"ref_name", pr.source_branch},
            {"commit", {{"type", "commit"}, {"hash", pr.source_hash}}}}},
          {"trigger", {{"type", "pipeline_trigger_push"}, {"name", "PUSH"}}},
          {"state", pipeline_state(pr)},
          {"created_on", stamp(created, Spelling::zulu)},
          {"completed_on", stamp(created + 90'000'000, Spelling::zulu)},
          {"run_number", 1},
          {"duration_in_seconds", 90},
          {"build_seconds_used", 88},
          {"links",
           {{"self",
             {{"href", "http://bitbucket-pipelines.prod.public.atl-paas.net//rest/1.0/accounts/" +
                           encode_uuid(uuid)}}}}}};
}

json::value deployment_row(Exchange& x, const PullRequest& pr) {
  static const std::vector<std::string> environments{"Test", "Staging", "Production"};
  const std::string& name = environments[static_cast<std::size_t>(pr.id) % environments.size()];
  const std::string& repository = x.repository().uuid;
  json::object state;
  if (pr.id % 10 == 0) {
    state = {{"type", "deployment_state_undeployed"}, {"name", "UNDEPLOYED"}};
  } else {
    state = {{"type", "deployment_state_completed"},
             {"name", "COMPLETED"},
             {"status", {{"name", "SUCCESSFUL"}}},
             {"started_on", stamp(pr.closed_on, Spelling::nine)},
             {"completed_on", stamp(pr.closed_on + 1'000'000, Spelling::nine)},
             {"deployer", x.bodies().account(pr.closed_by.value_or(pr.author))}};
  }
  return {{"type", "deployment"},
          {"uuid", derived(repository, pr.id, "deployment")},
          {"environment",
           {{"type", "deployment_environment"},
            {"uuid", derived(repository, 0, name)},
            {"name", name}}},
          {"release",
           {{"type", "deployment_release"},
            {"name", fmt::format("#{}", pr.id)},
            {"commit", {{"type", "commit"}, {"hash", pr.merge_hash}}}}},
          {"state", state},
          {"last_update_time", stamp(pr.closed_on, Spelling::nine)}};
}

/// The service answers these two paths with a slash alone.
bool lacks_slash(Exchange& x) {
  if (!x.switches().pipelines_need_slash || x.target().segments.back().empty()) return false;
  x.text(404, "<!DOCTYPE html><html><body>Not found</body></html>");
  return true;
}

}  // namespace

void commits(Exchange& x) {
  if (x.repository().main_branch.empty()) return x.not_found("Commit not found");
  std::deque<json::value> rows;
  for (auto pr = x.repository().pull_requests.rbegin(); pr != x.repository().pull_requests.rend();
       ++pr) {
    if (pr->state == "MERGED")
      rows.push_back(commit_row(x, *pr, pr->merge_hash, {pr->destination_hash, pr->source_hash}));
  }
  Listing listing = Exchange::values(std::move(rows));
  listing.next = Next::context;
  listing.filters = false;
  listing.sorts = false;
  x.list(std::move(listing));
}

void pull_request_commits(Exchange& x) {
  const PullRequest* pr = World::find_pull_request(x.repository(), number_in(x.capture("id")));
  if (pr == nullptr) return x.not_found("Pull request not found.");
  std::deque<json::value> rows;
  Dice dice(static_cast<std::uint64_t>(pr->id));
  for (int i = 0; i < 12; ++i)
    rows.push_back(commit_row(x, *pr, i == 0 ? pr->source_hash : dice.hex(40), {dice.hex(40)}));
  Listing listing = Exchange::values(std::move(rows));
  listing.next = Next::token;
  listing.filters = false;
  x.list(std::move(listing));
}

void activity(Exchange& x) {
  std::vector<Dated> rows;
  for (const PullRequest& pr : x.repository().pull_requests) activity_of(x, pr, rows);
  activity_list(x, std::move(rows));
}

void pull_request_activity(Exchange& x) {
  const PullRequest* pr = World::find_pull_request(x.repository(), number_in(x.capture("id")));
  if (pr == nullptr) return x.not_found("Pull request not found.");
  std::vector<Dated> rows;
  activity_of(x, *pr, rows);
  activity_list(x, std::move(rows));
}

void pipelines(Exchange& x) {
  if (lacks_slash(x)) return;
  std::deque<json::value> rows;
  for (const PullRequest& pr : x.repository().pull_requests) rows.push_back(pipeline_row(x, pr));
  Listing listing = Exchange::values(std::move(rows));
  listing.filters = false;
  listing.leads_on = !x.switches().pipelines_without_next;
  x.list(std::move(listing));
}

void deployments(Exchange& x) {
  if (lacks_slash(x)) return;
  std::deque<json::value> rows;
  for (auto pr = x.repository().pull_requests.rbegin(); pr != x.repository().pull_requests.rend();
       ++pr) {
    if (pr->state == "MERGED") rows.push_back(deployment_row(x, *pr));
  }
  Listing listing = Exchange::values(std::move(rows));
  listing.filters = false;
  listing.refuses_sort = true;
  x.list(std::move(listing));
}

}  // namespace evidenced::simulator::handlers
