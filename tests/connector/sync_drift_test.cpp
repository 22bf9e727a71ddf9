// Goal: what Bitbucket changes without a word is told once, in the feed and by the source, over
// restarts, and spoils no sync (C13). Method: a simulated Bitbucket whose answers change between
// two syncs; the feed and the list of drifts are read afterwards.
#include "tests/catch.hpp"
#include "tests/connector/sync_access.hpp"
#include "tests/connector/sync_faults.hpp"
#include "tests/simulator/bodies.hpp"

#include <fmt/format.h>

#include <algorithm>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using simulator::FaultKind;
using storage::StreamState;
using storage::SyncMode;
using storage::SyncResult;

namespace {

using Lines = std::vector<std::string>;

const std::string pull_requests = "/pullrequests?";

simulator::Fault bend(FaultKind kind, const std::string& field, const std::string& text = "") {
  simulator::Fault made = fault(kind, "/2.0/repositories/", 1);
  made.contains = pull_requests;
  made.field = field;
  made.text = text;
  return made;
}

/// The drift events, in the order of the feed.
Lines told(SyncLab& lab) {
  Lines lines;
  for (const storage::Event& event : lab.events({"drift.found", "drift.ended"})) {
    lines.push_back(event.type + " " + event.data);
  }
  return lines;
}

/// "what path value", still open.
Lines open_drifts(SyncLab& lab, const std::string& source) {
  Lines lines;
  for (const storage::Drift& drift : lab.drifts(source)) {
    if (!drift.ended_at) {
      lines.push_back(
          fmt::format("{} {} {} {}", drift.stream, drift.what, drift.path, drift.value));
    }
  }
  std::ranges::sort(lines);
  return lines;
}

}  // namespace

TEST_CASE("a lifelike Bitbucket, unchanged, tells of no drift", "[sync]") {
  simulator::WorldOptions options = small();
  options.repositories = 8;
  options.pipelines = 150;
  options.deployments = 80;
  SyncLab lab(options);
  // A role of workspaces that few have.
  lab.world().workspaces.front()->members.back().permission = "create-project";
  const std::string source = lab.add_source();
  lab.start();
  for (int day = 0; day < 6; ++day) {
    CHECK(lab.run_sync(source, SyncMode::full).result != SyncResult::failed);
    lab.run_for(1h);
    lab.bitbucket().mutate(60, simulator::mutate_everything);
  }
  CHECK(told(lab) == Lines{});
}

TEST_CASE("fields that come, go, change or become null are told once, over restarts", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  lab.bitbucket().add_fault(bend(FaultKind::add_field, "merge_queue", "none"));
  lab.bitbucket().add_fault(bend(FaultKind::drop_field, "destination.branch.name"));
  lab.bitbucket().add_fault(bend(FaultKind::null_field, "summary"));
  lab.bitbucket().add_fault(bend(FaultKind::retype_field, "comment_count"));
  lab.bitbucket().add_fault(bend(FaultKind::set_field, "participants.role", "OBSERVER"));
  const Lines expected = {"pull_request changed_type comment_count string",
                          "pull_request new_field merge_queue ", "pull_request newly_null summary ",
                          "pull_request unknown_value participants[].role OBSERVER",
                          "pull_request vanished destination.branch.name "};
  const storage::Sync sync = lab.run_sync(source, SyncMode::full);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  CHECK(open_drifts(lab, source) == expected);
  CHECK(told(lab).size() == 5);
  for (const storage::Drift& drift : lab.drifts(source)) {
    CHECK(drift.sync_id == sync.id);
    CHECK(drift.artifact_id.starts_with("art_"));
  }
  lab.restart();
  CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  CHECK(told(lab).size() == 5);

  lab.bitbucket().clear_faults();
  lab.restart();
  lab.run_sync(source, SyncMode::full);
  CHECK(open_drifts(lab, source) == Lines{"pull_request changed_type comment_count string",
                                          "pull_request new_field merge_queue ",
                                          "pull_request unknown_value participants[].role OBSERVER",
                                          "pull_request vanished merge_queue "});
  CHECK(told(lab).size() == 8);
}

TEST_CASE("a crash at any write tells of a drift neither twice nor never", "[sync]") {
  for (std::int64_t write = 1; write < 60; write += 4) {
    SyncLab lab(small());
    const std::string source = lab.add_source();
    lab.start();
    REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
    lab.bitbucket().add_fault(bend(FaultKind::add_field, "merge_queue", "none"));
    lab.bitbucket().add_fault(bend(FaultKind::set_field, "state", "PONDERED"));
    const std::string sync = lab.queue(source, SyncMode::full);
    lab.database().die_at_write(write, write % 8 == 1);
    lab.run_until([&] { return lab.database().dead(); }, 10min);
    lab.stop();
    lab.database().revive();
    lab.start();
    lab.run_to_end(sync);
    lab.run_sync(source, SyncMode::full);
    INFO(write);
    CHECK(open_drifts(lab, source) == Lines{"pull_request new_field merge_queue ",
                                            "pull_request unknown_value state PONDERED"});
    CHECK(told(lab).size() == 2);
  }
}

TEST_CASE("an endpoint that is announced to end, or has, is told with the announcement", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  simulator::Fault sunset = bend(FaultKind::announce, "", "Fri, 31 Dec 2027 23:59:59 GMT");
  lab.bitbucket().add_fault(sunset);
  CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  REQUIRE(lab.drifts(source).size() == 1);
  const storage::Drift announced = lab.drifts(source).front();
  CHECK(announced.what == "deprecated");
  CHECK(announced.path == "/2.0/repositories/{workspace}/{repository}/pullrequests");
  CHECK(announced.after == "sunset Fri, 31 Dec 2027 23:59:59 GMT");
  CHECK(announced.announcement == "https://developer.example.com/changelog#CHANGE-1");

  lab.bitbucket().clear_faults();
  simulator::Fault gone = answer(
      410,
      R"({"error":{"message":"Gone","data":{"announcement_url":"https://example.com/news#1"}}})",
      "/2.0/repositories/");
  gone.contains = "/branch-restrictions";
  lab.bitbucket().add_fault(gone);
  const storage::Sync lost = lab.run_sync(source, SyncMode::full);
  INFO(describe(lost));
  CHECK(lost.result == SyncResult::partial);
  CHECK(stream(lost, "branch_restriction").state == StreamState::unavailable);
  CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  CHECK(open_drifts(lab, source) ==
        Lines{"branch_restriction removed "
              "/2.0/repositories/{workspace}/{repository}/branch-restrictions "});
  CHECK(lab.drifts(source).front().announcement == "https://example.com/news#1");

  lab.bitbucket().clear_faults();
  CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  CHECK(open_drifts(lab, source) == Lines{});
  CHECK(told(lab).size() == 4);
}

TEST_CASE("one repository that answers 410 for long is told of once", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  lab.settings().connector.account_concurrency = 1;
  simulator::Fault gone = answer(410, R"({"error":{"message":"Gone"}})", "/2.0/repositories/");
  gone.contains =
      lab.world().workspaces[0]->repositories[0]->uuid.substr(1, 36) + "%7D/branch-restr";
  lab.bitbucket().add_fault(gone);
  lab.start();
  for (int i = 0; i < 3; ++i) {
    CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  }
  CHECK(told(lab).size() == 1);
}

TEST_CASE("of a stream that asks two paths, the one that is gone is named", "[sync]") {
  SyncLab lab(six_repositories());
  const std::string source = lab.add_source();
  const std::string slug = lab.world().workspaces[0]->slug;
  const std::string uuid = simulator::encode_uuid(lab.world().workspaces[0]->uuid);
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  for (const std::string& name : {slug, uuid}) {
    lab.bitbucket().add_fault(
        answer(410, R"({"error":{"message":"CHANGE-1"}})", "/2.0/workspaces/" + name));
  }
  lab.run_sync(source, SyncMode::full);
  const Lines drifts = open_drifts(lab, source);
  CHECK(std::ranges::find(drifts, "workspace removed /2.0/workspaces/{workspace} ") !=
        drifts.end());
  CHECK(std::ranges::find(drifts, "workspace removed /2.0/user/workspaces ") == drifts.end());
}

TEST_CASE("coverage that changes is told once, with what is missing, over restarts", "[sync]") {
  SyncLab lab(six_repositories());
  const std::string source = lab.add_source();
  const auto changes = [&lab] {
    Lines lines;
    for (const storage::Event& event : lab.events({"coverage.changed"}))
      lines.push_back(event.data);
    return lines;
  };
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(changes() == Lines{});
  lab.token().scopes = simulator::read_scopes();
  const storage::Sync lost = lab.run_sync(source, SyncMode::full);
  CHECK(lost.result == SyncResult::partial);
  CHECK(stream(lost, "branch_restriction").partitions_lost == 6);
  const Lines after_loss = changes();
  const std::string wanted =
      R"({"kind":"branch_restriction","stream":"branch_restriction","from":"available",)"
      R"("to":"missing_scope","reason":"credential.scope_missing: )";
  const auto told_of = [&](const Lines& lines, const std::string& start) {
    return std::ranges::count_if(lines, [&](const auto& line) { return line.starts_with(start); });
  };
  CHECK(told_of(after_loss, wanted) == 1);
  CHECK(after_loss[0].find(R"("scopes":"admin:)") != std::string::npos);
  lab.restart();
  const storage::Sync known = lab.run_sync(source, SyncMode::full);
  CHECK(known.result == SyncResult::succeeded);
  CHECK(stream(known, "branch_restriction").partitions_lost == 0);
  CHECK(changes() == after_loss);

  lab.token().scopes = simulator::read_and_control_scopes();
  lab.restart();
  REQUIRE(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  CHECK(changes().size() == 2 * after_loss.size());
  CHECK(told_of(changes(), R"({"kind":"branch_restriction","stream":"branch_restriction",)"
                           R"("from":"missing_scope","to":"available"})") == 1);
}

TEST_CASE("what was never granted is a change of coverage at the first sync alone", "[sync]") {
  SyncLab lab(six_repositories());
  lab.token().scopes = simulator::read_scopes();
  const std::string source = lab.add_source();
  lab.start();
  lab.run_sync(source);
  const auto first = lab.events({"coverage.changed"});
  REQUIRE_FALSE(first.empty());
  for (const storage::Event& event : first) {
    CHECK(event.data.find(R"("from":"pending")") != std::string::npos);
  }
  lab.bitbucket().add_fault(fault(FaultKind::reset_before, "/2.0/repositories/", 1));
  lab.run_sync(source, SyncMode::full);
  CHECK(lab.events({"coverage.changed"}).size() == first.size());
}
