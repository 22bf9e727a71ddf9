// Goal: small promises of the API that are easily broken: rights of keys, names, tags, lists in
// header fields. Method: the API over SQLite, one request after another.
#include "api/etag.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;

namespace {

Answer remove_key(World& world, const std::string& id, const std::string& key = "admin") {
  return world.ask({.method = Method::delete_, .target = "/v1/api-keys/" + id, .key = key});
}

std::string created(World& world, const std::string& body, const std::string& key = "admin") {
  const Answer answer = world.post("/v1/api-keys", body, key);
  REQUIRE(answer.status == 201);
  return answer.text("/id");
}

}  // namespace

TEST_CASE("the last admin key that reaches everything is not revoked") {
  World world;
  const std::string own = world.get("/v1/principal").text("/id");
  const std::string source = world.register_source();
  const std::string limited =
      created(world, R"({"name":"x","roles":["admin"],"source_ids":[")" + source + R"("]})");
  const Answer refused = remove_key(world, own);
  CHECK(refused.status == 409);
  CHECK(refused.code() == "resource.conflict");
  CHECK(world.get("/v1/principal").status == 200);
  CHECK(remove_key(world, created(world, R"({"name":"y","roles":["auditor"]})")).status == 204);
  CHECK(remove_key(world, limited).status == 204);
  created(world, R"({"name":"z","roles":["admin"]})");
  CHECK(remove_key(world, own).status == 204);
}

TEST_CASE("a limited key neither sees nor revokes keys that reach further") {
  World world;
  const std::string source = world.register_source();
  const Answer made = world.post(
      "/v1/api-keys", R"({"name":"x","roles":["admin"],"source_ids":[")" + source + R"("]})");
  const std::string limited = made.text("/key");
  const std::string wide = world.get("/v1/principal", "auditor").text("/id");
  CHECK(world.get("/v1/api-keys/" + wide, limited).status == 404);
  CHECK(remove_key(world, wide, limited).status == 404);
  CHECK(world.get("/v1/principal", "auditor").status == 200);
  const auto list = world.get("/v1/api-keys?limit=1", limited).json();
  REQUIRE(list.at("items").as_array().size() == 1);
  CHECK(std::string(list.at("items").at(0).at("id").as_string()) == made.text("/id"));
  CHECK_FALSE(list.at("has_more").as_bool());
  CHECK(world.post("/v1/api-keys", R"({"name":"x","roles":["auditor"],"source_ids":[]})").code() ==
        "request.invalid_field");
}

TEST_CASE("If-Match compares strongly") {
  CHECK(allow_change("\"v7-abc\"", 7));
  CHECK(allow_change("\"v6-abc\", \"v7-abc\"", 7));
  CHECK_FALSE(allow_change("W/\"v7-abc\"", 7));
  CHECK(names_etag("W/\"v7-abc\"", "\"v7-abc\""));
}

TEST_CASE("lines of a field that holds a list count together") {
  Request request;
  request.headers = {{"accept", "text/html"}, {"x", "y"}, {"accept", "application/json"}};
  CHECK(request.list_header("accept") == "text/html, application/json");
  CHECK(request.list_header("if-none-match").empty());
}

TEST_CASE("a limit larger than any number is the largest page") {
  World world;
  CHECK(world.get("/v1/sources?limit=99999999999999999999").status == 200);
  CHECK(world.get("/v1/sources?limit=-99999999999999999999").status == 400);
}

TEST_CASE("a body in a coding, and an empty Idempotency-Key, are refused") {
  World world;
  Ask ask{.method = Method::post, .target = "/v1/sources", .key = "admin", .body = registration()};
  ask.headers["content-encoding"] = "gzip";
  CHECK(world.ask(ask).status == 415);
  ask.headers = {{"idempotency-key", ""}};
  CHECK(world.ask(ask).code() == "idempotency.key_invalid");
}

TEST_CASE("a replay has the tag of the first answer") {
  World world;
  const std::string id = world.register_source();
  Ask ask{.method = Method::post,
          .target = "/v1/sources/" + id + "/pause",
          .key = "admin",
          .headers = {{"idempotency-key", "once"}}};
  const std::string tag = world.ask(ask).header("ETag");
  CHECK_FALSE(tag.empty());
  const Answer again = world.ask(ask);
  CHECK(again.header("Idempotency-Replayed") == "true");
  CHECK(again.header("ETag") == tag);
}

TEST_CASE("the name of a source can be read") {
  World world;
  const auto named = [&](const std::string& name) {
    return world.post("/v1/sources", registration("", name)).code();
  };
  CHECK(named(" ") == "request.invalid_field");
  CHECK(named("\xe2\x80\x8b\xc2\xa0") == "request.invalid_field");
  CHECK(named("a\xe2\x80\xae"
              "b") == "request.invalid_field");
  CHECK(named("a\\u0007b") == "request.invalid_field");
  CHECK(named("Gr\xc3\xbc\xc3\x9f"
              "e, Welt") == "");
}

TEST_CASE("the name of a key can be read") {
  World world;
  const auto named = [&](const std::string& name) {
    return world.post("/v1/api-keys", R"({"name":")" + name + R"(","roles":["auditor"]})");
  };
  CHECK(named(" ").text("/errors/0/pointer") == "/name");
  CHECK(named("a\\u001b[31mb").code() == "request.invalid_field");
  CHECK(named("Audit 2026").status == 201);
}

TEST_CASE("a tag can be read, and so be asked for") {
  World world;
  const Answer refused =
      world.post("/v1/sources", registration(R"(,"tags":["fine","a\u001bb"," "])", "Tagged"));
  CHECK(refused.code() == "request.invalid_field");
  CHECK(refused.text("/errors/0/pointer") == "/tags/1");
  CHECK(refused.text("/errors/1/pointer") == "/tags/2");
}

TEST_CASE("a stored token that is refused once is asked again by a sync") {
  World world;
  const std::string id = world.register_source();
  world.finish_sync(id, storage::SyncResult::succeeded, {});
  FakeSyncControl::refuse(world.control.answer, "credential.token_rejected", "account");
  CHECK(world.post("/v1/sources/" + id + "/validations", "").status == 200);
  const Answer syncs = world.get("/v1/syncs");
  CHECK(syncs.text("/items/0/state") == "queued");
  CHECK(syncs.text("/items/0/trigger") == "credential");
}
