// Goal: page k of a walk of changes fails, for every k of every list that is asked for what is new:
// the sync is partial or failed, nothing is removed, and the next one brings all of it (promise P3;
// issue: hold 4). Method: a repository in which much happens between the syncs, pages of a few
// rows; from its k-th page on a list meets its fault.
#include "tests/catch.hpp"
#include "tests/connector/sync_faults.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using simulator::Fault;
using simulator::FaultKind;
using storage::SyncMode;
using storage::SyncResult;

namespace {

struct List {
  const char* kind;
  const char* target;  ///< a part of it
};
constexpr List lists[] = {{"pull_request", "/pullrequests?"},
                          {"pull_request_activity", "/pullrequests/activity?"},
                          {"pipeline", "/pipelines/?"},
                          {"deployment", "/deployments/?"},
                          {"commit", "/commits/"}};

std::vector<Fault> faults() {
  return {answer(500, "", ""), fault(FaultKind::truncate, "", 1),
          fault(FaultKind::gzip_corrupt, "", 1)};
}

simulator::WorldOptions changing_repository() {
  simulator::WorldOptions options;
  options.people = 4;
  options.projects = 1;
  options.repositories = 1;
  options.pull_requests = 60;
  options.with_pipelines = 100;
  options.odd = false;
  return options;
}

void be_busy(SyncLab& lab) {
  simulator::Repository& repository = *lab.world().workspaces.front()->repositories.front();
  for (int i = 0; i < 6; ++i) lab.world().open_pull_request(repository, lab.clock().now());
  lab.world().live_quietly(repository, lab.clock().now());
}

}  // namespace

TEST_CASE("every fault on every page of what changed spoils the sync, removes nothing, and heals",
          "[sync]") {
  std::uint64_t all_pages = 0;
  for (const List& list : lists) {
    SyncLab lab(changing_repository());
    const std::string source = lab.add_source();
    lab.start();
    REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
    lab.bitbucket().switches.page_rows = 12;
    std::uint64_t pages = 0;
    for (Fault broken : faults()) {
      for (std::uint64_t page = 1;; ++page) {
        CAPTURE(list.kind, static_cast<int>(broken.kind), page);
        lab.run_for(1h);
        be_busy(lab);
        lab.run_for(2h);
        broken.contains = list.target;
        broken.first = page;
        lab.bitbucket().add_fault(broken);
        const storage::Sync spoilt = lab.run_sync(source);
        lab.bitbucket().clear_faults();
        INFO(describe(spoilt));
        CHECK(stream(spoilt, list.kind).removed == 0);
        const bool met = !stream(spoilt, list.kind).complete;
        if (met) {
          pages = std::max(pages, page);
          CHECK((spoilt.result == SyncResult::partial || spoilt.result == SyncResult::failed));
          const storage::Sync healed = lab.run_sync(source);
          INFO(describe(healed));
          CHECK(healed.result == SyncResult::succeeded);
        }
        CHECK(lab.differences(source, {list.kind}) == nothing);
        if (!met) break;
        REQUIRE(page < 60);
      }
    }
    CAPTURE(list.kind);
    CHECK(pages > 0);
    all_pages += pages;
  }
  // What changed of one list may be a page.
  CHECK(all_pages > 2 * std::size(lists));
}
