// Goal: a list that comes in pages is whole, or called incomplete with numbers, and nothing of it
// is taken for removed (promise P3; T-14, T-20). Method: lists that go round in circles, lose rows,
// grow under the walk, hold sentences, or have pages that are too large.
#include "tests/catch.hpp"
#include "tests/connector/sync_faults.hpp"

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using simulator::Fault;
using simulator::FaultKind;
using storage::StreamState;
using storage::SyncMode;
using storage::SyncResult;

TEST_CASE("a list that goes round in circles ends with its code after a few requests", "[sync]") {
  const FaultKind kind = GENERATE(FaultKind::self_loop, FaultKind::two_cycle,
                                  FaultKind::ever_new_cursor, FaultKind::foreign_next);
  SyncLab lab(small());
  const std::string source = lab.add_source();
  Fault loop = fault(kind, "/2.0/repositories/", 1);
  loop.contains = "/pullrequests";
  loop.text = "https://api.bitbucket.org.example.com/2.0/repositories/x?page=2";
  lab.bitbucket().add_fault(loop);
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(simulator::fault_name(kind) << "\n" << describe(sync));
  CHECK(sync.result == SyncResult::partial);
  const storage::SyncStream row = stream(sync, "pull_request");
  CHECK(row.state == StreamState::failed);
  CHECK_FALSE(row.complete);
  REQUIRE(row.error);
  const bool foreign = kind == FaultKind::foreign_next;
  CHECK(row.error->code == (foreign ? "upstream.foreign_link" : "upstream.pagination_loop"));
  CHECK(row.error->partitions_failed == 2);
  CHECK(row.requests <= 2 * 4);
  CHECK(stream(sync, "repository_grant").complete);

  lab.bitbucket().clear_faults();
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("rows that are missing are looked for once more, then told with numbers", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  Fault cut = fault(FaultKind::no_next, "/2.0/repositories/", 1);
  cut.contains = "/pullrequests";
  lab.start();

  SECTION("found the second time") {
    cut.count = 1;
    lab.bitbucket().add_fault(cut);
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::succeeded);
    CHECK(lab.differences(source) == nothing);
  }
  SECTION("not found") {
    lab.bitbucket().add_fault(cut);
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::partial);
    const storage::SyncStream row = stream(sync, "pull_request");
    REQUIRE(row.error);
    CHECK(row.error->code == "stream.incomplete");
    CHECK(row.error->detail.find("50 rows received of ") == 0);
    lab.bitbucket().clear_faults();
    CHECK(lab.run_sync(source).result == SyncResult::succeeded);
    CHECK(lab.differences(source) == nothing);
  }
}

TEST_CASE("a list that grows while it is walked is whole, and the next sync brings the rest",
          "[sync]") {
  SyncLab lab(small());
  lab.bitbucket().switches.sorted_by_update = true;
  Fault grow = fault(FaultKind::action, "/2.0/repositories/", 1);
  grow.contains = "/pullrequests";
  grow.count = 0;
  grow.action = [&] {
    for (auto& workspace : lab.world().workspaces) {
      for (auto& repository : workspace->repositories) {
        lab.world().open_pull_request(*repository, lab.clock().now());
      }
    }
  };
  lab.bitbucket().add_fault(grow);
  const std::string source = lab.add_source();
  lab.start();
  const storage::Sync first = lab.run_sync(source);
  INFO(describe(first));
  CHECK(first.result == SyncResult::succeeded);
  CHECK(stream(first, "pull_request").complete);
  lab.bitbucket().clear_faults();
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a sentence among the rows is a gap of its own, and removes nothing", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  const std::size_t live = lab.stored(source).size();

  SECTION("instead of all rows") {
    Fault gate = answer(200, R"({"values":["A plan without this."],"size":1})", "/2.0/workspaces/");
    gate.contains = "/projects?";
    lab.bitbucket().add_fault(gate);
    for (int i = 0; i < 3; ++i) {
      lab.run_for(10min);
      const storage::Sync sync = lab.run_sync(source, SyncMode::full);
      INFO(describe(sync));
      CHECK(sync.result == SyncResult::partial);
      const storage::SyncStream row = stream(sync, "project");
      CHECK(row.state == StreamState::failed);
      REQUIRE(row.error);
      CHECK(row.error->code == "stream.malformed");
      CHECK(row.error->detail ==
            "1 entries of the list are no objects, the first is entry 1 of page 1");
      CHECK(row.removed == 0);
    }
  }
  SECTION("before them, on a later page, in an interrupted walk, and in the list of workspaces") {
    const char* const path = GENERATE("/2.0/repositories/", "/2.0/user/workspaces");
    const bool restarted = GENERATE(false, true);
    const bool rows = path == std::string_view("/2.0/repositories/");
    lab.settings().connector.account_concurrency = 1;
    Fault sentence = fault(FaultKind::string_values, path, 1);
    sentence.count = rows ? 1 : 0;  // that list is asked for again after a restart
    if (rows) sentence.contains = "page=2";
    lab.bitbucket().add_fault(sentence);
    const std::size_t before = lab.requests();
    const std::string id = lab.queue(source, SyncMode::full);
    if (restarted) {
      const auto met = [&] {
        for (std::size_t i = before; i < lab.requests(); ++i) {
          const std::string& target = lab.bitbucket().log()[i].request.target;
          if (target.find(rows ? "page=2" : path) != std::string::npos) return true;
        }
        return false;
      };
      REQUIRE(lab.run_until(met, 1h));
      lab.restart();
    }
    const storage::Sync sync = lab.run_to_end(id);
    INFO(path << (restarted ? " restarted" : "") << "\n" << describe(sync));
    CHECK(sync.result == SyncResult::partial);
    const storage::SyncStream row = stream(sync, rows ? "pull_request" : "workspace");
    CHECK_FALSE(row.complete);
    REQUIRE(row.error);
    CHECK(row.error->code == "stream.malformed");
    if (rows) CHECK(row.error->detail.find("the first is entry 1 of page 2") != std::string::npos);
  }
  CHECK(lab.stored(source).size() == live);
  CHECK(lab.removed(source) == 0);
  lab.bitbucket().clear_faults();
  CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a page that is too large is asked for in smaller ones, and is a gap below five rows",
          "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  std::vector<std::string> asked;
  int too_large = 0;
  const auto refuse = [&](const std::string& target, int least) -> std::optional<Error> {
    if (target.find("/pullrequests?") == std::string::npos) return std::nullopt;
    asked.push_back(target);
    const auto number = [&](std::string_view name) {
      const std::size_t at = target.find(name);
      return at == std::string::npos ? 1 : std::stoi(target.substr(at + name.size()));
    };
    const int length = number("pagelen=");
    const int first = (number("page=") - 1) * length;
    if (first + length <= 60 || first > 60 || length < least) return std::nullopt;
    ++too_large;
    return fail("upstream.oversized", "the body is larger than the limit").error();
  };
  lab.start();

  SECTION("the row that is too heavy for a page of fifty passes in a smaller one") {
    lab.network().breaks = [&](const std::string& target) { return refuse(target, 25); };
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::succeeded);
    CHECK(too_large > 0);
    CHECK(asked.size() < 25);
    CHECK(lab.differences(source) == nothing);
  }
  SECTION("too many values count as too large") {
    Fault crowd = fault(FaultKind::not_json, "/2.0/repositories/", 1);
    crowd.contains = "/pullrequests?pagelen=50";
    crowd.text = "{\"values\":[0";
    for (int i = 0; i < 260'000; ++i) crowd.text += ",0";
    crowd.text += "]}";
    lab.bitbucket().add_fault(crowd);
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::succeeded);
    CHECK(lab.differences(source) == nothing);
  }
  SECTION("nothing is small enough") {
    lab.network().breaks = [&](const std::string& target) { return refuse(target, 0); };
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::partial);
    const storage::SyncStream row = stream(sync, "pull_request");
    CHECK_FALSE(row.complete);
    REQUIRE(row.error);
    CHECK(row.error->code == "upstream.oversized");
    CHECK(lab.removed(source) == 0);
  }
  lab.network().breaks = nullptr;
  lab.bitbucket().clear_faults();
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}
