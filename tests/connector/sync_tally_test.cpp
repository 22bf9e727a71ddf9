// Goal: where a walk goes on, what its ends mean together, and what is left of a sync, are told as
// design/api.md says. Method: the pure parts, case by case.
#include "connector/sync/position.hpp"
#include "connector/sync/progress.hpp"
#include "connector/sync/tally.hpp"
#include "connector/sync/workspace_walk.hpp"
#include "tests/catch.hpp"

using namespace evidenced;
using namespace evidenced::connector;
using bitbucket::Partition;
using storage::StreamState;
using storage::SyncResult;

namespace {

storage::StoredError error_of(const char* code) {
  storage::StoredError made;
  made.code = code;
  return made;
}

}  // namespace

TEST_CASE("a position survives being written and nothing else is read as one", "[sync]") {
  Position position;
  position.leg = 1;
  position.split = true;
  position.rows_before = 17;
  position.target = "/2.0/repositories/%7Bw%7D/%7Br%7D/pullrequests?page=2&q=a%20b";
  const auto read = read_position(write_position(position));
  REQUIRE(read);
  CHECK(read->leg == 1);
  CHECK(read->split);
  CHECK(read->rows_before == 17);
  CHECK(read->target == position.target);
  CHECK(read->malformed.count == 0);
  CHECK(read->begun == Timestamp{});
  CHECK_FALSE(read->size);
  position.begun = parse_timestamp("2026-07-29T10:00:00.250Z").value();
  position.count(120, 2);
  position.count(118, 1);
  position.count(119, 0);
  position.count({}, 0);
  const auto counted = read_position(write_position(position));
  REQUIRE(counted);
  CHECK(counted->begun == position.begun);
  CHECK(counted->size == 119);
  CHECK(counted->least_size == 118);
  CHECK(counted->left == 2);
  CHECK(counted->dropped == 3);
  position.malformed.add(0, 1, 0);
  position.malformed.add(3, 2, 7);
  position.malformed.add(1, 5, 1);
  const auto spoilt = read_position(write_position(position));
  REQUIRE(spoilt);
  CHECK(spoilt->malformed.count == 4);
  CHECK(spoilt->malformed.page == 2);
  CHECK(spoilt->malformed.entry == 7);
  CHECK(spoilt->target == position.target);
  position.rows_before.reset();
  CHECK_FALSE(read_position(write_position(position))->rows_before);
  for (const char* text :
       {"", "1", "x whole 0 /a", "0 half 0 /a", "0 whole n /a", "0 whole 0 a", "0 whole 0 ",
        "0 whole 0 3 /a", "0 whole 0 m3@2 /a", "0 whole 0 m@2.1 /a", "-1 whole 0 /a",
        "0 whole 0 t /a", "0 whole 0 s1x /a", "0 whole 0 n /a", "0 whole 0 l- /a",
        "0 whole 0 d1"}) {
    CHECK_FALSE(read_position(text));
  }
}

TEST_CASE("counts of partitions become states as the API promises", "[sync]") {
  StreamTally tally;
  tally.total = 2;
  CHECK(judge(tally).state == StreamState::pending);
  tally.count(Ending::complete, {});
  CHECK(judge(tally).state == StreamState::incomplete);
  CHECK(judge(tally).spoils);

  SECTION("complete") {
    tally.count(Ending::complete, {});
    CHECK(judge(tally).complete);
    CHECK_FALSE(judge(tally).spoils);
    tally.parents_incomplete = true;
    CHECK(judge(tally).state == StreamState::incomplete);
    CHECK_FALSE(judge(tally).spoils);
    tally.nameless_parents = 2;
    CHECK(judge(tally).state == StreamState::incomplete);
    CHECK(judge(tally).spoils);
  }
  SECTION("a gap") {
    tally.count(Ending::gap, error_of("stream.forbidden"));
    CHECK(judge(tally).state == StreamState::incomplete);
    CHECK_FALSE(judge(tally).spoils);
    CHECK(judge(tally).error->partitions_failed == 1);
  }
  SECTION("a loss") {
    tally.count(Ending::lost, error_of("stream.forbidden"));
    CHECK(judge(tally).state == StreamState::incomplete);
    CHECK(judge(tally).spoils);
  }
  SECTION("a failure outweighs a gap") {
    ++tally.total;
    tally.count(Ending::gap, error_of("stream.forbidden"));
    tally.count(Ending::failed, error_of("upstream.timeout"));
    CHECK(judge(tally).error->code == "upstream.timeout");
    CHECK(judge(tally).error->partitions_failed == 2);
    CHECK(judge(tally).spoils);
  }
  SECTION("a gap that is not due is still a gap") {
    tally.count(Ending::complete, {});
    tally.rest(error_of("stream.not_found"));
    CHECK(judge(tally).state == StreamState::incomplete);
    CHECK_FALSE(judge(tally).spoils);
  }
}

TEST_CASE("nothing readable is unavailable when refused and failed when broken", "[sync]") {
  StreamTally refused;
  refused.total = 1;
  refused.count(Ending::gap, error_of("credential.scope_missing"));
  CHECK(judge(refused).state == StreamState::unavailable);
  StreamTally broken;
  broken.total = 1;
  broken.count(Ending::failed, error_of("upstream.timeout"));
  CHECK(judge(broken).state == StreamState::failed);

  const StreamVerdict good = judge(StreamTally{});
  CHECK(good.complete);
  CHECK(result_of(std::vector{good, judge(refused)}) == SyncResult::succeeded);
  CHECK(result_of(std::vector{good, judge(broken)}) == SyncResult::partial);
  CHECK(result_of(std::vector{judge(refused), judge(broken)}) == SyncResult::failed);
}

TEST_CASE("progress counts what is left and forgets what is planned anew", "[sync]") {
  Progress progress(10);
  progress.expect("project", "{a}", 3);
  progress.expect("project", "{b}", 2);
  CHECK(progress.planned() == 15);
  progress.sent("project", 1);
  progress.expect("project", "{a}", 1);
  CHECK(progress.done() == 11);
  CHECK(progress.left() == 3);
  progress.forget("project");
  CHECK(progress.planned() == 11);
  CHECK(progress.eta_seconds(SteadyTime{}) == 0);
}

TEST_CASE("a workspace is covered by slug in any case, or by uuid", "[sync]") {
  Partition workspace;
  workspace.workspace = "Acme-Tools";
  workspace.workspace_uuid = "{w}";
  storage::WorkspaceSelection selection;
  CHECK(covers(selection, workspace));
  selection.all = false;
  selection.slugs = {"acme-tools"};
  CHECK(covers(selection, workspace));
  selection.slugs = {"{w}"};
  CHECK(covers(selection, workspace));
  selection.slugs = {"other"};
  CHECK_FALSE(covers(selection, workspace));
  CHECK(not_visible(selection, {workspace}) == std::vector<std::string>{"other"});
}
