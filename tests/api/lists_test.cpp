// Goal: a list gives each item once whatever is written meanwhile, and a cursor serves the list
// that made it and no other. Method: lists walked to their end while objects come and change.
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <set>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;

namespace {

std::vector<storage::ArtifactDraft> projects(int first, int count, const std::string& content) {
  std::vector<storage::ArtifactDraft> drafts;
  for (int i = first; i < first + count; ++i) {
    drafts.push_back(draft("project", fmt::format("{{p{}}}", i), content));
  }
  return drafts;
}

/// A world with a source that has collected 25 projects.
struct Collected {
  Collected() : source(world.register_source()) {
    world.collect(source, "project", projects(0, 25, R"({"v":1})"));
  }
  World world;
  std::string source;
};

std::string next_of(const Answer& answer) {
  return answer.text("/next");
}

}  // namespace

TEST_CASE("each item that was there is given once while others come and change") {
  Collected here;
  std::multiset<std::string> seen;
  std::string target = "/v1/artifacts?kind=project&limit=4";
  std::int64_t as_of = -1;
  for (int page = 0; !target.empty(); ++page) {
    const Answer answer = here.world.get(target);
    REQUIRE(answer.status == 200);
    const auto body = answer.json();
    for (const auto& item : body.at("items").as_array()) {
      seen.insert(std::string(item.at("upstream_id").as_string()));
    }
    if (as_of < 0) as_of = body.at("as_of_seq").as_int64();
    CHECK(body.at("as_of_seq").as_int64() == as_of);
    CHECK(body.at("has_more").as_bool() == !next_of(answer).empty());
    if (!next_of(answer).empty()) {
      CHECK(answer.header("Link") == "<" + next_of(answer) + ">; rel=\"next\"");
    }
    target = next_of(answer);
    if (page < 3) {
      auto all = projects(0, 25, fmt::format(R"({{"v":{}}})", page + 2));
      for (auto& more : projects(100 + 10 * page, 10, "{}")) all.push_back(std::move(more));
      here.world.collect(here.source, "project", all);
    }
  }
  for (int i = 0; i < 25; ++i) CHECK(seen.count(fmt::format("{{p{}}}", i)) == 1);
  // Whoever asks for what changed since gets the rest.
  const Answer since =
      here.world.get(fmt::format("/v1/artifacts?changed_since={}&limit=500", as_of + 1));
  CHECK(since.json().at("items").as_array().size() == 55);
}

TEST_CASE("a limit above 500 is 500; below 1, or no number, is refused") {
  Collected here;
  here.world.collect(here.source, "repository", [] {
    std::vector<storage::ArtifactDraft> many;
    for (int i = 0; i < 510; ++i) many.push_back(draft("repository", fmt::format("{{r{}}}", i)));
    return many;
  }());
  const auto size = [&](const std::string& query) {
    return here.world.get("/v1/artifacts?kind=repository" + query)
        .json()
        .at("items")
        .as_array()
        .size();
  };
  CHECK(size("") == 50);
  CHECK(size("&limit=1") == 1);
  CHECK(size("&limit=1000000000") == 500);
  for (const std::string limit : {"0", "-1", "ten", "", "1.5"}) {
    CAPTURE(limit);
    const Answer answer = here.world.get("/v1/artifacts?limit=" + limit);
    CHECK(answer.status == 400);
    CHECK(answer.text("/errors/0/pointer") == "?limit");
  }
}

TEST_CASE("a cursor that was altered, or is another list's, is refused") {
  Collected here;
  const std::string next = next_of(here.world.get("/v1/artifacts?kind=project&limit=5"));
  REQUIRE_FALSE(next.empty());
  const std::string cursor = next.substr(next.find("cursor=") + 7);
  const auto code = [&](const std::string& target, const std::string& key = "admin") {
    return here.world.get(target, key).code();
  };
  CHECK(here.world.get(next).status == 200);
  CHECK(here.world.get("/v1/artifacts?limit=7&kind=project&cursor=" + cursor).status == 200);
  CHECK(here.world.get(next, "auditor").status == 200);
  CHECK(code("/v1/artifacts?cursor=" + cursor) == "cursor.invalid");
  CHECK(code("/v1/artifacts?kind=repository&cursor=" + cursor) == "cursor.invalid");
  CHECK(code("/v1/sources?cursor=" + cursor) == "cursor.invalid");
  CHECK(code(next, "other") == "cursor.invalid");
  CHECK(code("/v1/artifacts?kind=project&cursor=") == "request.invalid_field");
  for (std::size_t at = 0; at < cursor.size(); at += 3) {
    std::string altered = cursor;
    altered[at] = altered[at] == 'A' ? 'B' : 'A';
    CAPTURE(at);
    CHECK(code("/v1/artifacts?kind=project&cursor=" + altered) == "cursor.invalid");
  }
  here.world.clock.advance(26h);
  const Answer old = here.world.get(next);
  CHECK(old.status == 410);
  CHECK(old.code() == "cursor.expired");
}

TEST_CASE("a list that did not change is not sent again") {
  Collected here;
  const std::string target = "/v1/artifacts?kind=project&limit=5";
  const Answer first = here.world.get(target);
  const std::string etag = first.header("ETag");
  CHECK(etag.starts_with("W/\""));
  const auto again = [&] {
    return here.world.ask({.target = target, .key = "admin", .headers = {{"if-none-match", etag}}})
        .status;
  };
  CHECK(again() == 304);
  here.world.collect(here.source, "project", projects(0, 25, R"({"v":2})"));
  CHECK(again() == 200);
}

TEST_CASE("parameters that are unknown, doubled or malformed are refused by name") {
  World world;
  const auto pointer = [&](const std::string& query) {
    const Answer answer = world.get("/v1/artifacts?" + query);
    CHECK(answer.status == 400);
    return answer.text("/errors/0/pointer") + " " + answer.text("/errors/0/code");
  };
  CHECK(pointer("colour=red") == "?colour request.unknown_field");
  CHECK(pointer("as_of=2026-01-01T00:00:00Z") == "?as_of request.unknown_field");
  CHECK(pointer("limit=0") == "?limit request.invalid_field");
  CHECK(world.get("/v1/artifacts?limit=0&colour=red").json().at("errors").as_array().size() == 2);
  CHECK(world.get("/v1/artifacts?limit=1").status == 200);
  CHECK(pointer("limit=5&limit=6") == "?limit request.invalid_field");
  CHECK(pointer("kind=nothing") == "?kind request.invalid_field");
  CHECK(pointer("removed=perhaps") == "?removed request.invalid_field");
  CHECK(pointer("changed_since=yesterday") == "?changed_since request.invalid_field");
  CHECK(pointer("changed_since=2026-13-01T00:00:00Z") == "?changed_since request.invalid_field");
  CHECK(pointer("fields=id,colour") == "?fields request.invalid_field");
  CHECK(pointer("kind=%ZZ") == "? request.malformed");
  CHECK(pointer("kind=%00") == "? request.malformed");
  CHECK(pointer("kind=%ff") == "? request.malformed");
  CHECK(
      world.get("/v1/artifacts?colour=red&limit=0x&kind=").json().at("errors").as_array().size() ==
      3);
  CHECK(world.get("/v1/artifacts?changed_since=2026-01-01T00:00:00%2B01:00").status == 200);
  CHECK(world.get("/v1/artifacts?changed_since=2026-01-01T00:00:00+01:00").status == 200);
}

namespace {

double gauge(World& world, const std::string& name) {
  const std::string body = world.get("/metrics", "operator").body;
  const std::size_t at = body.find("\n" + name + " ");
  REQUIRE(at != std::string::npos);
  return std::stod(body.substr(at + name.size() + 2));
}

}  // namespace

TEST_CASE("a list that is asked for again is kept until something is written, and no longer") {
  Collected here;
  const std::string target = "/v1/artifacts?kind=project&limit=4";
  gauge(here.world, "evidenced_list_cache_hits");  // the first use of a key is noted
  const Answer first = here.world.get(target);
  here.world.get(target);
  const double hits = gauge(here.world, "evidenced_list_cache_hits");
  const Answer kept = here.world.get(target);
  CHECK(gauge(here.world, "evidenced_list_cache_hits") == hits + 1);
  CHECK(gauge(here.world, "evidenced_list_cache_bytes") == static_cast<double>(first.body.size()));
  CHECK(kept.body == first.body);
  CHECK(kept.header("ETag") == first.header("ETag"));
  CHECK(kept.header("Link") == first.header("Link"));
  CHECK(kept.header("Content-Type") == first.header("Content-Type"));
  CHECK(here.world
            .ask({.target = target,
                  .key = "admin",
                  .headers = {{"if-none-match", first.header("ETag")}}})
            .status == 304);

  here.world.collect(here.source, "project", projects(0, 1, R"({"v":2})"));
  const Answer changed = here.world.get(target);
  CHECK(changed.body != first.body);
  CHECK(changed.header("ETag") != first.header("ETag"));
  CHECK(gauge(here.world, "evidenced_list_cache_bytes") ==
        static_cast<double>(changed.body.size()));
}

TEST_CASE("a page that is asked for once is not kept, and what is kept stays within its bound") {
  Collected here;
  for (int limit = 1; limit <= 25; ++limit) {
    here.world.get(fmt::format("/v1/artifacts?kind=project&limit={}", limit));
  }
  CHECK(gauge(here.world, "evidenced_list_cache_bytes") == 0);
  const std::string content = fmt::format(R"({{"text":"{}"}})", std::string(30'000, 'x'));
  here.world.collect(here.source, "project", projects(0, 25, content));
  for (int round = 0; round < 3; ++round) {
    for (int limit = 15; limit <= 25; ++limit) {
      here.world.get(fmt::format("/v1/artifacts?kind=project&limit={}", limit));
    }
  }
  const double bytes = gauge(here.world, "evidenced_list_cache_bytes");
  CHECK(bytes > 2e6);
  CHECK(bytes <= 4.0 * 1024 * 1024);
}

TEST_CASE("an unchanged list is 304 by its tag, whatever is written that it does not show") {
  Collected here;
  const std::string target = "/v1/artifacts?kind=project&limit=4";
  const std::string etag = here.world.get(target).header("ETag");
  const auto again = [&](const std::string& asked) {
    return here.world.ask({.target = asked, .key = "admin", .headers = {{"if-none-match", etag}}})
        .status;
  };
  here.world.post("/v1/api-keys", R"({"name":"other","roles":["auditor"]})");
  CHECK(again(target) == 304);
  CHECK(again("/v1/artifacts?kind=project&limit=5") == 200);
  CHECK(again("/v1/artifacts?kind=project&limit=4&fields=id") == 200);
  CHECK(again("/v1/artifacts?kind=project&limit=4&removed=true") == 200);
  const auto remove = [&](const std::string& how) {
    return here.world
        .ask({.method = Method::delete_,
              .target = "/v1/sources/" + here.source + how,
              .key = "admin"})
        .status;
  };
  REQUIRE(remove("?purge_evidence=true") == 204);
  CHECK(again(target) == 200);
}

TEST_CASE("a list of a deleted source is another one once its evidence is purged") {
  Collected here;
  const std::string target = "/v1/artifacts?kind=project&limit=4";
  const std::string place = "/v1/sources/" + here.source;
  const auto remove = [&](const std::string& how) {
    return here.world.ask({.method = Method::delete_, .target = place + how, .key = "admin"});
  };
  REQUIRE(remove("").status == 204);
  const Answer kept = here.world.get(target);
  REQUIRE_FALSE(kept.json().at("items").as_array().empty());
  CHECK(kept.json().at("gaps").as_array().empty());
  REQUIRE(remove("?purge_evidence=true").status == 204);
  const Answer again = here.world.ask(
      {.target = target, .key = "admin", .headers = {{"if-none-match", kept.header("ETag")}}});
  REQUIRE(again.status == 200);
  CHECK(again.json().at("items").as_array().empty());
  // It is empty because it was purged, and says so.
  const Answer own = here.world.get(target + "&source=" + here.source);
  CHECK(own.text("/gaps/0/status") == "incomplete");
  CHECK(own.text("/gaps/0/reason").contains("purged"));
  CHECK(here.world.get(place + "/coverage").body.contains("purged"));
}
