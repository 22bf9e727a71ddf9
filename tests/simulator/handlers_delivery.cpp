// What is seen of commits, builds and deployments.
#include "tests/simulator/handlers.hpp"

#include <utility>

namespace evidenced::simulator::handlers {
namespace {

/// The service answers these two paths with a slash alone.
bool lacks_slash(Exchange& x) {
  if (!x.switches().pipelines_need_slash || x.target().segments.back().empty()) return false;
  x.text(404, "<!DOCTYPE html><html><body>Not found</body></html>");
  return true;
}

/// The commits that query parameters or the path name; nothing when one is not there.
std::optional<std::vector<int>> named(Exchange& x, std::string_view parameter) {
  std::vector<int> found;
  for (const std::string& name : x.target().all(parameter)) {
    found.push_back(find_commit(x.repository(), name));
    if (found.back() < 0) {
      x.not_found("Commit not found");
      return std::nullopt;
    }
  }
  return found;
}

Listing iterator(Exchange& x, std::vector<std::size_t> rows) {
  const std::size_t count = rows.size();
  Listing listing = Exchange::made(count, [&x, rows = std::move(rows)](std::size_t i) {
    return x.delivery_bodies().commit(x.workspace(), x.repository(), rows[i]);
  });
  listing.next = Next::context;
  listing.filters = false;
  listing.sorts = false;
  return listing;
}

/// Newest first, deaf to q.
Listing newest_first(std::size_t count, std::function<json::value(std::size_t)> make) {
  Listing listing = Exchange::made(
      count, [count, make = std::move(make)](std::size_t i) { return make(count - 1 - i); });
  listing.filters = false;
  return listing;
}

}  // namespace

void commits(Exchange& x) {
  const std::string& ref = x.capture("ref");
  auto tips = named(x, "include");
  if (!tips) return;
  const auto without = named(x, "exclude");
  if (!without) return;
  if (!ref.empty()) tips->push_back(find_commit(x.repository(), ref));
  if (tips->empty()) {  // every branch
    for (const std::string& branch : branches_of(x.repository()))
      tips->push_back(find_commit(x.repository(), branch));
    std::erase(*tips, -1);
  }
  if (tips->empty() || tips->back() < 0) return x.not_found("Commit not found");
  x.list(iterator(x, reachable(x.repository().history, *tips, *without)));
}

void commit(Exchange& x) {
  const int found = find_commit(x.repository(), x.capture("commit"));
  if (found < 0) return x.not_found("Commit not found");
  x.single(
      x.delivery_bodies().commit(x.workspace(), x.repository(), static_cast<std::size_t>(found)));
}

void statuses(Exchange& x) {
  const int found = find_commit(x.repository(), x.capture("commit"));
  if (found < 0) return x.not_found("Commit not found");
  x.list(Exchange::values(x.delivery_bodies().statuses(x.workspace(), x.repository(),
                                                       static_cast<std::size_t>(found))));
}

void pull_request_commits(Exchange& x) {
  const PullRequest* pr = World::find_pull_request(x.repository(), number_in(x.capture("id")));
  if (pr == nullptr) return x.not_found("Pull request not found.");
  std::vector<std::size_t> rows;
  for (std::size_t i = x.repository().history.commits.size(); i-- > 0;) {
    const Commit& known = x.repository().history.commits[i];
    if (known.pull_request == pr->id && known.hash != pr->merge_hash) rows.push_back(i);
  }
  Listing listing = iterator(x, std::move(rows));
  listing.next = Next::token;
  x.list(std::move(listing));
}

void pipelines(Exchange& x) {
  if (lacks_slash(x)) return;
  // Oldest first unless sort says otherwise.
  Listing listing = Exchange::made(x.repository().history.pipelines.size(), [&x](std::size_t i) {
    return x.delivery_bodies().pipeline(x.workspace(), x.repository(), i);
  });
  const auto sort = x.target().find("sort");
  if (sort && *sort == "-created_on") {
    listing = newest_first(listing.count, std::move(listing.make));
    listing.sorts = false;
  } else if (sort && *sort == "created_on") {
    listing.sorts = false;
  }
  listing.filters = false;
  listing.leads_on = !x.switches().pipelines_without_next;
  x.list(std::move(listing));
}

void pipeline(Exchange& x) {
  for (std::size_t i = 0; i < x.repository().history.pipelines.size(); ++i) {
    if (pipeline_uuid(x.repository(), i) == x.capture("pipeline"))
      return x.single(x.delivery_bodies().pipeline(x.workspace(), x.repository(), i));
  }
  x.not_found("Pipeline not found");
}

void deployments(Exchange& x) {
  if (lacks_slash(x)) return;
  Listing listing = newest_first(x.repository().history.deployments.size(), [&x](std::size_t i) {
    return x.delivery_bodies().deployment(x.workspace(), x.repository(), i);
  });
  listing.refuses_sort = true;
  x.list(std::move(listing));
}

void deployment(Exchange& x) {
  for (std::size_t i = 0; i < x.repository().history.deployments.size(); ++i) {
    if (deployment_uuid(x.repository(), i) == x.capture("deployment"))
      return x.single(x.delivery_bodies().deployment(x.workspace(), x.repository(), i));
  }
  x.not_found("Deployment not found");
}

}  // namespace evidenced::simulator::handlers
