// What is seen of the activity of pull requests and of what their merge demands.
#include "tests/simulator/handlers.hpp"

#include <algorithm>

namespace evidenced::simulator::handlers {
namespace {

/// Newest first, without ids, deaf to q and sort.
void activity_list(Exchange& x, std::vector<Happened> rows) {
  const std::size_t count = rows.size();
  Listing listing = Exchange::made(count, [&x, rows = std::move(rows)](std::size_t i) {
    return x.delivery_bodies().activity(x.workspace(), x.repository(), *rows[i].pull_request,
                                        *rows[i].event);
  });
  listing.cap = 50;
  listing.page_length = 20;
  listing.filters = false;
  listing.sorts = false;
  x.list(std::move(listing));
}

const PullRequest* chosen(Exchange& x) {
  const PullRequest* found = World::find_pull_request(x.repository(), number_in(x.capture("id")));
  if (found == nullptr) x.not_found("Pull request not found.");
  return found;
}

}  // namespace

void activity(Exchange& x) {
  activity_list(x, activity_of(x.repository()));
}

void pull_request_activity(Exchange& x) {
  const PullRequest* pull_request = chosen(x);
  if (pull_request != nullptr) activity_list(x, activity_of(x.repository(), pull_request));
}

void merge_checks(Exchange& x) {
  const PullRequest* pull_request = chosen(x);
  if (pull_request == nullptr) return;
  static constexpr std::string_view without_git = R"(type!="git_mergeability_check")";
  static constexpr std::string_view without_behind = R"(check.kind!="maximum_commits_behind")";
  std::string q = x.target().find("q").value_or("");
  std::erase(q, ' ');
  const bool no_git = q.find(without_git) != std::string::npos;
  const bool no_behind = q.find(without_behind) != std::string::npos;
  const std::size_t known = (no_git ? without_git.size() : 0) +
                            (no_behind ? without_behind.size() : 0) + (no_git && no_behind ? 3 : 0);
  if (q.size() != known) return x.error(400, "Unsupported query");
  json::array checks = x.delivery_bodies().merge_checks(x.repository(), *pull_request,
                                                        x.switches().plan == Plan::premium);
  json::array shown;
  for (json::value& check : checks) {
    const json::object& object = check.as_object();
    const bool git = object.at("type") == "git_mergeability_check";
    const json::value* definition = object.if_contains("check");
    const bool behind = definition != nullptr && definition->at("kind") == "maximum_commits_behind";
    if (!(git && no_git) && !(behind && no_behind)) shown.push_back(std::move(check));
  }
  const std::size_t size = shown.size();
  x.single({{"size", size}, {"values", std::move(shown)}});
}

}  // namespace evidenced::simulator::handlers
