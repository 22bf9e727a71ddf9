// Goal: what is walked, and what an end means, is decided as design/collection.md and design/api.md
// say.
// Method: the pure parts, case by case.
#include "connector/sync/planner.hpp"
#include "connector/sync/position.hpp"
#include "connector/sync/progress.hpp"
#include "connector/sync/tally.hpp"
#include "connector/sync/workspace_walk.hpp"
#include "tests/catch.hpp"

using namespace evidenced;
using namespace evidenced::connector;
using namespace std::chrono_literals;
using bitbucket::find_stream;
using bitbucket::Partition;
using storage::Checkpoint;
using storage::StreamState;
using storage::SyncMode;
using storage::SyncResult;

namespace {

const Timestamp now{std::chrono::milliseconds(1795521600000)};

Partition repository(Timestamp updated) {
  Partition partition;
  partition.id = "{r}";
  partition.repository_uuid = "{r}";
  partition.updated_on = format_rfc3339(updated);
  return partition;
}

/// Walked whole and completely, so long ago.
Checkpoint complete(std::chrono::seconds age) {
  Checkpoint checkpoint;
  checkpoint.sync_id = "syn_before";
  checkpoint.generation = 1;
  checkpoint.watermark = format_rfc3339(now - age);
  checkpoint.complete_at = now - age;
  checkpoint.observed_at = now - age;
  return checkpoint;
}

storage::StoredError error(const char* code) {
  storage::StoredError made;
  made.code = code;
  return made;
}

struct Case {
  const char* stream = "pull_request";
  Partition partition = repository(now - 1000h);
  std::optional<Checkpoint> checkpoint;
  bool has_open = false;
  std::int64_t rows = 0;
  bool doubtful = false;
  bool stirred = false;
  bool dormant = false;
  Circumstances circumstances{"syn_now", SyncMode::incremental, false, now, now - 1h};

  Decision decide() const {
    Known known;
    known.checkpoint = checkpoint ? &*checkpoint : nullptr;
    known.has_open = has_open;
    known.rows = rows;
    known.doubtful = doubtful;
    known.stirred = stirred;
    known.dormant = dormant;
    return connector::decide(*find_stream(stream), partition, known, circumstances);
  }
};

/// An age at which the slot of the day has not come since.
Case fresh(const char* stream = "pull_request") {
  Case made;
  made.stream = stream;
  made.checkpoint = complete(0s);
  return made;
}

}  // namespace

TEST_CASE("a sync goes breadth first and leaves old pull requests for the end", "[sync]") {
  std::vector<std::string> order;
  for (const Round& round : plan_rounds({})) {
    constexpr const char* parts[] = {"", " first page", " active", " remaining"};
    order.push_back(std::string(round.stream->name) + parts[static_cast<int>(round.part)]);
  }
  const std::vector<std::string> wanted{"account",
                                        "workspace",
                                        "workspace_member",
                                        "group",
                                        "project",
                                        "repository",
                                        "pull_request first page",
                                        "pull_request_activity first page",
                                        "branch_restriction active",
                                        "repository_grant active",
                                        "pipeline first page",
                                        "pipeline_config",
                                        "deployment first page",
                                        "commit first page",
                                        "build_status active",
                                        "merge_check active",
                                        "project_grant",
                                        "repository_access",
                                        "default_reviewer active",
                                        "project_default_reviewer",
                                        "branching_model active",
                                        "main_branch active",
                                        "environment active",
                                        "pipeline_variable active",
                                        "workspace_pipeline_variable",
                                        "pipeline_schedule active",
                                        "runner active",
                                        "workspace_runner",
                                        "deploy_key active",
                                        "project_deploy_key",
                                        "webhook active",
                                        "workspace_webhook",
                                        "branch_restriction remaining",
                                        "repository_grant remaining",
                                        "build_status remaining",
                                        "merge_check remaining",
                                        "default_reviewer remaining",
                                        "branching_model remaining",
                                        "main_branch remaining",
                                        "environment remaining",
                                        "pipeline_variable remaining",
                                        "pipeline_schedule remaining",
                                        "runner remaining",
                                        "deploy_key remaining",
                                        "webhook remaining",
                                        "pull_request remaining",
                                        "pull_request_activity remaining",
                                        "pipeline remaining",
                                        "deployment remaining",
                                        "commit remaining"};
  CHECK(order == wanted);
  CHECK(plan_rounds({"project", "repository_grant"}).size() == 3);
}

TEST_CASE("what was never complete, or is asked for, is walked whole", "[sync]") {
  Case never;
  never.rows = 120;
  CHECK(never.decide().visit == Visit::walk);
  CHECK(never.decide().mode == SyncMode::full);
  CHECK(never.decide().requests == 3);
  Case asked = fresh();
  asked.circumstances.mode = SyncMode::full;
  CHECK(asked.decide().mode == SyncMode::full);
  Case doubtful = fresh("repository_grant");
  CHECK(doubtful.decide().visit == Visit::fresh);
  doubtful.doubtful = true;
  CHECK(doubtful.decide().visit == Visit::walk);
  CHECK(doubtful.decide().requests == 2);
}

TEST_CASE("pull requests are looked at where something changed or is open", "[sync]") {
  CHECK(fresh().decide().visit == Visit::fresh);
  Case open = fresh();
  open.has_open = true;
  CHECK(open.decide().visit == Visit::walk);
  CHECK(open.decide().mode == SyncMode::incremental);
  CHECK(open.decide().since == open.checkpoint->watermark);
  Case changed = fresh();
  changed.partition = repository(now);
  CHECK(changed.decide().mode == SyncMode::incremental);
  Case unknown = fresh();
  unknown.partition.updated_on.clear();
  CHECK(unknown.decide().visit == Visit::walk);
  Case yesterday = fresh();
  yesterday.checkpoint = complete(25h);
  CHECK(yesterday.decide().mode == SyncMode::incremental);
  Case last_week = fresh();
  last_week.checkpoint = complete(8 * 24h);
  CHECK(last_week.decide().mode == SyncMode::full);
}

TEST_CASE("what happened is looked at where something is said to have changed, and once a day",
          "[sync]") {
  CHECK(fresh("pull_request_activity").decide().visit == Visit::fresh);
  Case stirred = fresh("pull_request_activity");
  stirred.stirred = true;
  CHECK(stirred.decide().visit == Visit::walk);
  CHECK(stirred.decide().mode == SyncMode::incremental);
  CHECK(stirred.decide().requests == 1);
  CHECK(fresh("pipeline").decide().visit == Visit::fresh);
  Case running = fresh("pipeline");
  running.has_open = true;
  CHECK(running.decide().mode == SyncMode::incremental);
  Case yesterday = fresh("pipeline");
  yesterday.checkpoint = complete(25h);
  CHECK(yesterday.decide().mode == SyncMode::incremental);
  Case last_week = fresh("pipeline");
  last_week.checkpoint = complete(8 * 24h);
  last_week.rows = 5000;
  CHECK(last_week.decide().mode == SyncMode::full);
  CHECK(last_week.decide().requests == 50);
  last_week.stream = "pull_request_activity";
  CHECK(last_week.decide().mode == SyncMode::incremental);
  Case broken = fresh("deployment");
  broken.checkpoint->mode = SyncMode::incremental;
  broken.checkpoint->error = error("upstream.timeout");
  CHECK(broken.decide().mode == SyncMode::incremental);
}

TEST_CASE("a list of repositories is asked for changes when that is cheaper, whole once a day",
          "[sync]") {
  Case list = fresh("repository");
  list.rows = 60;
  CHECK(list.decide().mode == SyncMode::full);
  list.rows = 600;
  CHECK(list.decide().mode == SyncMode::incremental);
  list.checkpoint = complete(25h);
  CHECK(list.decide().mode == SyncMode::full);
  CHECK(list.decide().requests == 6);
}

TEST_CASE("an interrupted sync keeps what it decided and what it finished", "[sync]") {
  Case resumed;
  resumed.checkpoint = complete(1h);
  resumed.checkpoint->sync_id = "syn_now";
  CHECK(resumed.decide().visit == Visit::settled);
  resumed.checkpoint->running = true;
  resumed.checkpoint->mode = SyncMode::full;
  resumed.checkpoint->pages = 2;
  resumed.rows = 250;
  CHECK(resumed.decide().visit == Visit::walk);
  CHECK(resumed.decide().mode == SyncMode::full);
  CHECK(resumed.decide().requests == 3);
}

TEST_CASE("where nothing goes on the turn of what grows comes once a week, of rules once a day",
          "[sync]") {
  for (const char* stream : {"pull_request_activity", "pipeline", "commit"}) {
    INFO(stream);
    Case rests = fresh(stream);
    rests.checkpoint = complete(25h);
    CHECK(rests.decide().visit == Visit::walk);
    rests.dormant = true;
    int turns = 0;
    for (int day = 0; day < 7; ++day) {
      rests.circumstances.now = now + day * 24h;
      rests.checkpoint = complete(0s);
      rests.checkpoint->observed_at = rests.circumstances.now - 24h;
      if (rests.decide().visit == Visit::walk) ++turns;
    }
    CHECK(turns == 1);
  }
  for (const char* stream : {"pull_request", "branch_restriction", "repository_grant"}) {
    INFO(stream);
    Case daily = fresh(stream);
    daily.checkpoint = complete(25h);
    daily.dormant = true;
    CHECK(daily.decide().visit == Visit::walk);
  }
}

TEST_CASE("what failed is due again, what is refused waits for its slot", "[sync]") {
  Case failed = fresh("repository_grant");
  failed.checkpoint->error = error("upstream.unavailable");
  CHECK(failed.decide().visit == Visit::walk);
  Case refused = fresh("repository_grant");
  refused.checkpoint->error = error("stream.forbidden");
  refused.circumstances.previous_start = now;
  CHECK(refused.decide().visit == Visit::fresh);
  refused.circumstances.previous_start = now - 24h;
  CHECK(refused.decide().visit == Visit::walk);
  refused.circumstances.previous_start = now;
  refused.circumstances.retry_gaps = true;
  CHECK(refused.decide().visit == Visit::walk);
}

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
    tally.count(Ending::gap, error("stream.forbidden"));
    CHECK(judge(tally).state == StreamState::incomplete);
    CHECK_FALSE(judge(tally).spoils);
    CHECK(judge(tally).error->partitions_failed == 1);
  }
  SECTION("a loss") {
    tally.count(Ending::lost, error("stream.forbidden"));
    CHECK(judge(tally).state == StreamState::incomplete);
    CHECK(judge(tally).spoils);
  }
  SECTION("a failure outweighs a gap") {
    ++tally.total;
    tally.count(Ending::gap, error("stream.forbidden"));
    tally.count(Ending::failed, error("upstream.timeout"));
    CHECK(judge(tally).error->code == "upstream.timeout");
    CHECK(judge(tally).error->partitions_failed == 2);
    CHECK(judge(tally).spoils);
  }
  SECTION("a gap that is not due is still a gap") {
    tally.count(Ending::complete, {});
    tally.rest(error("stream.not_found"));
    CHECK(judge(tally).state == StreamState::incomplete);
    CHECK_FALSE(judge(tally).spoils);
  }
}

TEST_CASE("nothing readable is unavailable when refused and failed when broken", "[sync]") {
  StreamTally refused;
  refused.total = 1;
  refused.count(Ending::gap, error("credential.scope_missing"));
  CHECK(judge(refused).state == StreamState::unavailable);
  StreamTally broken;
  broken.total = 1;
  broken.count(Ending::failed, error("upstream.timeout"));
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
