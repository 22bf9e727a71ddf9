// Goal: a hook is there for whoever may see its source until it is revoked, and its secret is shown
// once and kept sealed (C14, TM15). Method: the API over SQLite.
#include "storage/source_store.hpp"
#include "tests/api/hook_world.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;

TEST_CASE("a hook that is unknown, revoked, or whose source was deleted is not there") {
  HookWorld world;
  const std::string body = about(repository_uuid);
  const auto unknown = world.ask(
      {.method = Method::post, .target = "/v1/hooks/bitbucket/hook_unknown", .body = body});
  CHECK(unknown.status == 404);
  REQUIRE(world.deliver("repo:push", body).status == 202);
  SECTION("revoked") {
    CHECK(world
              .ask({.method = Method::delete_,
                    .target = "/v1/inbound-hooks/" + world.id,
                    .key = "operator"})
              .status == 204);
  }
  SECTION("its source was deleted") {
    CHECK(world
              .ask({.method = Method::delete_,
                    .target = "/v1/sources/" + world.source,
                    .key = "operator"})
              .status == 204);
    CHECK(world.waiting().empty());
    CHECK(world.post("/v1/inbound-hooks", R"({"name":"x","source_id":")" + world.source + "\"}")
              .code() == "source.deleted");
  }
  const Answer gone = world.deliver("repo:push", body);
  CHECK(gone.status == 404);
  CHECK(gone.code() == "resource.not_found");
  CHECK(world.get("/v1/inbound-hooks/" + world.id).status == 404);
  CHECK(world.get("/v1/inbound-hooks").json().at("items").as_array().empty());
  CHECK(world
            .ask({.method = Method::delete_,
                  .target = "/v1/inbound-hooks/" + world.id,
                  .key = "operator"})
            .status == 404);
}

TEST_CASE("a new secret and the old one are both good for a day") {
  HookWorld world;
  const std::string body = about(repository_uuid);
  const std::string old = world.secret;
  const Answer renewed = world.post("/v1/inbound-hooks/" + world.id + "/secret", "", "operator");
  REQUIRE(renewed.status == 200);
  world.secret = renewed.text("/secret");
  CHECK(world.secret.size() == 64);
  CHECK(world.secret != old);
  CHECK(renewed.text("/previous_secret_until") == format_rfc3339(world.clock.now() + 24h));
  const auto sent_with = [&](const std::string& secret) {
    return world.deliver("repo:push", body, {{"x-hub-signature", signature_of(secret, body)}})
        .status;
  };
  CHECK(sent_with(world.secret) == 202);
  CHECK(sent_with(old) == 202);
  world.clock.advance(24h + 1s);
  CHECK(sent_with(world.secret) == 202);
  CHECK(sent_with(old) == 401);
  CHECK(world.get("/v1/inbound-hooks/" + world.id).json().at("previous_secret_until").is_null());
}

TEST_CASE("a secret is shown once, and is nowhere in the database") {
  HookWorld world;
  const std::map<std::string, std::string> keyed = {{"idempotency-key", "one"}};
  const Ask create{.method = Method::post,
                   .target = "/v1/inbound-hooks",
                   .key = "operator",
                   .body = R"({"name":"again","source_id":")" + world.source + "\"}",
                   .headers = keyed};
  const Answer first = world.ask(create);
  const Answer replay = world.ask(create);
  CHECK(first.text("/secret").size() == 64);
  CHECK(replay.status == 201);
  CHECK(replay.header("Idempotency-Replayed") == "true");
  CHECK(replay.json().at("secret").is_null());
  CHECK(replay.text("/id") == first.text("/id"));
  const Ask renew{.method = Method::post,
                  .target = "/v1/inbound-hooks/" + world.id + "/secret",
                  .key = "operator",
                  .headers = keyed};
  const Answer renewed = world.ask(renew);
  CHECK(world.ask(renew).json().at("secret").is_null());
  std::string all;
  world.write([&](storage::Connection& connection) -> void {
    for (const char* sql : {"SELECT hex(sealed_secret) || hex(sealed_previous) FROM inbound_hooks",
                            "SELECT hex(body) || hex(headers) FROM idempotency_records"}) {
      connection.query(sql, {}, [&](const storage::Row& row) { all += row.text(0); });
    }
  });
  for (const std::string& secret : {first.text("/secret"), renewed.text("/secret"), world.secret}) {
    std::string hex;
    for (const char c : secret) hex += fmt::format("{:02X}", static_cast<unsigned char>(c));
    CHECK_FALSE(all.contains(hex));
  }
}

TEST_CASE("a sealed secret opens for its own hook alone") {
  HookWorld world;
  const std::string first = world.id;
  world.make_hook();
  world.write([&](storage::Connection& connection) -> void {
    connection.execute(
        "UPDATE inbound_hooks SET sealed_secret ="
        " (SELECT sealed_secret FROM inbound_hooks WHERE id = $1) WHERE id = $2",
        {first, world.id});
  });
  const Answer answer = world.deliver("repo:push", about(repository_uuid));
  CHECK(answer.status == 409);
  CHECK(answer.code() == "credential.undecryptable");
}

TEST_CASE("a key sees the hooks of its sources alone") {
  HookWorld world;
  world.control.answer.account_uuid = "{00000000-0000-4000-8000-000000000002}";
  const std::string other = world.register_source(registration("", "other"));
  storage::ApiKey limited;
  limited.name = "limited";
  limited.roles = {storage::Role::operator_};
  limited.source_ids = {other};
  const std::string key = world.make_key(limited);
  CHECK(world.get("/v1/inbound-hooks/" + world.id, key).status == 404);
  CHECK(world.post("/v1/inbound-hooks/" + world.id + "/secret", "", key).status == 404);
  CHECK(world.get("/v1/inbound-hooks", key).json().at("items").as_array().empty());
  const auto create = [&](const std::string& source) {
    return world.post("/v1/inbound-hooks", R"({"name":"x","source_id":")" + source + "\"}", key);
  };
  CHECK(create(world.source).code() == "request.invalid_field");
  CHECK(create("src_unknown").code() == "request.invalid_field");
  CHECK(create(other).status == 201);
  CHECK(world.get("/v1/inbound-hooks", key).json().at("items").as_array().size() == 1);
  CHECK(world.get("/v1/inbound-hooks", "other").json().at("items").as_array().empty());
  CHECK(world.get("/v1/inbound-hooks/" + world.id, "other").status == 404);
  CHECK(world.get("/v1/inbound-hooks", "auditor").status == 403);
}

TEST_CASE("the URL is below the public one, else at the host that was asked") {
  HookWorld world;
  const auto url = [&](std::map<std::string, std::string> headers) {
    return world
        .ask({.target = "/v1/inbound-hooks/" + world.id,
              .key = "admin",
              .headers = std::move(headers)})
        .text("/url");
  };
  CHECK(url({}) == world.path);
  CHECK(url({{"host", "127.0.0.1:8080"}}) == "http://127.0.0.1:8080" + world.path);
  world.settings.server.public_url = "https://evidence.example.com/";
  CHECK(url({{"host", "127.0.0.1:8080"}}) == "https://evidence.example.com" + world.path);
}
