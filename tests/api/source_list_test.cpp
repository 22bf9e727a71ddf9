// Goal: sources are found by what they are, and only by whom may see them. Method: the API over
// SQLite, sources with awkward tags and keys with limits.
#include "api/target.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;

TEST_CASE("a key is not told the ids of sources that it does not see") {
  World world;
  world.control.answer.workspaces.push_back({"{b}", "second", "", false});
  const std::string all = world.register_source();
  const std::string one =
      world.register_source(registration(R"(,"workspaces":["second"])", "Narrow"));
  storage::ApiKey limited;
  limited.name = "limited";
  limited.roles = {storage::Role::operator_};
  limited.source_ids = {one};
  const std::string key = world.make_key(limited);
  for (const std::string body : {R"({"workspaces":"all"})", R"({"workspaces":["second"]})"}) {
    const Answer answer = world.ask({.method = Method::patch,
                                     .target = "/v1/sources/" + one,
                                     .key = key,
                                     .body = body,
                                     .headers = {}});
    CHECK(answer.body.find(all) == std::string::npos);
    CHECK(answer.body.find("does not see") != std::string::npos);
  }
}

TEST_CASE("sources are filtered by state, tag, workspace and expiry") {
  World world;
  world.control.answer.workspaces.push_back({"{b}", "second", "", false});
  const std::string a = world.register_source(registration(R"(,"tags":["x"])", "A"));
  world.register_source(registration(R"(,"workspaces":["second"],"tags":["y"])", "B"));
  world.post("/v1/sources/" + a + "/pause", "");
  const auto names = [&](const std::string& query) {
    std::string text;
    const auto list = world.get("/v1/sources" + query).json();
    for (const auto& item : list.at("items").as_array()) {
      text += std::string(item.at("name").as_string());
    }
    return text;
  };
  CHECK(names("") == "AB");
  CHECK(names("?state=paused") == "A");
  CHECK(names("?tag=y") == "B");
  CHECK(names("?workspace=second") == "B");
  CHECK(names("?workspace=third") == "");
  CHECK(names("?expires_before=2020-01-01T00:00:00Z") == "");
  for (const std::string tag : {"a,b", "say \\\"x\\\"", "a\\\\b",
                                "Gr\xc3\xbc\xc3\x9f"
                                "e 100 %&+"}) {
    CAPTURE(tag);
    const Answer patched = world.ask({.method = Method::patch,
                                      .target = "/v1/sources/" + a,
                                      .key = "admin",
                                      .body = R"({"tags":["before",")" + tag + R"(","z"]})",
                                      .headers = {}});
    REQUIRE(patched.status == 200);
    const std::string kept(patched.json().at("tags").at(0) == "before"
                               ? patched.json().at("tags").at(1).as_string()
                               : patched.json().at("tags").at(0).as_string());
    CHECK(names("?tag=" + percent_encode(kept)) == "A");
    CHECK(names("?tag=" + percent_encode(kept.substr(0, 1))) == "");
  }
  CHECK(world.get("/v1/sources?state=asleep").code() == "request.invalid_field");
  CHECK(world.get("/v1/sources?colour=red").code() == "request.unknown_field");
}
