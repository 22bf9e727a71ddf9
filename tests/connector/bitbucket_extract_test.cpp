// Goal: state and time of an object are what Bitbucket says of it, and the same when they are read
// from what was stored. Method: invented bodies, one a row, through the parser and through the
// reader of stored content.
#include "connector/bitbucket/identity.hpp"
#include "connector/bitbucket/parse.hpp"
#include "tests/catch.hpp"
#include "tests/connector/bitbucket_bodies.hpp"

using namespace evidenced;
using namespace evidenced::connector::bitbucket;
using namespace evidenced::connector::bitbucket::testing;

namespace {

struct Case {
  std::string_view stream;
  std::string_view body;
  std::string_view state;
  std::string_view dated_at;  ///< "" for none
};

constexpr Case cases[] = {
    {"pull_request",
     R"({"id":1,"state":"OPEN","created_on":"2026-01-01T00:00:00Z","updated_on":"2026-01-02T00:00:00Z"})",
     "OPEN", "2026-01-02T00:00:00.000Z"},
    {"pull_request",
     R"({"id":2,"state":"MERGED","updated_on":"2026-02-02T00:00:00Z","merge_commit":{"date":"2026-01-05T00:00:00+00:00"}})",
     "MERGED", "2026-01-05T00:00:00.000Z"},
    {"pull_request",
     R"({"id":3,"state":"DECLINED","closed_on":"2026-01-03T00:00:00.123456+00:00","merge_commit":null,"updated_on":"2026-02-02T00:00:00Z"})",
     "DECLINED", "2026-01-03T00:00:00.123Z"},
    {"pull_request", R"({"id":4,"state":7,"updated_on":"yesterday"})", "", ""},
    {"pipeline",
     R"({"uuid":"{p}","created_on":"2026-01-01T00:00:00Z","completed_on":"2026-01-01T01:00:00Z","state":{"name":"COMPLETED","result":{"name":"FAILED"}}})",
     "FAILED", "2026-01-01T01:00:00.000Z"},
    {"pipeline",
     R"({"uuid":"{q}","created_on":"2026-01-01T00:00:00Z","state":{"name":"IN_PROGRESS","stage":{"name":"PAUSED"}}})",
     "PAUSED", "2026-01-01T00:00:00.000Z"},
    {"deployment",
     R"({"uuid":"{d}","state":{"name":"COMPLETED","status":{"name":"SUCCESSFUL"},"completed_on":"2026-01-04T00:00:00Z"},"last_update_time":"2026-01-09T00:00:00Z"})",
     "SUCCESSFUL", "2026-01-04T00:00:00.000Z"},
    {"commit", R"({"hash":"abc","date":"2026-01-06T00:00:00+00:00"})", "",
     "2026-01-06T00:00:00.000Z"},
    {"build_status", R"({"commit":{"hash":"abc"},"key":"k","state":"SUCCESSFUL"})", "SUCCESSFUL",
     ""},
    {"branch_restriction", R"({"id":1,"kind":"push","state":"X","date":"2026-01-06T00:00:00Z"})",
     "", ""},
};

std::string shown(const std::optional<Timestamp>& time) {
  return time ? format_rfc3339(*time) : "";
}

}  // namespace

TEST_CASE("state and time are told by kind, of the page and of what was stored alike") {
  for (const Case& each : cases) {
    CAPTURE(each.body);
    const ParsedPage page = parsed(each.stream, "{\"values\":[" + std::string(each.body) + "]}");
    REQUIRE(page.artifacts.size() == 1);
    const storage::ArtifactDraft& draft = page.artifacts.front();
    CHECK(draft.state == each.state);
    CHECK(shown(draft.dated_at) == each.dated_at);
    const storage::Extract again = extract_of(draft.kind, draft.content);
    CHECK(again.title == draft.title);
    CHECK(again.state == draft.state);
    CHECK(again.dated_at == draft.dated_at);
  }
}

TEST_CASE("a state is one line, whatever is sent") {
  const ParsedPage page = parsed("pull_request", R"({"values":[{"id":1,"state":"A\nB"}]})");
  CHECK(page.artifacts.at(0).state == "A B");
}

TEST_CASE("content that is no object tells nothing") {
  const storage::Extract extract = extract_of("pull_request", "[1");
  CHECK(extract.title.empty());
  CHECK(extract.state.empty());
  CHECK_FALSE(extract.dated_at);
}
