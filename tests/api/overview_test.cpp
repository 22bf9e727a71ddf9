// Goal: one call shows how all sources stand, the same as the single resources say, and to a
// limited key no more than it may see. Method: the API over SQLite with two sources.
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using storage::StreamState;
using storage::SyncResult;

namespace {

class TwoSources {
 public:
  TwoSources() {
    world.control.answer.workspaces.push_back({"{b}", "second", "", false});
    first = world.register_source();
    second = world.register_source(registration(R"(,"workspaces":["second"])", "Second"));
    world.collect(first, "project", {draft("project", "{p}"), draft("project", "{q}")});
    world.finish_sync(first, SyncResult::succeeded,
                      {stream("project", StreamState::complete),
                       stream("webhook", StreamState::unavailable, "stream.forbidden")});
  }
  boost::json::value get(const std::string& target, const std::string& key = "admin") {
    const Answer answer = world.get(target, key);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return answer.json();
  }
  std::string limited_to(const std::string& source) {
    storage::ApiKey key;
    key.name = "limited";
    key.roles = {storage::Role::auditor};
    key.source_ids = {source};
    return world.make_key(key);
  }

  World world;
  std::string first;
  std::string second;
};

}  // namespace

TEST_CASE("the overview says of each source what the source says, with its syncs and gaps") {
  TwoSources here;
  const auto body = here.get("/v1/overview");
  REQUIRE(body.at("items").as_array().size() == 2);
  const auto& item = body.at("items").at(0);
  const auto source = here.get("/v1/sources/" + here.first);
  CHECK(item.at("id").as_string() == here.first);
  CHECK(item.at("health") == source.at("health"));
  CHECK(item.at("last_sync") == source.at("last_sync"));
  CHECK(item.at("expires_at") == source.at("credential").at("expires_at"));
  CHECK(item.at("days_left") == source.at("credential").at("days_left"));
  CHECK(item.at("expiry_source") == source.at("credential").at("expiry_source"));
  CHECK(item.at("artifacts").as_int64() == 2);
  const auto& syncs = item.at("recent_syncs").as_array();
  REQUIRE(syncs.size() == 1);
  CHECK(syncs.at(0).at("result").as_string() == "succeeded");
  CHECK(item.at("streams_ok").as_int64() < item.at("streams_total").as_int64());
  // The gaps are those that lists tell of.
  const auto listed = here.get("/v1/artifacts?source=" + here.first).at("gaps").as_array();
  CHECK(item.at("gaps").as_array().size() == listed.size());
  for (const auto& gap : item.at("gaps").as_array()) CHECK(gap.at("kind").as_string() != "project");
}

TEST_CASE("the overview sums up all sources, once, and its pages hold them all") {
  TwoSources here;
  const auto page = here.get("/v1/overview?limit=1");
  const auto& totals = page.at("totals");
  CHECK(totals.at("sources").as_int64() == 2);
  CHECK(totals.at("artifacts").as_int64() == 2);
  CHECK(totals.at("by_status") == here.get("/v1/status").at("sources").at("by_health"));
  std::int64_t gaps = 0;
  for (const auto& item : here.get("/v1/overview").at("items").as_array()) {
    gaps += std::ssize(item.at("gaps").as_array());
  }
  CHECK(totals.at("gaps").as_int64() == gaps);
  const auto expiry = here.get("/v1/expirations").at("items").at(0);
  CHECK(totals.at("next_expiry").at("source_id") == expiry.at("source_id"));
  CHECK(totals.at("next_expiry").at("days_left") == expiry.at("days_left"));
  const auto next = here.get(std::string(page.at("next").as_string()));
  CHECK(next.at("totals").is_null());
  REQUIRE(next.at("items").as_array().size() == 1);
  CHECK(next.at("items").at(0).at("id").as_string() == here.second);
  CHECK(next.at("next").is_null());
}

TEST_CASE("the last sixty syncs of a source are shown, the newest last") {
  TwoSources here;
  for (int i = 0; i < 62; ++i) {
    here.world.clock.advance(std::chrono::minutes(1));
    REQUIRE(here.world
                .post(fmt::format("/v1/sources/{}/syncs", here.first), R"({"mode":"incremental"})")
                .status == 202);
    here.world.finish_sync(here.first, i == 61 ? SyncResult::failed : SyncResult::succeeded,
                           {stream("project", StreamState::complete)});
  }
  const auto body = here.get("/v1/overview");
  const auto& syncs = body.at("items").at(0).at("recent_syncs").as_array();
  REQUIRE(syncs.size() == 60);
  CHECK(syncs.back().at("result").as_string() == "failed");
  CHECK(syncs.front().at("queued_at").as_string() < syncs.back().at("queued_at").as_string());
}

TEST_CASE("a limited key sees the overview of its own source, and its own time") {
  TwoSources here;
  const auto seen = here.get("/v1/overview", here.limited_to(here.second));
  REQUIRE(seen.at("items").as_array().size() == 1);
  CHECK(seen.at("items").at(0).at("id").as_string() == here.second);
  CHECK(seen.at("totals").at("sources").as_int64() == 1);
  CHECK(seen.at("totals").at("artifacts").as_int64() == 0);
  CHECK(seen.at("totals").at("next_expiry").at("source_id").as_string() == here.second);
  storage::ApiKey past;
  past.name = "past";
  past.roles = {storage::Role::auditor};
  past.window.to = here.world.clock.now() - std::chrono::hours(1);
  const auto before = here.get("/v1/overview", here.world.make_key(past));
  CHECK(before.at("totals").at("artifacts").as_int64() == 0);
  CHECK(before.at("items").at(0).at("recent_syncs").as_array().empty());
  CHECK(here.get("/v1/overview", "other").at("items").as_array().empty());
  CHECK(here.get("/v1/overview", "other").at("totals").at("next_expiry").is_null());
}
