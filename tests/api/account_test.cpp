// Goal: accounts are told apart when a token does not tell its own, and workspaces by the names
// that they have. Method: the API with a connector that leaves the account out.
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <boost/json/serialize.hpp>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;

namespace {

std::string credential_of(const std::string& email, char filler = 'n') {
  return R"({"email":")" + email + R"(","token":"ATATT3xFfGF0)" + std::string(60, filler) + "\"}";
}

std::string registration_of(const std::string& email, const std::string& more = "") {
  return R"({"name":"x","credential":)" + credential_of(email) + more + "}";
}

Answer rotate(World& world, const std::string& id, const std::string& email,
              const std::string& if_match = "") {
  Ask ask{.method = Method::put,
          .target = "/v1/sources/" + id + "/credential",
          .key = "operator",
          .body = credential_of(email)};
  if (!if_match.empty()) ask.headers["if-match"] = if_match;
  return world.ask(ask);
}

Answer patch(World& world, const std::string& id, const std::string& body,
             const std::string& if_match = "") {
  Ask ask{.method = Method::patch, .target = "/v1/sources/" + id, .key = "admin", .body = body};
  if (!if_match.empty()) ask.headers["if-match"] = if_match;
  return world.ask(ask);
}

}  // namespace

TEST_CASE("accounts that are not known are the same only by their e-mail") {
  World world;
  const std::string known = world.control.answer.account_uuid;
  world.control.answer.account_uuid = "";
  const std::string id = world.register_source(registration_of("ada@example.com"));
  CHECK(world.post("/v1/sources", registration_of("bob@example.com")).status == 201);
  CHECK(world.post("/v1/sources", registration_of("Ada@Example.com")).code() == "source.duplicate");
  world.control.answer.account_uuid = known;
  CHECK(world.post("/v1/sources", registration_of("ada@example.com")).code() == "source.duplicate");
  CHECK(world.post("/v1/sources", registration_of("carol@example.com")).status == 201);

  world.control.answer.account_uuid = "";
  CHECK(rotate(world, id, "dora@example.com").code() == "credential.account_mismatch");
  CHECK(rotate(world, id, "ADA@example.com").status == 200);
  world.control.answer.account_uuid = "{another}";
  CHECK(rotate(world, id, "dora@example.com").code() == "credential.account_mismatch");
  CHECK(rotate(world, id, "ada@example.com").status == 200);
  CHECK(world.get("/v1/sources/" + id).text("/account/uuid") == "{another}");
  world.control.answer.account_uuid = "";
  CHECK(rotate(world, id, "dora@example.com").code() == "credential.account_mismatch");
  CHECK(rotate(world, id, "ada@example.com").status == 200);
  CHECK(world.get("/v1/sources/" + id).text("/account/uuid") == "{another}");
}

TEST_CASE("a rotation takes the tag of the credential that it replaces") {
  World world;
  const std::string id = world.register_source(registration_of("ada@example.com"));
  const std::string tag = world.get("/v1/sources/" + id + "/credential").header("ETag");
  REQUIRE(patch(world, id, R"({"name":"y"})").status == 200);
  const Answer rotated = rotate(world, id, "ada@example.com", tag);
  CHECK(rotated.status == 200);
  CHECK(rotate(world, id, "ada@example.com", tag).code() == "request.precondition_failed");
  CHECK(rotate(world, id, "ada@example.com", rotated.header("ETag")).status == 200);
}

TEST_CASE("the tag of a change is the tag that the source is read with") {
  World world;
  world.register_source(registration_of("ada@example.com"));
  const std::string id = world.register_source(
      registration_of("ada@example.com", R"(,"workspaces":["example-works"])"));
  const Answer changed = patch(world, id, R"({"workspaces":["example-works"],"name":"z"})");
  REQUIRE(changed.status == 200);
  REQUIRE_FALSE(changed.json().at("warnings").as_array().empty());
  CHECK(changed.header("ETag") == world.get("/v1/sources/" + id).header("ETag"));
  // What changes nothing is no new version.
  const Answer same = patch(world, id, R"({"name":"z"})");
  CHECK(same.header("ETag") == changed.header("ETag"));
}

TEST_CASE("a resumed source finds its place taken") {
  World world;
  const std::string id = world.register_source();
  world.post("/v1/sources/" + id + "/pause", "");
  world.register_source();
  CHECK(world.post("/v1/sources/" + id + "/resume", "").code() == "source.duplicate");
  CHECK(world.get("/v1/sources/" + id).text("/state") == "paused");
}

TEST_CASE("workspaces keep the slugs that Bitbucket gives them, each once") {
  World world;
  const std::string uuid = world.control.answer.workspaces[0].uuid;
  const std::string id = world.register_source(registration_of(
      "ada@example.com", R"(,"workspaces":["Example-Works","EXAMPLE-works",")" + uuid + "\"]"));
  CHECK(boost::json::serialize(world.get("/v1/sources/" + id).json().at("workspaces")) ==
        R"(["example-works"])");
  CHECK(world
            .post("/v1/sources",
                  registration_of("ada@example.com", R"(,"workspaces":["example-WORKS"])"))
            .code() == "source.duplicate");
  const Answer changed = patch(world, id, R"({"workspaces":["EXAMPLE-WORKS"]})");
  CHECK(changed.text("/workspaces/0") == "example-works");
}

TEST_CASE("new workspaces cannot be asked for with a stored token that is dead") {
  World world;
  const std::string id = world.register_source();
  FakeSyncControl::refuse(world.control.answer, "credential.token_rejected", "account");
  const Answer answer = patch(world, id, R"({"workspaces":["example-works"]})");
  CHECK(answer.code() == "credential.expired_or_revoked");
}
