// Goal: what is walked is decided as design/collection.md says. Method: the pure parts, case by
// case.
#include "connector/sync/planner.hpp"
#include "tests/catch.hpp"

using namespace evidenced;
using namespace evidenced::connector;
using namespace std::chrono_literals;
using bitbucket::find_stream;
using bitbucket::Partition;
using storage::Checkpoint;
using storage::SyncMode;

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
  std::optional<Timestamp> open_changed;
  std::int64_t rows = 0;
  bool doubtful = false;
  bool stirred = false;
  std::chrono::seconds quiet{0};
  bool guarded = false;
  Circumstances circumstances{"syn_now", SyncMode::incremental, false, false, now, now - 1h};

  Decision decide() const {
    Known known;
    known.checkpoint = checkpoint ? &*checkpoint : nullptr;
    known.has_open = has_open;
    known.open_changed = open_changed;
    known.rows = rows;
    known.doubtful = doubtful;
    known.stirred = stirred;
    known.quiet = quiet;
    known.guarded = guarded;
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
    constexpr const char* parts[] = {"", " sample", " first page", " active", " remaining"};
    order.push_back(std::string(round.stream->name) + parts[static_cast<int>(round.part)]);
  }
  const std::vector<std::string> wanted{"account",
                                        "workspace",
                                        "workspace_member",
                                        "group",
                                        "project",
                                        "repository",
                                        "pull_request first page",
                                        "pipeline sample",
                                        "pull_request_activity first page",
                                        "branch_restriction active",
                                        "repository_access",
                                        "repository_grant active",
                                        "one_repository_access active",
                                        "pipeline first page",
                                        "pipeline_config active",
                                        "deployment first page",
                                        "commit first page",
                                        "merge_check active",
                                        "project_grant",
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
                                        "one_repository_access remaining",
                                        "pipeline_config remaining",
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
                                        "commit remaining",
                                        "build_status"};
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

namespace {

/// How often a thing is read within so many days of hourly syncs.
int turns_within(int days, Case what) {
  int turns = 0;
  Timestamp seen = now;
  for (int hour = 1; hour <= days * 24; ++hour) {
    what.circumstances.now = now + hour * 1h;
    what.checkpoint = complete(0s);
    what.checkpoint->observed_at = seen;
    if (what.decide().visit != Visit::walk) continue;
    seen = what.circumstances.now;
    ++turns;
  }
  return turns;
}

}  // namespace

TEST_CASE("the longer nothing goes on in a repository, the seldomer its settings have their turn",
          "[sync]") {
  struct Rest {
    std::chrono::hours quiet;
    int least;
    int most;
  };
  // Of 28 days; what was just read lets a turn pass that comes soon after.
  constexpr Rest rests[] = {
      {0h, 27, 28}, {7 * 24h, 27, 28}, {8 * 24h, 13, 14}, {16 * 24h, 6, 7}, {300 * 24h, 3, 4}};
  for (const char* stream : {"pipeline", "commit", "branching_model", "default_reviewer",
                             "pipeline_variable", "project_grant"}) {
    for (const Rest& rest : rests) {
      INFO(stream << " after " << rest.quiet.count() << " h");
      Case made = fresh(stream);
      made.quiet = rest.quiet;
      const int turns = turns_within(28, made);
      CHECK(turns >= rest.least);
      CHECK(turns <= rest.most);
    }
  }
}

TEST_CASE("rules, grants and keys have their turn every day, however long nothing goes on",
          "[sync]") {
  for (const char* stream :
       {"pull_request", "branch_restriction", "repository_grant", "deploy_key"}) {
    INFO(stream);
    Case daily = fresh(stream);
    daily.quiet = 300 * 24h;
    CHECK(turns_within(28, daily) >= 27);
  }
}

TEST_CASE("what another stream guards is read when that one changed, and once a week", "[sync]") {
  for (const char* stream : {"repository_grant", "pull_request_activity"}) {
    INFO(stream);
    Case guarded = fresh(stream);
    guarded.guarded = true;
    const int turns = turns_within(28, guarded);
    CHECK(turns >= 3);
    CHECK(turns <= 4);
    CHECK(guarded.decide().visit == Visit::fresh);
    guarded.stirred = true;
    CHECK(guarded.decide().visit == Visit::walk);
  }
  Case refused = fresh("repository_grant");
  refused.guarded = true;
  refused.checkpoint->error = error("stream.forbidden");
  refused.circumstances.previous_start = now - 24h;
  CHECK(refused.decide().visit == Visit::walk);
}

TEST_CASE(
    "open pull requests are looked at in every sync, those that rest every few hours by schedule",
    "[sync]") {
  const auto looks = [](std::optional<Timestamp> changed, bool scheduled = true) {
    Case open = fresh();
    open.circumstances.scheduled = scheduled;
    open.has_open = true;
    open.open_changed = changed;
    return turns_within(2, open);
  };
  CHECK(looks(std::nullopt) == 48);
  CHECK(looks(now - 1000h, false) == 48);
  CHECK(looks(now + 48h) == 48);
  // Twelve hours of each sync, six looks in the next twelve, three, and two until two days.
  const int from_now = looks(now);
  CHECK(from_now >= 20);
  CHECK(from_now <= 25);
  const int resting = looks(now - 1000h);
  CHECK(resting >= 2);
  CHECK(resting <= 4);
}

TEST_CASE("lists that were asked for less than half a day ago wait for their next turn", "[sync]") {
  // Whatever its slot: never twice within half a day, and at the latest after a day and a half.
  for (int minutes = 0; minutes < 36 * 60; minutes += 30) {
    Case tail = fresh("commit");
    tail.checkpoint = complete(std::chrono::minutes(minutes));
    if (minutes < 12 * 60) CHECK(tail.decide().visit == Visit::fresh);
  }
  Case old = fresh("commit");
  old.checkpoint = complete(36h);
  CHECK(old.decide().visit == Visit::walk);
}

TEST_CASE(
    "what rotates is never older than its rotation, and not read again at once when it is new",
    "[sync]") {
  for (const char* stream : {"branch_restriction", "repository_grant", "deploy_key", "webhook"}) {
    INFO(stream);
    for (const std::int64_t walks : {1, 2, 50}) {
      Case old = fresh(stream);
      old.checkpoint = complete(24h);
      old.checkpoint->generation = walks;
      CHECK(old.decide().visit == Visit::walk);
    }
    int early_first = 0;
    int early_later = 0;
    for (int minutes = 0; minutes < 12 * 60; minutes += 30) {
      Case lately = fresh(stream);
      lately.checkpoint = complete(std::chrono::minutes(minutes));
      if (lately.decide().visit == Visit::walk) ++early_first;
      lately.checkpoint->generation = 2;
      if (lately.decide().visit == Visit::walk) ++early_later;
    }
    CHECK(early_first == 0);
    // Its slot is somewhere, and then stays where it is.
    CHECK(early_later < 24);
  }
}

TEST_CASE("a partition that is looked at every hour is walked whole all the same", "[sync]") {
  Case busy = fresh();
  busy.has_open = true;
  int whole = 0;
  for (int hour = 1; hour <= 24; ++hour) {
    busy.circumstances.now = now + hour * 1h;
    busy.checkpoint = complete(8 * 24h);
    busy.checkpoint->observed_at = busy.circumstances.now - 1h;
    if (busy.decide().mode == SyncMode::full) ++whole;
  }
  CHECK(whole == 1);
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
