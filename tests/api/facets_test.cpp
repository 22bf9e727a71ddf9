// Goal: facets answer in one call what a page of filters shows, for exactly what the key may see,
// and lists take the same filters. Method: the API over a small collection of two sources.
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>

#include <algorithm>

using namespace evidenced;
using namespace evidenced::api::tests;

namespace {

storage::ArtifactDraft pull_request(int number, const std::string& state,
                                    const std::string& repository = "example-works/checkout") {
  storage::ArtifactDraft made =
      draft("pull_request", fmt::format("{{{}}}/{}", repository, number),
            fmt::format(R"({{"id":{},"state":"{}","title":"Change {}"}})", number, state, number),
            fmt::format("Change {}", number));
  made.state = state;
  made.repository = repository;
  return made;
}

/// {"OPEN": 2, …} of one facet.
std::map<std::string, std::int64_t> counts(const boost::json::value& answer,
                                           std::string_view name) {
  std::map<std::string, std::int64_t> found;
  for (const auto& facet : answer.at("facets").as_array()) {
    if (facet.at("name").as_string() != name) continue;
    for (const auto& value : facet.at("values").as_array()) {
      found.emplace(value.at("value").as_string(), value.at("count").as_int64());
    }
  }
  return found;
}
using Counts = std::map<std::string, std::int64_t>;

std::vector<std::string> titles(const boost::json::value& list) {
  std::vector<std::string> found;
  for (const auto& item : list.at("items").as_array()) {
    found.emplace_back(item.at("title").as_string());
  }
  return found;
}
using Texts = std::vector<std::string>;

/// Five pull requests in two repositories and a project of one source, one project of another.
class Collection {
 public:
  Collection() {
    world.control.answer.workspaces.push_back({"{b}", "second", "", false});
    first = world.register_source();
    world.collect(first, "pull_request",
                  {pull_request(1, "OPEN"), pull_request(2, "MERGED"), pull_request(3, "MERGED"),
                   pull_request(4, "OPEN", "example-works/ledger"),
                   pull_request(5, "DECLINED", "example-works/ledger")});
    world.collect(first, "project", {draft("project", "{p}", R"({"name":"Shop"})", "Shop")});
    second = world.register_source(registration(R"(,"workspaces":["second"])", "Second"));
    world.collect(second, "project", {draft("project", "{q}", R"({"name":"Bank"})", "Bank")});
  }
  boost::json::value get(const std::string& target) {
    const Answer answer = world.get(target);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return answer.json();
  }

  World world;
  std::string first;
  std::string second;
};

}  // namespace

TEST_CASE("facets count by every filter, and a choice leaves its own facet whole") {
  Collection here;
  const auto all = here.get("/v1/facets");
  CHECK(all.at("count").as_int64() == 7);
  CHECK(all.at("exact").as_bool());
  CHECK(counts(all, "kind") == Counts{{"pull_request", 5}, {"project", 2}});
  CHECK(counts(all, "source") == Counts{{here.first, 6}, {here.second, 1}});
  CHECK(counts(all, "state") == Counts{{"OPEN", 2}, {"MERGED", 2}, {"DECLINED", 1}});
  const auto open =
      here.get("/v1/facets?state=OPEN&state=DECLINED&repository=example-works/ledger");
  CHECK(open.at("count").as_int64() == 2);
  CHECK(counts(open, "state") == Counts{{"OPEN", 1}, {"DECLINED", 1}});
  CHECK(counts(open, "repository") ==
        Counts{{"example-works/checkout", 1}, {"example-works/ledger", 2}});
  CHECK(counts(open, "kind") == Counts{{"pull_request", 2}});
}

TEST_CASE("a value of a facet has a name for people, and one for the filter") {
  Collection here;
  const auto all = here.get("/v1/facets?values=1");
  const auto& facets = all.at("facets").as_array();
  const auto& kind = facets.at(0).at("values").at(0);
  CHECK(kind.at("value").as_string() == "pull_request");
  CHECK(kind.at("label").as_string() == "Pull requests");
  CHECK(facets.at(0).at("other").as_int64() == 2);
  const auto& source = facets.at(1).at("values").at(0);
  CHECK(source.at("value").as_string() == here.first);
  CHECK(source.at("label").as_string() != here.first);
  CHECK(facets.at(5).at("none").as_int64() == 2);
  CHECK(here.world.get("/v1/facets?values=0").status == 400);
  CHECK(here.world.get("/v1/facets?kind=nonsense").status == 400);
  CHECK(here.world.get("/v1/facets?sort=id").status == 400);
}

TEST_CASE("facets of a search count what the search lists, and gaps come with them") {
  Collection here;
  const auto found = here.get("/v1/facets?q=change");
  CHECK(found.at("count").as_int64() == 5);
  CHECK(counts(found, "kind") == Counts{{"pull_request", 5}});
  const auto bank = here.get("/v1/artifacts?q=bank").at("items").at(0).at("seq").as_int64();
  const auto changed = here.get(fmt::format("/v1/facets?changed_since={}", bank));
  CHECK(counts(changed, "source") == Counts{{here.second, 1}});
  CHECK_FALSE(found.at("gaps").as_array().empty());
  CHECK(found.at("as_of_seq").as_int64() > 0);
}

TEST_CASE("a key that is limited to a source counts nothing of another") {
  Collection here;
  storage::ApiKey limited;
  limited.name = "limited";
  limited.roles = {storage::Role::auditor};
  limited.source_ids = {here.second};
  const std::string key = here.world.make_key(limited);
  const auto seen = here.world.get("/v1/facets", key).json();
  CHECK(seen.at("count").as_int64() == 1);
  CHECK(counts(seen, "source") == Counts{{here.second, 1}});
  CHECK(counts(seen, "kind") == Counts{{"project", 1}});
  CHECK(here.world.get("/v1/facets?source=" + here.first, key).status == 404);
  const auto other = here.world.get("/v1/facets", "other").json();
  CHECK(other.at("count").as_int64() == 0);
}

TEST_CASE("a key with a window counts states as they were") {
  Collection here;
  storage::ApiKey limited;
  limited.name = "limited";
  limited.roles = {storage::Role::auditor};
  limited.window.to = here.world.clock.now();
  const std::string key = here.world.make_key(limited);
  here.world.clock.advance(std::chrono::hours(1));
  here.world.collect(here.first, "pull_request", {pull_request(1, "MERGED")});
  const auto then = here.world.get("/v1/facets?kind=pull_request", key).json();
  CHECK(counts(then, "state") == Counts{{"OPEN", 2}, {"MERGED", 2}, {"DECLINED", 1}});
  const auto open = here.world.get("/v1/artifacts?state=OPEN", key).json();
  CHECK(titles(open) == Texts{"Change 1", "Change 4"});
}

TEST_CASE("artifacts are listed by state and text, in three orders, page by page") {
  Collection here;
  CHECK(titles(here.get("/v1/artifacts?state=OPEN&state=DECLINED")) ==
        Texts{"Change 1", "Change 4", "Change 5"});
  CHECK(titles(here.get("/v1/artifacts?q=CHANGE%203")) == Texts{"Change 3"});
  CHECK(titles(here.get("/v1/artifacts?q=ledger%7d/4")) == Texts{"Change 4"});
  CHECK(here.world.get("/v1/artifacts?q=x").status == 400);
  CHECK(here.world.get("/v1/artifacts?q=" + std::string(251, 'x')).status == 400);
  CHECK(here.world.get("/v1/artifacts?sort=title").status == 400);
  here.world.collect(here.first, "pull_request",
                     {pull_request(2, "MERGED"), pull_request(1, "MERGED")});
  for (const std::string sort : {"-id", "-changed"}) {
    CAPTURE(sort);
    Texts listed;
    std::string target = "/v1/artifacts?kind=pull_request&limit=2&sort=" + sort;
    while (!target.empty()) {
      const auto page = here.get(target);
      std::ranges::copy(titles(page), std::back_inserter(listed));
      target = page.at("next").is_null() ? "" : std::string(page.at("next").as_string());
    }
    if (sort == "-id") {
      CHECK(listed == Texts{"Change 5", "Change 4", "Change 3", "Change 2", "Change 1"});
    } else {
      CHECK(listed == Texts{"Change 1", "Change 5", "Change 4", "Change 3", "Change 2"});
    }
  }
}

TEST_CASE("an export holds what the filter lists, in its order") {
  Collection here;
  Ask ask;
  ask.target = "/v1/artifacts?state=OPEN&q=change&sort=-changed&fields=title";
  ask.key = "admin";
  ask.headers = {{"accept", "application/x-ndjson"}};
  const Answer answer = here.world.ask(ask);
  CHECK(answer.status == 200);
  CHECK(answer.body.find("Change 4") < answer.body.find("Change 1"));
  CHECK(answer.trailer("Evidenced-Count") == "2");
}

TEST_CASE("sources, syncs and expirations take a filter several times") {
  Collection here;
  const auto count = [&](const std::string& target) {
    return here.get(target).at("items").as_array().size();
  };
  CHECK(here.world.post("/v1/sources/" + here.second + "/pause", "{}").status == 200);
  CHECK(count("/v1/sources?state=active") == 1);
  CHECK(count("/v1/sources?state=active&state=paused") == 2);
  CHECK(count("/v1/syncs?source=" + here.first) == 1);
  CHECK(count("/v1/syncs?source=" + here.first + "&source=" + here.second) == count("/v1/syncs"));
  CHECK(count("/v1/syncs?state=queued&state=running&state=done") == count("/v1/syncs"));
  CHECK(count("/v1/expirations?state=ok&state=expired") + count("/v1/expirations?state=expiring") ==
        count("/v1/expirations"));
}
