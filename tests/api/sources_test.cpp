// Goal: registering, reading, changing and removing sources as design/api.md has it. Method: the
// API over SQLite with a connector that answers what each test tells it to.
#include "storage/source_store.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <set>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;

namespace {

std::int64_t listed_sources(World& world) {
  return static_cast<std::int64_t>(world.get("/v1/sources").json().at("items").as_array().size());
}

bool holds_canary(const Answer& answer, std::string_view canary) {
  std::string all = answer.body;
  for (const auto& [name, value] : answer.headers) all += name + value;
  return all.find(canary) != std::string::npos;
}

}  // namespace

TEST_CASE("a registration is answered with the source, its place and its first sync") {
  World world;
  const Answer answer = world.post(
      "/v1/sources", registration(R"(,"workspaces":["example-works"],"schedule":{"interval":"PT2H"},
                   "tags":["b","a","b"])"));
  REQUIRE(answer.status == 201);
  const auto body = answer.json();
  const std::string id = answer.text("/id");
  CHECK(id.starts_with("src_"));
  CHECK(answer.header("Location") == "/v1/sources/" + id);
  CHECK(body.at("state").as_string() == "active");
  CHECK(body.at("health").at("status").as_string() == "syncing");
  CHECK(boost::json::serialize(body.at("workspaces")) == R"(["example-works"])");
  CHECK(boost::json::serialize(body.at("tags")) == R"(["a","b"])");
  CHECK(body.at("schedule").at("interval").as_string() == "PT2H");
  CHECK(body.at("credential").at("email").as_string() == std::string(canary_email));
  CHECK(body.at("credential").at("expiry_source").as_string() == "assumed");
  CHECK(body.at("credential").at("days_left").as_int64() == 365);
  CHECK(body.at("account").at("name").as_string() == "Ada Example");
  CHECK(world.control.asked_token == canary_token);
  CHECK(world.control.wakes == 1);

  const std::string link = answer.header("Link");
  REQUIRE(link.starts_with("</v1/syncs/syn_"));
  CHECK(link.ends_with("; rel=\"latest-sync\""));
  const Answer sync = world.get(link.substr(1, link.find('>') - 1));
  CHECK(sync.text("/state") == "queued");
  CHECK(sync.text("/source_id") == id);
}

TEST_CASE("what a registration warns of is in the catalogue of problems") {
  World world;
  REQUIRE(world.post("/v1/sources", registration(R"(,"workspaces":["example-works"])")).status ==
          201);
  const Answer answer = world.post("/v1/sources", registration(R"(,"workspaces":"all")"));
  REQUIRE(answer.status == 201);
  std::vector<std::string> codes;
  const auto body = answer.json();
  for (const auto& warning : body.at("warnings").as_array()) {
    codes.emplace_back(warning.at("code").as_string());
    CHECK(world.get("/v1/problems/" + codes.back()).status == 200);
  }
  CHECK(std::ranges::find(codes, "credential.expiry_assumed") != codes.end());
  CHECK(std::ranges::find(codes, "source.overlap") != codes.end());
}

TEST_CASE("start_sync false registers without a sync") {
  World world;
  const Answer answer = world.post("/v1/sources", registration(R"(,"start_sync":false)"));
  REQUIRE(answer.status == 201);
  CHECK(answer.header("Link").empty());
  CHECK(answer.text("/health/status") == "pending");
  CHECK_FALSE(answer.text("/schedule/next_run_at").empty());
}

TEST_CASE("what looks like no API token is refused before Bitbucket is asked") {
  World world;
  const auto refused = [&](const std::string& email, const std::string& token) {
    const Answer answer = world.post("/v1/sources", R"({"name":"x","credential":{"email":")" +
                                                        email + R"(","token":")" + token + "\"}}");
    CHECK(answer.status == 422);
    CHECK_FALSE(answer.json().at("remedy").as_array().empty());
    return answer.code();
  };
  const std::string token(canary_token);
  CHECK(refused("ada", token) == "credential.username_not_email");
  CHECK(refused("ada@example.com", "hunter2") == "credential.password_suspected");
  CHECK(refused("ada@example.com", "ATBB" + token) == "credential.app_password");
  CHECK(refused("ada@example.com", "ATCTT" + token) == "credential.access_token_unsupported");
  CHECK(refused("ada@example.com", token + " ") == "credential.token_malformed");
  CHECK(world.control.probes == 0);
  CHECK(listed_sources(world) == 0);
}

TEST_CASE(
    "what Bitbucket refuses is answered with code, causes and remedy, and nothing is stored") {
  World world;
  SECTION("a rejected token") {
    FakeSyncControl::refuse(world.control.answer, "credential.token_rejected", "account");
    world.control.answer.error->causes.push_back({"The token has expired", "likely"});
    const Answer answer = world.post("/v1/sources", registration());
    CHECK(answer.status == 422);
    CHECK(answer.code() == "credential.token_rejected");
    CHECK(answer.json().at("causes").at(0).at("likelihood").as_string() == "likely");
  }
  SECTION("a workspace that the account does not see") {
    const Answer answer = world.post("/v1/sources", registration(R"(,"workspaces":["hidden"])"));
    CHECK(answer.status == 422);
    CHECK(answer.code() == "workspace.not_visible");
  }
  SECTION("no answer from Bitbucket") {
    world.control.unreachable = fail("upstream.timeout").error();
    const Answer answer = world.post("/v1/sources", registration());
    CHECK(answer.status == 504);
    CHECK(answer.code() == "upstream.timeout");
  }
  CHECK(listed_sources(world) == 0);
}

TEST_CASE("an expiry that has passed or is too far is refused") {
  World world;
  const auto with_expiry = [&](Timestamp expires_at) {
    return world.post("/v1/sources",
                      R"({"name":"x","credential":{"email":"ada@example.com","token":")" +
                          std::string(canary_token) + R"(","expires_at":")" +
                          format_rfc3339(expires_at) + "\"}}");
  };
  const Timestamp now = world.clock.now();
  CHECK(with_expiry(now - 1s).code() == "credential.expiry_past");
  CHECK(with_expiry(now + 367 * 24h).code() == "credential.expiry_too_far");
  CHECK(listed_sources(world) == 0);
  const Answer good = with_expiry(now + 30 * 24h + 5h);
  CHECK(good.status == 201);
  CHECK(good.text("/credential/expiry_source") == "declared");
  CHECK(good.json().at("credential").at("days_left").as_int64() == 30);
}

TEST_CASE("validate_only answers 200 whatever it finds, and stores nothing") {
  World world;
  const std::string target = "/v1/sources?validate_only=true";
  const Answer good = world.post(target, registration());
  CHECK(good.status == 200);
  CHECK(good.json().at("valid").as_bool());
  CHECK(good.text("/workspaces_visible/0/slug") == "example-works");
  CHECK(good.text("/scopes/missing/0") == "read:project:bitbucket");

  world.control.unreachable = fail("upstream.dns").error();
  const Answer deaf = world.post(target, registration());
  CHECK(deaf.status == 200);
  CHECK_FALSE(deaf.json().at("valid").as_bool());
  CHECK(deaf.body.find("upstream.dns") != std::string::npos);

  const Answer shape =
      world.post(target, R"({"name":"x","credential":{"email":"ada","token":"hunter2"}})");
  CHECK(shape.status == 200);
  CHECK_FALSE(shape.json().at("valid").as_bool());
  CHECK(shape.text("/checks/0/id") == "shape");
  CHECK(shape.text("/checks/0/code") == "credential.username_not_email");
  CHECK(listed_sources(world) == 0);
  CHECK(world.get("/v1/syncs").json().at("items").as_array().empty());
}

TEST_CASE("validate_only tells what other sources keep from being registered, or warn of") {
  World world;
  world.control.answer.workspaces.push_back({"{b}", "second", "", false});
  world.register_source(registration(R"(,"workspaces":["example-works"])"));
  const std::string target = "/v1/sources?validate_only=true";
  const Answer same = world.post(target, registration(R"(,"workspaces":["example-works"])"));
  CHECK_FALSE(same.json().at("valid").as_bool());
  CHECK(same.body.contains("source.duplicate"));
  const Answer part = world.post(target, registration());
  CHECK(part.json().at("valid").as_bool());
  CHECK(part.body.contains("source.overlap"));
  const Answer other = world.post(target, registration(R"(,"workspaces":["second"])"));
  CHECK(other.json().at("valid").as_bool());
  CHECK_FALSE(other.body.contains("source."));
}

TEST_CASE("a check is told once, whatever failed") {
  World world;
  world.control.unreachable = fail("upstream.unavailable").error();
  const Answer answer = world.post("/v1/sources?validate_only=true", registration());
  std::set<std::string> ids;
  const auto document = answer.json();
  const auto& checks = document.at("checks").as_array();
  for (const auto& check : checks) ids.emplace(check.at("id").as_string());
  CHECK(ids.size() == checks.size());
}

TEST_CASE("a token in what everybody reads is refused") {
  World world;
  const Answer named = world.post("/v1/sources", registration("", std::string(canary_token)));
  CHECK(named.status == 400);
  CHECK(named.text("/errors/0/pointer") == "/name");
  CHECK_FALSE(named.body.contains(canary_token));
  CHECK(listed_sources(world) == 0);
}

TEST_CASE("a change that puts a token where everybody reads is refused like a new source") {
  World world;
  const std::string id = world.register_source();
  const auto patch = [&](const std::string& body) {
    Ask ask{
        .method = Method::patch, .target = "/v1/sources/" + id, .key = "operator", .body = body};
    ask.headers["content-type"] = "application/merge-patch+json";
    return world.ask(ask);
  };
  const std::string other = "ATATT3xFfGF0another";
  for (const std::string& token : {std::string(canary_token), other}) {
    const Answer named = patch(R"({"name":"Works )" + token + "\"}");
    CHECK(named.status == 400);
    CHECK(named.text("/errors/0/pointer") == "/name");
    CHECK_FALSE(named.body.contains(token));
    const Answer tagged = patch(R"({"tags":["a","of-)" + token + "\"]}");
    CHECK(tagged.code() == "request.invalid_field");
    CHECK(tagged.text("/errors/0/pointer") == "/tags");
  }
  CHECK(world.post("/v1/sources", registration("", other)).status == 400);
  CHECK(patch(R"({"name":"ATATT is what tokens begin with"})").status == 200);

  // The stored token counts whatever it looks like.
  const std::string odd = "0dd-" + std::string(44, 'x');
  REQUIRE(world
              .ask({.method = Method::put,
                    .target = "/v1/sources/" + id + "/credential",
                    .key = "operator",
                    .body = R"({"email":"canary.person@example.com","token":")" + odd + "\"}"})
              .status == 200);
  CHECK(patch(R"({"name":")" + odd + "\"}").text("/errors/0/pointer") == "/name");
  CHECK(world.get("/v1/sources/" + id).text("/name") == "ATATT is what tokens begin with");
}

TEST_CASE("an account that the token does not tell is null") {
  World world;
  world.control.answer.account_uuid.clear();
  const std::string id = world.register_source();
  CHECK(world.get("/v1/sources/" + id).json().at("account").is_null());
}

TEST_CASE("the same account over the same workspaces is a duplicate, over some of them a warning") {
  World world;
  world.control.answer.workspaces.push_back({"{b}", "second", "", false});
  world.register_source(registration(R"(,"workspaces":["example-works","second"])"));
  const Answer same =
      world.post("/v1/sources", registration(R"(,"workspaces":["second","example-works"])"));
  CHECK(same.status == 409);
  CHECK(same.code() == "source.duplicate");
  const Answer part = world.post("/v1/sources", registration(R"(,"workspaces":["second"])"));
  CHECK(part.status == 201);
  CHECK(part.body.find("source.overlap") != std::string::npos);
  CHECK(listed_sources(world) == 2);

  world.control.answer.account_uuid = "{another}";
  CHECK(world.post("/v1/sources", registration(R"(,"workspaces":["second"])")).status == 201);
}

TEST_CASE(
    "the e-mail is shown to admin and operator in the credential alone, the token to nobody") {
  World world;
  const std::string id = world.register_source();
  const std::string source = "/v1/sources/" + id;
  for (const std::string role : {"admin", "operator"}) {
    CAPTURE(role);
    CHECK(world.get(source, role).text("/credential/email") == canary_email);
    CHECK(world.get(source + "/credential", role).text("/email") == canary_email);
  }
  for (const std::string role : {"reviewer", "auditor"}) {
    CAPTURE(role);
    CHECK(world.get(source, role).text("/credential/email") == "c***@example.com");
    CHECK_FALSE(holds_canary(world.get("/v1/sources", role), canary_email));
    CHECK(world.get(source + "/credential", role).status == 403);
  }
  for (const std::string& target :
       {source, source + "/credential", std::string("/v1/sources"), std::string("/v1/syncs"),
        std::string("/v1/status"), std::string("/metrics")}) {
    CAPTURE(target);
    CHECK_FALSE(holds_canary(world.get(target), canary_token));
  }
}

TEST_CASE("a merge patch changes what it names; null restores the default") {
  World world;
  const std::string id = world.register_source(registration(R"(,"tags":["a"])"));
  const auto patch = [&](const std::string& body, const std::string& if_match = "") {
    Ask ask{
        .method = Method::patch, .target = "/v1/sources/" + id, .key = "operator", .body = body};
    ask.headers["content-type"] = "application/merge-patch+json";
    if (!if_match.empty()) ask.headers["if-match"] = if_match;
    return world.ask(ask);
  };
  const Answer changed =
      patch(R"({"name":"Other","schedule":{"interval":"P1D"},"workspaces":["example-works"]})");
  REQUIRE(changed.status == 200);
  CHECK(changed.text("/name") == "Other");
  CHECK(changed.text("/schedule/interval") == "P1D");
  CHECK(changed.text("/workspaces/0") == "example-works");
  CHECK(changed.text("/tags/0") == "a");
  const Answer reset = patch(R"({"schedule":null,"workspaces":null,"tags":null})");
  CHECK(reset.text("/schedule/interval") == "PT1H");
  CHECK(reset.text("/workspaces") == "all");
  CHECK(reset.json().at("tags").as_array().empty());

  CHECK(patch(R"({"name":null})").status == 400);
  CHECK(patch(R"({"state":"paused"})").code() == "request.unknown_field");
  CHECK(patch(R"({"schedule":{"interval":"PT5S"}})").code() == "request.invalid_field");
  CHECK(patch(R"({"workspaces":["hidden"]})").code() == "workspace.not_visible");

  const std::string etag = world.get("/v1/sources/" + id).header("ETag");
  CHECK(patch(R"({"name":"Third"})", etag).status == 200);
  const Answer stale = patch(R"({"name":"Fourth"})", etag);
  CHECK(stale.status == 412);
  CHECK(stale.code() == "request.precondition_failed");
  CHECK(world.get("/v1/sources/" + id).text("/name") == "Third");
}

TEST_CASE("a paused source starts no sync until it is resumed, and both can be said twice") {
  World world;
  const std::string id = world.register_source();
  const std::string source = "/v1/sources/" + id;
  CHECK(world.post(source + "/pause", "").text("/state") == "paused");
  CHECK(world.post(source + "/pause", "{}").status == 200);
  CHECK(world.get("/v1/syncs").text("/items/0/result") == "cancelled");
  const Answer refused = world.post(source + "/syncs", "");
  CHECK(refused.status == 409);
  CHECK(refused.code() == "source.paused");
  CHECK(world.post(source + "/resume", "").text("/state") == "active");
  CHECK(world.post(source + "/resume", "").status == 200);
  CHECK(world.post(source + "/syncs", "").status == 202);
  CHECK(world.post(source + "/pause", R"({"why":1})").code() == "request.unknown_field");
}

TEST_CASE("a deleted source loses its credential at once and keeps its evidence unless purged") {
  World world;
  const std::string id = world.register_source();
  const std::string source = "/v1/sources/" + id;
  world.collect(id, "project", {draft("project", "{p}")});
  const auto remove = [&](const std::string& query, const std::string& key) {
    return world.ask({.method = Method::delete_, .target = source + query, .key = key});
  };
  CHECK(remove("?purge_evidence=true", "operator").status == 403);
  CHECK(remove("", "operator").status == 204);
  const Answer deleted = world.get(source);
  CHECK(deleted.text("/state") == "deleted");
  CHECK(deleted.json().at("credential").is_null());
  CHECK(world.get(source + "/credential").status == 404);
  CHECK(listed_sources(world) == 0);
  CHECK(world.get("/v1/sources?state=deleted").json().at("items").as_array().size() == 1);
  CHECK(world.get("/v1/artifacts").json().at("items").as_array().size() == 1);
  CHECK(world.post(source + "/resume", "").code() == "source.deleted");
  CHECK(world.post(source + "/syncs", "").code() == "source.deleted");
  CHECK(remove("", "operator").status == 204);
  // A flag that says nothing purges nothing.
  CHECK(remove("?purge_evidence=", "admin").status == 400);
  CHECK(remove("?purge_evidence", "admin").status == 400);
  CHECK(remove("?purge_evidence=false", "admin").status == 204);
  CHECK(world.get("/v1/artifacts").json().at("items").as_array().size() == 1);
  CHECK(remove("?purge_evidence=true", "admin").status == 204);
  CHECK(world.get("/v1/artifacts").json().at("items").as_array().empty());
}

TEST_CASE("a new credential must be of the same account and reach as much") {
  World world;
  const std::string id = world.register_source();
  const std::string target = "/v1/sources/" + id + "/credential";
  world.collect(id, "workspace", {draft("workspace", "{00000000-0000-4000-8000-0000000000a1}")});
  const std::string body = R"({"email":"canary.person@example.com","token":"ATATT3xFfGF0)" +
                           std::string(60, 'n') + "\"}";
  const auto put = [&] {
    return world.ask({.method = Method::put, .target = target, .key = "operator", .body = body});
  };
  const std::string before = world.get(target).text("/fingerprint");
  const auto good = world.control.answer;

  world.control.answer.account_uuid = "{another}";
  CHECK(put().code() == "credential.account_mismatch");
  world.control.answer = good;
  world.control.answer.scopes_granted = {"read:workspace:bitbucket"};
  const Answer less = put();
  CHECK(less.code() == "credential.reach_reduced");
  CHECK(less.text("/detail").find("read:repository:bitbucket") != std::string::npos);
  world.control.answer = good;
  world.control.answer.workspaces.clear();
  CHECK(put().code() == "credential.reach_reduced");
  CHECK(world.get(target).text("/fingerprint") == before);

  world.control.answer = good;
  world.finish_sync(id, storage::SyncResult::succeeded, {});
  const Answer rotated = put();
  REQUIRE(rotated.status == 200);
  CHECK(rotated.text("/fingerprint") != before);
  CHECK(rotated.json().at("version").as_int64() == 2);
  CHECK(rotated.header("Link").find("latest-sync") != std::string::npos);
  CHECK(world.get("/v1/syncs").text("/items/0/trigger") == "credential");
}

TEST_CASE("a validation of the stored credential wakes a source that waited for one") {
  World world;
  const std::string id = world.register_source();
  auto refused = world.write([&](storage::Connection& connection) -> Result<void> {
    const storage::TenantScope tenant("default");
    auto source = storage::find_source(connection, tenant, id);
    source->state = storage::SourceState::needs_credential;
    source->state_reason = "credential.expired_or_revoked";
    auto updated = storage::update_source(connection, tenant, *source);
    if (!updated) return fail(updated);
    return {};
  });
  REQUIRE(refused);
  const std::string source = "/v1/sources/" + id;
  CHECK(world.get(source).text("/health/status") == "action_required");
  CHECK(world.get(source).text("/health/reason").starts_with("credential.expired_or_revoked"));

  const auto good = world.control.answer;
  FakeSyncControl::refuse(world.control.answer, "credential.token_rejected", "account");
  const Answer bad = world.post(source + "/validations", "");
  CHECK(bad.status == 200);
  CHECK_FALSE(bad.json().at("valid").as_bool());
  CHECK(bad.body.find("credential.expired_or_revoked") != std::string::npos);
  CHECK(world.get(source).text("/state") == "needs_credential");

  world.control.unreachable = fail("upstream.dns").error();
  CHECK(world.post(source + "/validations", "").status == 502);
  world.control.unreachable.reset();
  world.control.answer = good;
  CHECK(world.post(source + "/validations", "").json().at("valid").as_bool());
  CHECK(world.get(source).text("/state") == "active");
}
