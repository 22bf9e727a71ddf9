// The credential as Bitbucket judges it: form, account, scope, role, reach.
#include "tests/catch.hpp"
#include "tests/simulator/target.hpp"
#include "tests/simulator_tests/bench.hpp"

using namespace evidenced;
using namespace evidenced::simulator;

namespace {
std::string basic(const std::string& user, const std::string& secret) {
  return "Basic " + encode_base64(user + ":" + secret);
}
}  // namespace

TEST_CASE("an API token works as e-mail and token in Basic, and in no other form") {
  Bench bench;
  const Token& token = bench.token;
  CHECK(bench.get("/2.0/user").status == 200);
  CHECK(bench.get("/2.0/user", "Bearer " + token.token).status == 401);
  CHECK(bench.get("/2.0/user", basic("", token.token)).status == 401);
  CHECK(bench.get("/2.0/user", basic("other@example.com", token.token)).status == 401);
  CHECK(bench.get("/2.0/user", basic(token.email, "ATBBnot-a-token")).status == 401);
  CHECK(bench.get("/2.0/user", "Basic !!!").status == 401);
  CHECK(message_of(bench.get("/2.0/user", "Bearer x")) ==
        "Token is invalid, expired, or not supported for this endpoint.");
  bench.simulator.switches.empty_401 = true;
  CHECK(bench.get("/2.0/user", "Bearer x").body.empty());
}

TEST_CASE("expired, unscoped, revoked and worn-out tokens answer 401") {
  Bench bench;
  TokenOptions expiring;
  expiring.expires = bench.clock.now() + std::chrono::hours(1);
  const Token& soon = bench.simulator.add_token(expiring);
  CHECK(bench.get("/2.0/user", soon.authorization).status == 200);
  bench.clock.elapsed = std::chrono::hours(2);
  CHECK(bench.get("/2.0/user", soon.authorization).status == 401);

  TokenOptions unscoped;
  unscoped.kind = CredentialKind::unscoped_api_token;
  CHECK(bench.get("/2.0/user", bench.simulator.add_token(unscoped).authorization).status == 401);

  TokenOptions dying;
  dying.dies_after = 2;
  const Token& dies = bench.simulator.add_token(dying);
  CHECK(bench.get("/2.0/user", dies.authorization).status == 200);
  CHECK(bench.get("/2.0/user", dies.authorization).status == 200);
  CHECK(bench.get("/2.0/user", dies.authorization).status == 401);

  bench.token.revoked = true;
  CHECK(bench.get("/2.0/user").status == 401);
}

TEST_CASE("every answer tells the credential's scopes and kind") {
  Bench bench;
  for (const char* target : {"/2.0/user", "/2.0/user/nothing-here", "/2.0/workspaces"}) {
    const SimResponse answer = bench.get(target);
    CAPTURE(target);
    CHECK(answer.header("x-credential-type") == "api_token");
    CHECK(answer.header("x-oauth-scopes").find("read:user:bitbucket, ") == 0);
    CHECK(answer.header("server") == "AtlassianEdge");
    CHECK_FALSE(answer.header("x-request-count").empty());
    CHECK_FALSE(answer.header("atl-traceid").empty());
    CHECK(answer.header("x-ratelimit-limit").empty());
  }
  CHECK(bench.get("/2.0/user").header("x-accepted-oauth-scopes") == "account");
}

TEST_CASE("a missing scope answers 403 with what is required and what is granted") {
  Bench bench;
  TokenOptions options;
  options.scopes = {"read:repository:bitbucket", "read:pullrequest:bitbucket"};
  const Token& token = bench.simulator.add_token(options);
  const SimResponse answer = bench.get("/2.0/user", token.authorization);
  REQUIRE(answer.status == 403);
  const json::value body = json::parse(answer.body);
  CHECK(message_of(answer) == "Your credentials lack one or more required privilege scopes.");
  CHECK(body.at("error").at("detail").at("required").at(0) == "read:user:bitbucket");
  CHECK(body.at("error").at("detail").at("granted").as_array().size() == 2);
  CHECK(bench.get(bench.path() + "/branch-restrictions", token.authorization).status == 403);
  CHECK(bench.get(bench.path(), token.authorization).status == 200);
}

TEST_CASE("scopes never imply each other: admin alone does not read") {
  Bench bench;
  TokenOptions options;
  options.scopes = {"admin:repository:bitbucket"};
  const Token& token = bench.simulator.add_token(options);
  CHECK(bench.get(bench.path() + "/branch-restrictions", token.authorization).status == 200);
  CHECK(bench.get(bench.path(), token.authorization).status == 403);
}

TEST_CASE("a role that is missing is refused apart from scopes") {
  Bench bench;
  TokenOptions options;
  options.role = Role::member;
  const Token& token = bench.simulator.add_token(options);
  const SimResponse answer =
      bench.get(bench.path() + "/permissions-config/users", token.authorization);
  CHECK(answer.status == 403);
  CHECK(message_of(answer).find("scope") == std::string::npos);
  CHECK(bench.get(bench.path() + "/pullrequests", token.authorization).status == 200);
  CHECK(bench.get("/1.0/groups/" + bench.workspace().slug, token.authorization).status == 403);
}

TEST_CASE("a credential that reaches nothing gets 200 and an empty list, as does none at all") {
  Bench bench;
  TokenOptions options;
  options.role = Role::none;
  const Token& token = bench.simulator.add_token(options);
  const std::string list = "/2.0/repositories/" + bench.workspace().slug;
  for (const std::string& authorization : {token.authorization, std::string()}) {
    const SimResponse answer = bench.get(list, authorization);
    CHECK(answer.status == 200);
    CHECK(json::parse(answer.body).at("values").as_array().empty());
    CHECK(json::parse(answer.body).at("size") == 0);
  }
  CHECK(json::parse(bench.get("/2.0/user/workspaces", token.authorization).body).at("size") == 0);
}

TEST_CASE("a workspace is forbidden when it is there and not found when it is not") {
  Bench bench;
  TokenOptions options;
  options.role = Role::none;
  const Token& token = bench.simulator.add_token(options);
  const std::string slug = bench.workspace().slug;
  CHECK(message_of(bench.get("/2.0/workspaces/" + slug, token.authorization)) ==
        "You do not have access to this workspace.");
  const SimResponse missing = bench.get("/2.0/workspaces/nowhere");
  CHECK(missing.status == 404);
  CHECK(message_of(missing) == "No workspace with identifier 'nowhere'.");
  bench.simulator.switches.deactivated.insert(slug);
  CHECK(message_of(bench.get("/2.0/workspaces/" + slug)).find("deactivated") != std::string::npos);
}

TEST_CASE("a listed repository may refuse everything below it; a hidden one is not there") {
  Bench bench;
  const std::string path = bench.path();
  const std::string list = "/2.0/repositories/" + bench.workspace().slug + "?pagelen=100";
  const std::size_t all = bench.walk(list).size();
  bench.token.forbidden_repositories.insert(bench.busiest().uuid);
  CHECK(bench.get(path + "/pullrequests").status == 403);
  CHECK(bench.walk(list).size() == all);
  bench.token.forbidden_repositories.clear();
  bench.token.hidden_repositories.insert(bench.busiest().uuid);
  CHECK(bench.get(path + "/pullrequests").status == 404);
  CHECK(bench.walk(list).size() == all - 1);
}

TEST_CASE("an access token is a Bearer token, has rate headers and cannot ask for permissions") {
  Bench bench;
  TokenOptions options;
  options.kind = CredentialKind::workspace_access_token;
  const Token& token = bench.simulator.add_token(options);
  const SimResponse list = bench.get(bench.path() + "/pullrequests", token.authorization);
  CHECK(list.status == 200);
  CHECK(list.header("x-credential-type") == "workspace_access_token");
  CHECK(list.header("x-ratelimit-resource") == "api");
  CHECK(list.header("x-oauth-scopes").find("pullrequest") != std::string_view::npos);
  CHECK(bench.get("/2.0/user", token.authorization).status == 403);
  CHECK(bench.get(bench.path() + "/permissions-config/users", token.authorization).status == 403);
  CHECK(bench.get("/2.0/user", basic(token.email, token.token)).status == 401);
}

TEST_CASE("paths without version are forbidden, raw braces are bad requests") {
  Bench bench;
  CHECK(message_of(bench.get("/user")) == "Forbidden");
  CHECK(bench.get("/user").status == 403);
  CHECK(bench.get("/2.0/workspaces/" + bench.workspace().uuid).status == 400);
  CHECK(bench.get("/2.0/workspaces/" + encode_uuid(bench.workspace().uuid)).status == 200);
}

TEST_CASE("hook events need no credential") {
  Bench bench;
  CHECK(bench.get("/2.0/hook_events", "").status == 200);
  CHECK(bench.get("/2.0/user", "").status == 401);
}
