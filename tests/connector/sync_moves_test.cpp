// Goal: rows that move while a list is read are not missed, and nothing is called complete of which
// a part could not be asked for (promises P1, P3). Method: the world changes between two pages, or
// between two syncs that share a walk.
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using simulator::Fault;
using simulator::FaultKind;
using storage::StreamState;
using storage::SyncMode;
using storage::SyncResult;

namespace {

const std::vector<std::string> restrictions{"branch_restriction"};

/// One repository whose restrictions take two pages.
simulator::WorldOptions long_list() {
  simulator::WorldOptions options;
  options.people = 4;
  options.projects = 1;
  options.repositories = 1;
  options.pull_requests = 3;
  options.restrictions = 150;
  return options;
}

simulator::Repository& only_repository(SyncLab& lab) {
  return *lab.world().workspaces.front()->repositories.front();
}

/// The oldest one goes: all others move up by one.
void drop_first(SyncLab& lab) {
  simulator::Repository& repository = only_repository(lab);
  lab.world().unrestrict(repository, repository.restrictions.front().id);
}

/// What meets the second page of the restrictions.
Fault on_second_page(FaultKind kind, std::uint64_t count) {
  Fault fault;
  fault.kind = kind;
  fault.path = "/2.0/repositories/";
  fault.contains = "/branch-restrictions?pagelen=100&page=2";
  fault.count = count;
  return fault;
}

/// The pages of the restrictions that were asked for from the n-th request on.
std::vector<std::string> pages_asked(SyncLab& lab, std::size_t from) {
  std::vector<std::string> pages;
  for (std::size_t i = from; i < lab.requests(); ++i) {
    const std::string& target = lab.bitbucket().log()[i].request.target;
    if (target.find("/branch-restrictions?") == std::string::npos) continue;
    pages.emplace_back(target.find("page=2") == std::string::npos ? "first" : "second");
  }
  return pages;
}

/// Live restrictions that are not stored.
std::vector<std::string> missed(SyncLab& lab, const std::string& source) {
  std::vector<std::string> lines = lab.differences(source, restrictions);
  std::erase_if(lines, [](const std::string& line) { return !line.starts_with("missing "); });
  return lines;
}

}  // namespace

TEST_CASE("a list that loses a row between two pages is read again, and no other row is missed",
          "[sync]") {
  SyncLab lab(long_list());
  const std::string source = lab.add_source();
  Fault drop = on_second_page(FaultKind::action, 1);
  drop.action = [&] { drop_first(lab); };
  lab.start();

  SECTION("once") {
    lab.bitbucket().add_fault(drop);
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::succeeded);
    CHECK(missed(lab, source) == nothing);
    CHECK(pages_asked(lab, 0) == std::vector<std::string>{"first", "second", "first", "second"});
  }
  SECTION("each time: that is told with numbers") {
    drop.count = 0;
    lab.bitbucket().add_fault(drop);
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::partial);
    const storage::SyncStream row = stream(sync, "branch_restriction");
    CHECK_FALSE(row.complete);
    REQUIRE(row.error);
    CHECK(row.error->code == "stream.incomplete");
    CHECK(row.error->detail.starts_with("1 rows left the list of 167 while it was read"));
    lab.bitbucket().clear_faults();
  }
  CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  CHECK(missed(lab, source) == nothing);
  lab.run_sync(source, SyncMode::full);
  CHECK(lab.differences(source, restrictions) == nothing);
}

TEST_CASE("a row that goes while the daemon is down is noticed by the walk that goes on",
          "[sync]") {
  SyncLab lab(long_list());
  const std::string source = lab.add_source();
  lab.bitbucket().add_fault(on_second_page(FaultKind::never, 1));
  lab.start();
  const std::string id = lab.queue(source);
  REQUIRE(lab.run_until([&] { return pages_asked(lab, 0).size() == 2; }, 1h));
  lab.stop();
  drop_first(lab);
  lab.start();
  const storage::Sync sync = lab.run_to_end(id);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  CHECK(missed(lab, source) == nothing);
}

TEST_CASE("a walk that failed goes on the same day, and begins anew on another", "[sync]") {
  const bool same_day = GENERATE(true, false);
  SyncLab lab(long_list());
  const std::string source = lab.add_source();
  Fault down = on_second_page(FaultKind::status, 0);
  down.status = 503;
  lab.bitbucket().add_fault(down);
  lab.start();
  const storage::Sync broken = lab.run_sync(source);
  INFO(describe(broken));
  REQUIRE(stream(broken, "branch_restriction").error);
  lab.bitbucket().clear_faults();
  lab.run_for(same_day ? 2h : 25h);
  const std::size_t before = lab.requests();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  const std::vector<std::string> wanted =
      same_day ? std::vector<std::string>{"second"} : std::vector<std::string>{"first", "second"};
  CHECK(pages_asked(lab, before) == wanted);
  CHECK(lab.differences(source, restrictions) == nothing);
}

TEST_CASE("a repository without a uuid is kept, and what belongs to it is never called complete",
          "[sync]") {
  SyncLab lab(long_list());
  const std::string source = lab.add_source();
  Fault stripped;
  stripped.kind = FaultKind::status;
  stripped.path = "/2.0/repositories/";
  stripped.status = 200;
  stripped.text =
      R"({"values":[{"type":"repository","full_name":"acme/nameless","name":"nameless"}],"size":1})";
  lab.bitbucket().add_fault(stripped);
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::partial);
  CHECK(stream(sync, "repository").complete);
  CHECK(stream(sync, "repository").created == 1);
  for (const char* name : {"pull_request", "branch_restriction", "commit"}) {
    const storage::SyncStream row = stream(sync, name);
    INFO(name);
    CHECK(row.state == StreamState::incomplete);
    REQUIRE(row.error);
    CHECK(row.error->code == "stream.incomplete");
    CHECK(row.error->detail == "1 of what it belongs to have no uuid to be asked by");
  }
}

TEST_CASE("open pull requests that are closed while their list is read are not read twice",
          "[sync]") {
  simulator::WorldOptions options = long_list();
  options.pull_requests = 500;
  options.restrictions = 1;
  SyncLab lab(options);
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  lab.run_for(2h);
  Fault combined;
  combined.contains = "%20OR%20";
  combined.status = 400;
  combined.text = "Invalid query";
  combined.count = 0;
  lab.bitbucket().add_fault(combined);
  Fault close;
  close.kind = FaultKind::action;
  close.path = "/2.0/repositories/";
  close.contains = "pullrequests?state=OPEN&";
  close.first = 2;
  close.action = [&] {
    for (simulator::PullRequest& pull_request : only_repository(lab).pull_requests) {
      if (pull_request.state != "OPEN") continue;
      lab.world().decline(pull_request, 0, lab.clock().now());
      return;
    }
  };
  lab.bitbucket().add_fault(close);
  lab.bitbucket().clear_log();
  const storage::Sync sync = lab.run_sync(source, SyncMode::incremental, {"pull_request"});
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  std::size_t starts = 0;
  for (const simulator::LogEntry& entry : lab.bitbucket().log()) {
    const bool open =
        entry.request.target.find("?pagelen=50&state=OPEN&fields") != std::string::npos;
    if (open && entry.request.target.find("page=2") == std::string::npos) ++starts;
  }
  CHECK(starts == 1);
  CHECK(lab.differences(source, {"pull_request"}) == std::vector<std::string>{});
}
