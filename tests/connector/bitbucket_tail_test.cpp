// Goal: what happened is known by what it says of itself, and lists that grow at their beginning
// are read in their order. Method: invented entries, well-formed and not, with canaries.
#include "connector/bitbucket/row_notes.hpp"
#include "connector/bitbucket/targets.hpp"
#include "tests/catch.hpp"
#include "tests/connector/bitbucket_bodies.hpp"

using namespace evidenced;
using namespace evidenced::connector::bitbucket;
using namespace evidenced::connector::bitbucket::testing;

namespace {

Partition tail_place() {
  Partition partition;
  partition.id = "{r}";
  partition.workspace_uuid = "{w}";
  partition.workspace = "harbour-lane";
  partition.repository_uuid = "{r}";
  partition.repository = "harbour-lane/payments-api";
  return partition;
}

ParsedPage page_of(std::string_view stream, const std::string& entries) {
  return parsed(stream, "{\"values\":[" + entries + "]}", tail_place());
}

std::string activity_id(const std::string& entry) {
  const ParsedPage page = page_of("pull_request_activity", entry);
  REQUIRE(page.artifacts.size() == 1);
  CHECK(page.artifacts[0].repository == "harbour-lane/payments-api");
  return page.artifacts[0].upstream_id;
}

RowNote note(std::string_view kind, std::string_view text) {
  return note_of(kind, *read_json(text));
}

RowNote at(std::string_view time) {
  return {parse_timestamp(time), false, {}};
}

}  // namespace

TEST_CASE("an entry of the activity is its pull request, kind, moment and person") {
  CHECK(
      activity_id(
          R"({"pull_request":{"id":7},"approval":{"date":"2026-11-19T10:00:00.5+00:00","user":{"uuid":"{a}"}}})") ==
      "{r}/7/approval/2026-11-19T10:00:00.5+00:00/{a}/");
  CHECK(
      activity_id(
          R"({"pull_request":{"id":7},"changes_requested":{"date":"2026-11-19T10:00:00+00:00","user":null}})") ==
      "{r}/7/changes_requested/2026-11-19T10:00:00+00:00//");
  CHECK(
      activity_id(
          R"({"pull_request":{"id":7},"update":{"date":"2026-11-19T10:00:00+00:00","author":{"uuid":"{a}"},"state":"MERGED"}})") ==
      "{r}/7/update/2026-11-19T10:00:00+00:00/{a}/MERGED");
  CHECK(activity_id(R"({"pull_request":{"id":7},"comment":{"id":118000001,"created_on":"x"}})") ==
        "{r}/7/comment/118000001");
  CHECK(
      activity_id(
          R"({"approval":{"date":"2026-11-19T10:00:00+00:00","pullrequest":{"id":9},"user":{"uuid":"{a}"}}})") ==
      "{r}/9/approval/2026-11-19T10:00:00+00:00/{a}/");
}

TEST_CASE("an entry that does not say what it is, is known by its content") {
  for (const char* entry :
       {R"({"pull_request":{"id":7}})", R"({"pull_request":{"id":7},"approval":null})",
        R"({"pull_request":{"id":7},"approval":{"user":{"uuid":"{a}"}}})",
        R"({"approval":{"date":"2026-11-19T10:00:00+00:00"}})", R"({"merged":{"date":1}})", "{}"}) {
    CAPTURE(entry);
    CHECK(activity_id(entry).starts_with("{r}/sha256:"));
  }
  CHECK(activity_id(R"({"pull_request":{"id":7}})") != activity_id(R"({"pull_request":{"id":8}})"));
}

TEST_CASE("entries tell when they happened, and what is not finished says so") {
  const ParsedPage page = page_of(
      "pull_request_activity",
      R"({"comment":{"created_on":"2026-11-19T10:00:00Z"}},{"update":{"date":"2026-11-18T10:00:00Z"}},)"
      R"({"approval":{}},{"changes_requested":{"date":"2026-11-17T10:00:00Z"}})");
  REQUIRE(page.notes.size() == 4);
  CHECK(page.notes[0].time == parse_timestamp("2026-11-19T10:00:00Z"));
  CHECK(page.notes[1].time == parse_timestamp("2026-11-18T10:00:00Z"));
  CHECK_FALSE(page.notes[2].time);
  CHECK(page.notes[3].time == parse_timestamp("2026-11-17T10:00:00Z"));
  CHECK(note("pull_request", R"({"state":"OPEN"})").open);
  CHECK_FALSE(note("pull_request", R"({"state":"MERGED"})").open);
  CHECK_FALSE(note("nonsense", R"({"state":"OPEN"})").open);
}

TEST_CASE("deliveries are finished when they say so, and known below their repository") {
  const ParsedPage pipelines = page_of(
      "pipeline",
      R"({"uuid":"{p}","build_number":12,"created_on":"2026-11-19T10:00:00.123Z","target":{"ref_name":"main"},)"
      R"("state":{"name":"IN_PROGRESS","stage":{"name":"PAUSED"}}},)"
      R"({"uuid":"{q}","state":{"name":"COMPLETED","result":{"name":"FAILED"}}},)"
      R"({"uuid":"{s}","state":{"name":"PENDING"}},{"uuid":"{t}","state":null},{})");
  REQUIRE(pipelines.artifacts.size() == 5);
  CHECK(pipelines.artifacts[0].upstream_id == "{r}/{p}");
  CHECK(pipelines.artifacts[0].title == "#12 main PAUSED");
  CHECK(pipelines.artifacts[4].upstream_id.starts_with("{r}/sha256:"));
  const std::vector<bool> open = {true, false, true, false, false};
  for (std::size_t i = 0; i < open.size(); ++i) {
    CHECK(pipelines.notes[i].open == open[i]);
    if (i < 3) CHECK(is_open("pipeline", pipelines.artifacts[i].content) == open[i]);
  }
  const ParsedPage deployments = page_of(
      "deployment",
      R"({"uuid":"{d}","release":{"name":"#12","created_on":"2026-11-19T10:00:00Z"},)"
      R"("environment":{"name":"Production"},"state":{"name":"UNDEPLOYED"}},)"
      R"({"uuid":"{e}","release":{"created_on":"2026-11-19T10:00:00Z"},"state":{"name":"COMPLETED",)"
      R"("status":{"name":"FAILED"},"start_date":"2026-11-19T11:00:00Z","completion_date":"2026-11-19T11:01:00Z"}},)"
      R"({"uuid":"{f}","last_update_time":"2026-11-19T12:00:00.123456789Z","state":{"name":"IN_PROGRESS"}})");
  REQUIRE(deployments.artifacts.size() == 3);
  CHECK(deployments.artifacts[0].title == "#12 Production UNDEPLOYED");
  CHECK(deployments.notes[0].open);
  CHECK(deployments.notes[0].time == parse_timestamp("2026-11-19T10:00:00Z"));
  CHECK_FALSE(deployments.notes[1].open);
  CHECK(deployments.notes[1].time == parse_timestamp("2026-11-19T11:01:00Z"));
  CHECK(deployments.notes[2].time == parse_timestamp("2026-11-19T12:00:00.123Z"));
}

TEST_CASE("a sort that `next` lost is put back, and nothing else is touched") {
  const Stream& pipelines = *find_stream("pipeline");
  const std::string host = "https://api.bitbucket.org/2.0/x/pipelines/";
  CHECK(kept_order(pipelines, host + "?pagelen=100&page=2") ==
        host + "?pagelen=100&page=2&sort=-created_on");
  CHECK(kept_order(pipelines, host) == host + "?sort=-created_on");
  for (const std::string& next :
       {host + "?sort=created_on&page=2", host + "?page=2&sort=x", std::string()}) {
    CHECK(kept_order(pipelines, next) == next);
  }
  CHECK(kept_order(*find_stream("deployment"), host) == host);
}

TEST_CASE("stored content tells whether it is open as the object did") {
  CHECK(is_open("pull_request", R"({"id":7,"state":"OPEN","title":"x"})"));
  CHECK_FALSE(is_open("pull_request", R"({"id":7,"state":"MERGED","title":"\"state\":\"OPEN\""})"));
  CHECK_FALSE(is_open("repository", R"({"state":"OPEN"})"));
}

TEST_CASE("pages are newest first when their first half is no older than their second") {
  const std::vector<RowNote> falling = {at("2026-11-19T10:00:00Z"), at("2026-11-18T10:00:00Z"),
                                        at("2026-11-17T10:00:00Z"), at("2026-11-16T10:00:00Z")};
  CHECK(newest_first(falling));
  const std::vector<RowNote> rising(falling.rbegin(), falling.rend());
  CHECK_FALSE(newest_first(rising));
  std::vector<RowNote> nearly = falling;
  nearly.insert(nearly.begin(), at("2026-11-17T12:00:00Z"));  // one that came again
  CHECK(newest_first(nearly));
  CHECK(newest_first({}));
  CHECK(newest_first(std::vector<RowNote>(5)));
  CHECK(newest_first(std::vector<RowNote>{at("2026-11-19T10:00:00Z"), {}}));
  CHECK(newest_first(std::vector<RowNote>(4, at("2026-11-19T10:00:00Z"))));
}

TEST_CASE("the page behind another one is found by its number") {
  CHECK(following_page("/a/pipelines/?pagelen=100&sort=-created_on") ==
        "/a/pipelines/?pagelen=100&sort=-created_on&page=2");
  CHECK(following_page("/a/?page=9&pagelen=100") == "/a/?page=10&pagelen=100");
  CHECK(following_page("/a/?pagelen=100&page=99") == "/a/?pagelen=100&page=100");
}
