// Goal: the main job through the API alone: register, watch the sync, fetch what was collected.
// Method: the real connector over a simulated Bitbucket, all on virtual time.
#include "tests/api/live_world.hpp"
#include "tests/catch.hpp"

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;

TEST_CASE(
    "a source is registered, its sync watched to its end, and all that it collected fetched") {
  LiveWorld live;
  World& world = live.world;
  const Answer created =
      world.post("/v1/sources", live.registration_of(live.bitbucket.add_token()), "operator");
  INFO(created.body);
  REQUIRE(created.status == 201);
  const Answer done = live.watch(first_sync(created));
  INFO(done.body);
  CHECK(done.text("/result") == "succeeded");
  const std::string source = "/v1/sources/" + created.text("/id");
  CHECK(world.get(source).text("/health/status") == "healthy");

  std::size_t paged = 0;
  for (std::string next = "/v1/artifacts?kind=pull_request&limit=7"; !next.empty();) {
    const Answer page = world.get(next, "auditor");
    REQUIRE(page.status == 200);
    CHECK(page.json().at("gaps").as_array().empty());
    paged += page.json().at("items").as_array().size();
    next = page.text("/next");
  }
  CHECK(paged == 60);
  CHECK(world.get("/v1/kinds/pull_request").json().at("count").as_int64() == 60);
  const Answer lines = world.ask({.target = "/v1/artifacts",
                                  .key = "auditor",
                                  .headers = {{"accept", "application/x-ndjson"}}});
  CHECK(std::stoul(lines.trailer("Evidenced-Count")) > 100);
  CHECK(world.post(source + "/validations", "").json().at("valid").as_bool());

  const Answer again = world.post(source + "/syncs", "");
  REQUIRE(again.status == 202);
  CHECK(live.watch(again.header("Location")).text("/result") == "succeeded");
}

TEST_CASE("a token without the scope for controls leaves a gap that every list of the kind shows") {
  LiveWorld live;
  World& world = live.world;
  simulator::TokenOptions options;
  options.scopes = simulator::read_scopes();
  const auto& token = live.bitbucket.add_token(options);
  const Answer created = world.post("/v1/sources", live.registration_of(token));
  REQUIRE(created.status == 201);
  CHECK(live.watch(first_sync(created)).text("/result") == "succeeded");
  const Answer list = world.get("/v1/artifacts?kind=branch_restriction");
  CHECK(list.json().at("items").as_array().empty());
  CHECK(list.text("/gaps/0/status") == "missing_scope");
  CHECK(list.text("/gaps/0/reason").find("admin:repository:bitbucket") != std::string::npos);
  CHECK(world.get("/v1/sources/" + created.text("/id")).text("/health/status") == "healthy");
}

TEST_CASE(
    "a token that Bitbucket does not know is refused with its causes, and nothing is stored") {
  LiveWorld live;
  simulator::Token unknown = live.bitbucket.add_token();
  unknown.token[20] = unknown.token[20] == 'x' ? 'y' : 'x';
  const Answer answer = live.world.post("/v1/sources", live.registration_of(unknown));
  INFO(answer.body);
  CHECK(answer.status == 422);
  CHECK(answer.code() == "credential.token_rejected");
  CHECK_FALSE(answer.json().at("causes").as_array().empty());
  CHECK(live.world.get("/v1/sources").json().at("items").as_array().empty());
}

TEST_CASE("a pause ends the sync that runs, and what it read is kept") {
  LiveWorld live;
  World& world = live.world;
  const Answer created =
      world.post("/v1/sources", live.registration_of(live.bitbucket.add_token()));
  const std::string place = first_sync(created);
  for (int polls = 0; world.get(place).text("/state") == "queued" && polls < 1000; ++polls) {
    world.ask({.target = place + "?wait=1", .key = "admin"});
  }
  CHECK(world.post("/v1/sources/" + created.text("/id") + "/pause", "").status == 200);
  CHECK(live.watch(place).text("/result") == "cancelled");
  CHECK(world.get("/v1/sources/" + created.text("/id")).text("/health/status") == "paused");
}
