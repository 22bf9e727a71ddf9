// Goal: a drift is listed with all that is known of it, counted, and in the feed once (C13).
// Method: the API over SQLite; drifts are stored as a sync stores them.
#include "storage/drift_store.hpp"
#include "storage/purge.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;

namespace {

struct Drifting {
  Drifting() {
    source = world.register_source();
    world.collect(source, "pull_request", {draft("pull_request", "{r}/7")});
  }

  /// Whether it was news.
  bool record(const storage::DriftFinding& finding) {
    const Timestamp now = world.clock.now();
    auto work = [&](storage::Connection& connection) -> Result<bool> {
      return storage::record_drift(connection, tenant, source, "syn_1", finding, now);
    };
    return world.write(std::move(work)).value();
  }

  std::size_t told(const std::string& type) {
    const Answer answer = world.get("/v1/changes?type=" + type);
    return answer.json().at("items").as_array().size();
  }

  World world;
  std::string source;
};

storage::DriftFinding unknown_state() {
  storage::DriftFinding finding;
  finding.kind = "pull_request";
  finding.upstream_id = "{r}/7";
  finding.drift.stream = "pull_request";
  finding.drift.what = "unknown_value";
  finding.drift.path = "state";
  finding.drift.value = "PONDERED";
  return finding;
}

storage::DriftFinding vanished_title() {
  storage::DriftFinding finding = unknown_state();
  finding.drift.what = "vanished";
  finding.drift.path = "title";
  finding.drift.value = "";
  finding.drift.before = "string";
  return finding;
}

}  // namespace

TEST_CASE("a drift is listed, counted and told with its first artifact, once") {
  Drifting here;
  World& world = here.world;
  const std::string place = "/v1/sources/" + here.source + "/drift";
  CHECK(world.get(place, "auditor").json().at("items").as_array().empty());
  CHECK(here.record(unknown_state()));
  CHECK_FALSE(here.record(unknown_state()));
  const Answer answer = world.get(place, "auditor");
  REQUIRE(answer.status == 200);
  CHECK(answer.text("/source_id") == here.source);
  CHECK(answer.text("/items/0/what") == "unknown_value");
  CHECK(answer.text("/items/0/kind") == "pull_request");
  CHECK(answer.text("/items/0/path") == "state");
  CHECK(answer.text("/items/0/value") == "PONDERED");
  const std::string artifact = answer.text("/items/0/artifact_id");
  CHECK(world.get("/v1/artifacts/" + artifact).text("/upstream_id") == "{r}/7");
  CHECK(answer.json().at("items").at(0).at("ended_at").is_null());
  CHECK(here.told("drift.found") == 1);
  const Answer event = world.get("/v1/changes?type=drift.found");
  CHECK(event.text("/items/0/source_id") == here.source);
  CHECK(event.text("/items/0/data/value") == "PONDERED");
  CHECK(event.text("/items/0/data/artifact_id") == artifact);
  const std::string metrics = world.get("/metrics").body;
  CHECK(
      metrics.find("evidenced_upstream_drift_total{stream=\"pull_request\",what=\"unknown_value\"} "
                   "1") != std::string::npos);
  CHECK(world.get(place, "other").status == 404);
  CHECK(world.get("/v1/sources/src_nobody/drift").status == 404);
}

TEST_CASE("a drift that ended may be found again, and is counted again") {
  Drifting here;
  storage::DriftFinding back = vanished_title();
  back.ended = true;
  CHECK_FALSE(here.record(back));
  CHECK(here.record(vanished_title()));
  CHECK(here.record(back));
  CHECK_FALSE(here.record(back));
  const std::string place = "/v1/sources/" + here.source + "/drift";
  CHECK_FALSE(here.world.get(place).text("/items/0/ended_at").empty());
  CHECK(here.record(vanished_title()));
  const Answer again = here.world.get(place);
  CHECK(again.json().at("items").as_array().size() == 1);
  CHECK(again.json().at("items").at(0).at("times").as_int64() == 2);
  CHECK(again.json().at("items").at(0).at("ended_at").is_null());
  CHECK(here.told("drift.found") == 2);
  CHECK(here.told("drift.ended") == 1);
}

TEST_CASE("a key with a window sees the drifts that were found within") {
  Drifting here;
  here.record(unknown_state());
  storage::ApiKey key;
  key.roles = {storage::Role::auditor};
  key.window.from = here.world.clock.now() + 1h;
  const std::string later = here.world.make_key(key);
  const std::string place = "/v1/sources/" + here.source + "/drift";
  CHECK(here.world.get(place, later).json().at("items").as_array().empty());
}

TEST_CASE("a change of coverage is in the feed once, the first that is good is none") {
  Drifting here;
  const auto keep = [&](const std::string& stream, const std::string& status) {
    storage::StreamCoverage coverage;
    coverage.stream = stream;
    coverage.kind = "branch_restriction";
    coverage.status = status;
    if (status != "available") coverage.reason = "because";
    coverage.scopes = {"admin:repository:bitbucket"};
    auto work = [&](storage::Connection& connection) -> Result<bool> {
      return storage::keep_coverage(connection, tenant, here.source, coverage,
                                    here.world.clock.now());
    };
    return here.world.write(std::move(work)).value();
  };
  CHECK_FALSE(keep("branch_restriction", "available"));
  CHECK(keep("branch_restriction", "missing_scope"));
  CHECK_FALSE(keep("branch_restriction", "missing_scope"));
  CHECK(keep("deploy_key", "needs_role"));
  const Answer answer = here.world.get("/v1/changes?type=coverage.changed");
  CHECK(answer.json().at("items").as_array().size() == 2);
  CHECK(answer.text("/items/0/data/from") == "available");
  CHECK(answer.text("/items/0/data/to") == "missing_scope");
  CHECK(answer.text("/items/0/data/reason") == "because");
  CHECK(answer.text("/items/0/data/scopes") == "admin:repository:bitbucket");
  CHECK(answer.text("/items/1/data/from") == "pending");
}

TEST_CASE("evidence that is purged takes its drifts along") {
  Drifting here;
  here.record(unknown_state());
  auto purge = [&](storage::Connection& connection) -> Result<bool> {
    storage::request_purge(connection, tenant, here.source, here.world.clock.now());
    return storage::purge_some(connection, tenant, here.source, 100);
  };
  CHECK_FALSE(here.world.write(std::move(purge)).value());
  const std::string place = "/v1/sources/" + here.source + "/drift";
  CHECK(here.world.get(place).json().at("items").as_array().empty());
}
