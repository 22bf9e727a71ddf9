// Goal: a key with a window of time sees what was observed within it, the same on every route, and
// nothing else. Method: objects come, change and go before, within and after the window; each route
// is asked with the key.
#include "config/time.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>

#include <algorithm>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;
using storage::StreamState;
using storage::SyncResult;

namespace {

/// A project as it is stored; its title is what the connector reads from it.
storage::ArtifactDraft project(const std::string& uuid, const std::string& name) {
  return draft("project", uuid, fmt::format(R"({{"name":"{}"}})", name), name);
}

/// Three days, a sync in each; the window is the second. {same} is there from the first day and
/// never changes, {each} changes every day, {brief} comes within and goes after, {gone} goes
/// within, {late} comes after.
class ThreeDays {
 public:
  ThreeDays() : source_(world.register_source()) {
    day({project("{same}", "Same"), project("{each}", "Each one"), project("{gone}", "Gone")});
    window.from = world.clock.now() + 1h;
    world.clock.advance(24h);
    day({project("{same}", "Same"), project("{each}", "Each two"), project("{brief}", "Brief")});
    window.to = world.clock.now() + 1h;
    world.clock.advance(24h);
    day({project("{same}", "Same"), project("{each}", "Each three"), project("{late}", "Late")});
    storage::ApiKey wanted;
    wanted.name = "window";
    wanted.roles = {storage::Role::auditor};
    wanted.window = window;
    key = world.make_key(wanted);
  }

  boost::json::value get(const std::string& target) { return world.get(target, key).json(); }
  int status(const std::string& target) { return world.get(target, key).status; }

  /// As the admin sees it.
  std::string id_of(const std::string& upstream_id) {
    const auto all = world.get("/v1/artifacts?removed=true").json();
    for (const auto& item : all.at("items").as_array()) {
      if (item.at("upstream_id").as_string() == upstream_id) return text(item.at("id"));
    }
    return "";
  }

  static std::string text(const boost::json::value& value) {
    return std::string(value.as_string());
  }

  /// The members `name` of a list's items, sorted.
  std::vector<std::string> listed(const std::string& target, const std::string& name) {
    std::vector<std::string> found;
    const auto body = get(target);
    for (const auto& item : body.at("items").as_array()) found.push_back(text(item.at(name)));
    std::ranges::sort(found);
    return found;
  }

  World world;
  storage::Window window;
  std::string key;

 private:
  /// Twice: what is gone is gone when two walks agree.
  void day(const std::vector<storage::ArtifactDraft>& projects) {
    world.collect(source_, "project", projects);
    world.clock.advance(1min);
    world.collect(source_, "project", projects);
    world.finish_sync(source_, SyncResult::succeeded, {stream("project", StreamState::complete)});
  }

  std::string source_;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a list shows artifacts as the window left them") {
  ThreeDays days;
  CHECK(days.listed("/v1/artifacts", "title") == Texts{"Brief", "Each two"});
  CHECK(days.listed("/v1/artifacts?kind=project&kind=workspace", "title") ==
        Texts{"Brief", "Each two"});
  CHECK(days.listed("/v1/artifacts?removed=true", "title") == Texts{"Brief", "Each two", "Gone"});
  CHECK(days.listed("/v1/artifacts?removed=only", "title") == Texts{"Gone"});
  CHECK(days.listed("/v1/artifacts?fields=title", "title") == Texts{"Brief", "Each two"});
  CHECK(days.listed("/v1/artifacts?changed_since=0", "title") ==
        Texts{"Brief", "Each two", "Gone"});
  CHECK(days.listed("/v1/artifacts?repository=example-works/checkout", "title") ==
        Texts{"Brief", "Each two"});
  const auto all = days.get("/v1/artifacts?removed=true");
  for (const auto& item : all.at("items").as_array()) {
    const auto at = parse_timestamp(ThreeDays::text(item.at("observed_at")));
    REQUIRE(at);
    CHECK(days.window.contains(*at));
    if (!item.at("removed_at").is_null()) {
      CHECK(days.window.contains(*parse_timestamp(ThreeDays::text(item.at("removed_at")))));
    }
  }
}

TEST_CASE("an artifact, its raw bytes and its revisions are those of the window") {
  ThreeDays days;
  const std::string each = "/v1/artifacts/" + days.id_of("{each}");
  CHECK(days.get(each).at("revision").as_int64() == 2);
  CHECK(ThreeDays::text(days.get(each).at("title")) == "Each two");
  CHECK(days.world.get(each + "/raw", days.key).body == R"({"name":"Each two"})");
  const auto revisions = days.get(each + "/revisions");
  REQUIRE(revisions.at("items").as_array().size() == 1);
  CHECK(revisions.at("items").at(0).at("revision").as_int64() == 2);
  CHECK(days.status(each + "/revisions/2") == 200);
  CHECK(days.status(each + "/revisions/1") == 404);
  CHECK(days.status(each + "/revisions/3") == 404);
  const auto first_page = days.get(each + "/revisions?limit=1");
  CHECK_FALSE(first_page.at("has_more").as_bool());
}

TEST_CASE("what did not change within the window is not there, whatever it is asked for by") {
  ThreeDays days;
  for (const std::string name : {"{same}", "{late}"}) {
    CAPTURE(name);
    const std::string path = "/v1/artifacts/" + days.id_of(name);
    for (const std::string rest : {"", "/raw", "/revisions", "/revisions/1"}) {
      CHECK(days.status(path + rest) == 404);
    }
  }
}

TEST_CASE("what was there within the window stays there when it is gone now") {
  ThreeDays days;
  const auto brief = days.get("/v1/artifacts/" + days.id_of("{brief}"));
  CHECK(brief.at("removed_at").is_null());
  CHECK(brief.at("removed_reason").is_null());
}

TEST_CASE("exports hold what the list holds") {
  ThreeDays days;
  const auto exported = [&](const std::string& media) {
    return days.world
        .ask({.target = "/v1/artifacts?fields=title",
              .key = days.key,
              .headers = {{"accept", media}}})
        .body;
  };
  const std::string lines = exported("application/x-ndjson");
  CHECK(lines.find("\"Each two\"") != std::string::npos);
  CHECK(lines.find("\"count\":2") != std::string::npos);
  const std::string csv = exported("text/csv");
  CHECK(std::ranges::count(csv, '\n') == 3);
  for (const std::string& text : {lines, csv}) {
    for (const std::string hidden : {"Same", "one", "three", "Late"}) {
      CHECK(text.find(hidden) == std::string::npos);
    }
  }
}

TEST_CASE("counts are counts of the window") {
  ThreeDays days;
  CHECK(days.get("/v1/kinds/project").at("count").as_int64() == 2);
  CHECK(days.get("/v1/status").at("artifacts").as_int64() == 2);
  const auto kinds = days.get("/v1/kinds");
  for (const auto& kind : kinds.at("items").as_array()) {
    if (kind.at("kind").as_string() == "project") CHECK(kind.at("count").as_int64() == 2);
  }
}

TEST_CASE("syncs are shown when a part of them lies within the window") {
  ThreeDays days;
  const auto all = days.world.get("/v1/syncs").json();
  REQUIRE(all.at("items").as_array().size() == 3);
  const auto seen = days.get("/v1/syncs");
  REQUIRE(seen.at("items").as_array().size() == 1);
  CHECK(seen.at("items").at(0).at("id") == all.at("items").at(1).at("id"));
  for (std::size_t at = 0; at < 3; ++at) {
    const std::string id = ThreeDays::text(all.at("items").at(at).at("id"));
    CHECK(days.status("/v1/syncs/" + id) == (at == 1 ? 200 : 404));
  }
}

TEST_CASE("gaps are those of the syncs within the window") {
  ThreeDays days;
  const auto status_of = [&](const std::string& key) {
    const auto gaps =
        days.world.get("/v1/artifacts?kind=project", key).json().at("gaps").as_array();
    return gaps.empty() ? std::string() : ThreeDays::text(gaps.at(0).at("status"));
  };
  CHECK(status_of(days.key).empty());
  storage::ApiKey before;
  before.name = "before anything was collected";
  before.roles = {storage::Role::auditor};
  before.window.to = *days.window.from - 72h;
  CHECK(status_of(days.world.make_key(before)) == "pending");
}

TEST_CASE("the feed tells of the window") {
  ThreeDays days;
  Texts seen;
  std::int64_t after = 0;
  for (bool more = true; more;) {
    const auto page = days.get(fmt::format("/v1/changes?after={}&limit=1", after));
    for (const auto& item : page.at("items").as_array()) {
      seen.push_back(ThreeDays::text(item.at("type")));
      CHECK(days.window.contains(*parse_timestamp(ThreeDays::text(item.at("at")))));
    }
    after = page.at("after").as_int64();
    more = page.at("has_more").as_bool();
  }
  std::ranges::sort(seen);
  CHECK(seen == Texts{"artifact.created", "artifact.removed", "artifact.revised", "sync.finished",
                      "sync.queued", "sync.started"});
}

TEST_CASE("a key with a window does not purge what it cannot see") {
  ThreeDays days;
  storage::ApiKey wanted;
  wanted.name = "admin";
  wanted.roles = {storage::Role::admin};
  wanted.window = days.window;
  const std::string admin_key = days.world.make_key(wanted);
  const std::string source = days.world.get("/v1/sources").text("/items/0/id");
  const auto remove = [&](const std::string& query) {
    return days.world
        .ask({.method = Method::delete_,
              .target = "/v1/sources/" + source + query,
              .key = admin_key})
        .status;
  };
  CHECK(remove("?purge_evidence=true") == 403);
  CHECK(remove("") < 300);
}

TEST_CASE("a window without a beginning shows the state at its end") {
  ThreeDays days;
  storage::ApiKey wanted;
  wanted.name = "state";
  wanted.roles = {storage::Role::auditor};
  wanted.window.to = days.window.to;
  days.key = days.world.make_key(wanted);
  CHECK(days.listed("/v1/artifacts", "title") == Texts{"Brief", "Each two", "Same"});
}
