// Goal: two entries of the activity that say the same are two, wherever the pages part them, and
// neither are they taken for rows that moved nor are rows that moved taken for them (promise P1).
// Method: activity of one repository on two pages, with a pair that cannot be told apart; the world
// changes between the pages.
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"
#include "tests/simulator/bodies_delivery.hpp"

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using simulator::Event;
using simulator::Fault;
using simulator::FaultKind;
using simulator::PullRequest;
using storage::SyncResult;

namespace {

constexpr std::size_t page_length = 50;
constexpr std::string_view path_of_activity = "/pullrequests/activity";

simulator::WorldOptions shared_repository() {
  simulator::WorldOptions options;
  options.people = 4;
  options.projects = 1;
  options.repositories = 1;
  options.pull_requests = 10;
  options.activity = 90;
  options.odd = false;
  return options;
}

class Activity {
 public:
  explicit Activity(SyncLab& lab) : lab_(lab) {}

  simulator::Repository& repository() {
    return *lab_.world().workspaces.front()->repositories.front();
  }
  std::size_t rows() { return simulator::activity_of(repository()).size(); }

  /// Makes the entry at `place` of the list an approval, and another one of it, which follows it.
  void pair(std::size_t place) {
    const simulator::Happened happened = simulator::activity_of(repository())[place];
    PullRequest& pull_request = owner(*happened.pull_request);
    const auto at = pull_request.events.begin() + (happened.event - pull_request.events.data());
    *at = {Event::Kind::approval, pull_request.author, happened.event->time, "", "", "", "", 0};
    const Event copy = *at;
    pull_request.events.insert(at, copy);
  }

  void add() {
    PullRequest& pull_request = repository().pull_requests.front();
    const auto now = lab_.clock().now().time_since_epoch();
    Event event{Event::Kind::changes_requested, 0, 0, "", "", "", "", 0};
    event.time = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    pull_request.events.push_back(event);
  }

  void drop(std::size_t place) {
    const simulator::Happened happened = simulator::activity_of(repository())[place];
    PullRequest& pull_request = owner(*happened.pull_request);
    pull_request.events.erase(pull_request.events.begin() +
                              (happened.event - pull_request.events.data()));
  }

  std::size_t requests() {
    std::size_t count = 0;
    for (const simulator::LogEntry& entry : lab_.bitbucket().log()) {
      if (entry.request.target.find(path_of_activity) != std::string::npos) ++count;
    }
    return count;
  }

 private:
  PullRequest& owner(const PullRequest& found) {
    for (PullRequest& pull_request : repository().pull_requests) {
      if (&pull_request == &found) return pull_request;
    }
    throw std::logic_error("not of this repository");
  }

  SyncLab& lab_;
};

/// Just before the second page.
Fault between_pages(std::function<void()> action) {
  Fault fault;
  fault.kind = FaultKind::action;
  fault.contains = path_of_activity;
  fault.first = 2;
  fault.count = 1;
  fault.action = std::move(action);
  return fault;
}

}  // namespace

TEST_CASE("entries of activity that cannot be told apart are all received", "[sync]") {
  SyncLab lab(shared_repository());
  Activity activity(lab);
  const std::string source = lab.add_source();
  std::size_t requests = 2;

  SECTION("on one page") {
    activity.pair(10);
  }
  SECTION("on two pages") {
    activity.pair(page_length - 1);
  }
  SECTION("on two pages, while the list grows") {
    activity.pair(page_length - 1);
    lab.bitbucket().add_fault(between_pages([&] { activity.add(); }));
  }
  SECTION("on two pages, while the list shrinks: it is read again") {
    activity.pair(page_length - 1);
    lab.bitbucket().add_fault(between_pages([&] { activity.drop(0); }));
    requests = 4;
  }
  REQUIRE(activity.rows() > page_length + 5);
  REQUIRE(activity.rows() < 2 * page_length);
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  CHECK(stream(sync, "pull_request_activity").complete);
  CHECK(activity.requests() == requests);
  lab.run_for(25h);
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(lab.run_sync(source, storage::SyncMode::full).result == SyncResult::succeeded);
}

TEST_CASE("an entry of activity that comes while another goes takes none along", "[sync]") {
  SyncLab lab(shared_repository());
  Activity activity(lab);
  const std::string source = lab.add_source();
  lab.start();
  // The length stays, and the second page begins with the last row of the first.
  lab.bitbucket().add_fault(between_pages([&] {
    activity.add();
    activity.drop(page_length + 3);
  }));
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  const std::vector<std::string> lines = lab.differences(source, {"pull_request_activity"});
  CHECK(lines.size() == 1);  // what came
  CHECK(lab.run_sync(source, storage::SyncMode::full).result == SyncResult::succeeded);
  CHECK(lab.differences(source, {"pull_request_activity"}).empty());
}
