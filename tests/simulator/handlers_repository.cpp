// What is seen of repositories, their grants and restrictions, and pull requests.
#include "tests/simulator/handlers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace evidenced::simulator::handlers {
namespace {

constexpr std::array<std::string_view, 6> hidden_in_pr_list{
    "values.participants",      "values.reviewers",           "values.rendered",
    "values.merge_commit.date", "values.merge_commit.author", "values.merge_commit.message"};
constexpr std::array<std::string_view, 3> hidden_in_pr{"merge_commit.date", "merge_commit.author",
                                                       "merge_commit.message"};

}  // namespace

void repositories(Exchange& x) {
  if (x.anonymous()) return x.list(Exchange::values({}));
  auto rows = visible(x);
  const auto role = x.target().find("role");
  // Read-only accounts get nothing for role=member.
  if (role && *role == "member" && x.role() != Role::admin) rows.clear();
  const auto updated = [rows](std::size_t i) { return rows[i]->updated_on; };
  Listing listing = rows_of(std::move(rows), [&x](const Repository& r) -> const json::value& {
    return x.bodies().repository(x.workspace(), r);
  });
  listing.updated = updated;
  x.list(std::move(listing));
}

void repository(Exchange& x) {
  x.single(x.bodies().repository(x.workspace(), x.repository()));
}

void restrictions(Exchange& x) {
  const auto kind = x.target().find("kind");
  const auto pattern = x.target().find("pattern");
  const auto keep = [&](const Restriction& r) {
    return (!kind || *kind == r.kind) && (!pattern || *pattern == r.pattern);
  };
  Listing listing = rows_of(pointers(x.repository().restrictions, keep),
                            [&x](const Restriction& r) -> const json::value& {
                              return x.bodies().restriction(x.workspace(), x.repository(), r);
                            });
  listing.filters = false;
  listing.sorts = false;
  x.list(std::move(listing));
}

std::int64_t number_in(std::string_view text) {
  std::int64_t number = -1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ptr == text.data() + text.size() ? number : -1;
}

void restriction(Exchange& x) {
  for (const Restriction& known : x.repository().restrictions) {
    if (known.id == number_in(x.capture("id")))
      return x.single(x.bodies().restriction(x.workspace(), x.repository(), known));
  }
  x.not_found("BranchRestriction matching query does not exist.");
}

/// The states that a list of pull requests asks for; empty: all.
static std::vector<std::string> wanted_states(Exchange& x) {
  std::vector<std::string> states;
  for (std::string state : x.target().all("state")) {
    std::transform(state.begin(), state.end(), state.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (state == "ALL") return {};
    states.push_back(std::move(state));
  }
  const std::string q = x.target().find("q").value_or("");
  if (states.empty() && q.find("state") == std::string::npos) states.emplace_back("OPEN");
  return states;
}

void pull_requests(Exchange& x) {
  const auto states = wanted_states(x);
  if (x.switches().pr_sort_fails && states.size() != 1 && x.target().find("sort"))
    return x.error(500, "Something went wrong");
  auto rows = pointers(x.repository().pull_requests, [&](const PullRequest& p) {
    return states.empty() || std::find(states.begin(), states.end(), p.state) != states.end();
  });
  std::reverse(rows.begin(), rows.end());  // newest first: a new one shifts every later page
  const auto updated = [rows](std::size_t i) { return rows[i]->updated_on; };
  Listing listing = rows_of(std::move(rows), [&x](const PullRequest& p) -> const json::value& {
    return x.bodies().pull_request(x.workspace(), x.repository(), p);
  });
  listing.updated = updated;
  listing.cap = 50;
  listing.hidden = hidden_in_pr_list;
  x.list(std::move(listing));
}

void pull_request(Exchange& x) {
  const PullRequest* found = World::find_pull_request(x.repository(), number_in(x.capture("id")));
  if (found == nullptr) return x.not_found("Pull request not found.");
  x.single(x.bodies().pull_request(x.workspace(), x.repository(), *found), hidden_in_pr);
}

}  // namespace evidenced::simulator::handlers
