// Goal: who may do what, to the letter of the route table, and no tenant sees another's. Method:
// every route is asked with every role and none, and with ids that are unknown and another's.
#include "storage/sync_store.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;

namespace {

/// A target of the route with `id` for every name in its pattern.
std::string target_of(const Route& route, const std::string& id) {
  std::string target(route.pattern);
  for (auto at = target.find('{'); at != std::string::npos; at = target.find('{')) {
    target.replace(at, target.find('}') - at + 1, id);
  }
  return target;
}

/// A body that the route takes.
std::string body_of(const Route& route) {
  if (route.body == "SourceInput") return registration();
  if (route.body == "SourcePatch") return R"({"name":"x"})";
  if (route.body == "CredentialInput") {
    return R"({"email":"ada@example.com","token":")" + std::string(canary_token) + "\"}";
  }
  if (route.body == "ApiKeyInput") return R"({"name":"x","roles":["auditor"]})";
  return route.body.empty() ? "" : "{}";
}

/// A body of a problem without what names the request.
std::string shape_of(const Answer& answer) {
  auto body = answer.json().as_object();
  body.erase("request_id");
  body.erase("instance");
  return boost::json::serialize(body);
}

Answer ask_route(World& world, const Route& route, const std::string& id, const std::string& key) {
  return world.ask({.method = route.method,
                    .target = target_of(route, id),
                    .key = key,
                    .body = body_of(route),
                    .headers = {}});
}

}  // namespace

TEST_CASE("every route answers every role as its table says, and nobody without a key") {
  World world;
  for (const Route* route : all_routes()) {
    CAPTURE(route->operation);
    for (const auto& [name, role] :
         {std::pair{"admin", admin}, std::pair{"operator", operator_},
          std::pair{"reviewer", reviewer}, std::pair{"auditor", auditor}}) {
      CAPTURE(name);
      const Answer answer = ask_route(world, *route, "src_unknown", name);
      const bool allowed = route->roles == open_to_all || (route->roles & role) != 0;
      CHECK((answer.status == 403) == !allowed);
      if (!allowed) CHECK(answer.code() == "auth.forbidden");
    }
    const Answer anonymous = ask_route(world, *route, "src_unknown", "");
    CHECK((anonymous.status == 401) == (route->roles != open_to_all));
    if (anonymous.status == 401) {
      CHECK(anonymous.code() == "auth.missing");
      CHECK(anonymous.header("WWW-Authenticate").starts_with("Bearer"));
    }
  }
}

TEST_CASE("every id of another tenant looks like an id that does not exist") {
  World world;
  const std::string source = world.register_source("", "other");
  world.collect(source, "project", {draft("project", "{p}")}, "other");
  const std::string sync = world.get("/v1/syncs", "other").text("/items/0/id");
  const std::string artifact = world.get("/v1/artifacts", "other").text("/items/0/id");
  const std::string key = world.get("/v1/api-keys", "other").text("/items/0/id");
  for (const std::string& id : {source, sync, artifact, key}) REQUIRE_FALSE(id.empty());

  int routes = 0;
  for (const Route* route : all_routes()) {
    if (!route->pattern.contains('{') || route->roles == open_to_all) continue;
    if (route->pattern.starts_with("/v1/kinds")) continue;
    CAPTURE(route->operation);
    ++routes;
    for (const std::string& id : {source, sync, artifact, key}) {
      std::string target(route->pattern);
      target.replace(target.find('{'), target.find('}') - target.find('{') + 1, id);
      for (const std::string known : {"stream", "number"}) {
        const std::size_t at = target.find("{" + known + "}");
        if (at == std::string::npos) continue;
        target.replace(at, known.size() + 2, known == "stream" ? "project" : "1");
      }
      const Answer foreign = world.ask({.method = route->method,
                                        .target = target,
                                        .key = "admin",
                                        .body = body_of(*route),
                                        .headers = {}});
      std::string unknown_target = target;
      unknown_target.replace(target.find(id), id.size(), std::string(id.size(), 'x'));
      const Answer unknown = world.ask({.method = route->method,
                                        .target = unknown_target,
                                        .key = "admin",
                                        .body = body_of(*route),
                                        .headers = {}});
      CHECK(foreign.status == 404);
      CHECK(unknown.status == 404);
      CHECK(shape_of(foreign) == shape_of(unknown));
    }
  }
  CHECK(routes >= 17);
  for (const std::string target : {"/v1/sources", "/v1/syncs", "/v1/artifacts", "/v1/api-keys",
                                   "/v1/kinds", "/v1/status", "/v1/principal"}) {
    CAPTURE(target);
    const Answer answer = world.get(target);
    for (const std::string& id : {source, sync, artifact, key}) {
      CHECK(answer.body.find(id) == std::string::npos);
    }
  }
  CHECK(world.get("/v1/artifacts?source=" + source).status == 404);
  CHECK(world.get("/v1/syncs?source=" + source).status == 404);
  // What was asked for with foreign ids has changed nothing.
  CHECK(world.get("/v1/sources/" + source, "other").text("/name") == "Main");
  CHECK(world.get("/v1/api-keys/" + key, "other").json().at("revoked_at").is_null());
}

TEST_CASE("a key limited to sources sees those and nothing else") {
  World world;
  const std::string mine = world.register_source(registration("", "Mine"));
  world.control.answer.account_uuid = "{second}";
  const std::string theirs = world.register_source(registration("", "Theirs"));
  world.collect(mine, "project", {draft("project", "{a}")});
  world.collect(theirs, "project", {draft("project", "{b}")});
  storage::ApiKey limited;
  limited.name = "limited";
  limited.roles = {storage::Role::admin};
  limited.source_ids = {mine};
  const std::string key = world.make_key(limited);

  for (const std::string target : {"/v1/sources", "/v1/syncs", "/v1/artifacts"}) {
    const Answer answer = world.get(target, key);
    CHECK(answer.json().at("items").as_array().size() == 1);
    CHECK(answer.body.find(theirs) == std::string::npos);
  }
  CHECK(world.get("/v1/sources/" + theirs, key).status == 404);
  CHECK(world.get("/v1/artifacts?source=" + theirs, key).status == 404);
  CHECK(world.get("/v1/status", key).json().at("sources").at("total").as_int64() == 1);
  CHECK(world.get("/v1/kinds/project", key).json().at("count").as_int64() == 1);
  CHECK(world.post("/v1/sources/" + theirs + "/pause", "", key).status == 404);
  CHECK(world.post("/v1/sources", registration("", "New"), key).status == 403);
  const auto list = world.get("/v1/artifacts").json();
  for (const auto& item : list.at("items").as_array()) {
    const bool seen = item.at("source_id").as_string() == mine;
    const std::string id(item.at("id").as_string());
    CHECK(world.get("/v1/artifacts/" + id, key).status == (seen ? 200 : 404));
    CHECK(world.get("/v1/artifacts/" + id + "/raw", key).status == (seen ? 200 : 404));
    CHECK(world.get("/v1/artifacts/" + id + "/revisions", key).status == (seen ? 200 : 404));
  }
  const Answer wider = world.post("/v1/api-keys", R"({"name":"x","roles":["admin"]})", key);
  CHECK(wider.status == 400);
  CHECK(wider.text("/errors/0/pointer") == "/source_ids");
}

TEST_CASE("keys that are wrong, mistyped, expired or revoked are told apart") {
  World world;
  const std::string good = world.key("auditor");
  std::string mistyped = good;
  mistyped.back() = mistyped.back() == 'a' ? 'b' : 'a';
  CHECK(world.get("/v1/principal", mistyped).code() == "auth.invalid");
  CHECK(world.get("/v1/principal", "ev_nonsense").code() == "auth.invalid");
  CHECK(world.get("/v1/principal", good).status == 200);
  const auto with = [&](const std::string& authorization) {
    return world.ask({.target = "/v1/principal", .headers = {{"authorization", authorization}}});
  };
  CHECK(with("bearer " + good).status == 200);
  CHECK(with("Bearer   " + good).status == 200);
  CHECK(with("Bearer   ").code() == "auth.missing");
  CHECK(with("Basic " + good).code() == "auth.missing");
  CHECK(with(good).code() == "auth.missing");

  storage::ApiKey brief;
  brief.name = "brief";
  brief.roles = {storage::Role::auditor};
  brief.expires_at = world.clock.now() + 10s;
  const std::string key = world.make_key(brief);
  CHECK(world.get("/v1/principal", key).status == 200);
  world.clock.advance(11s);
  CHECK(world.get("/v1/principal", key).code() == "auth.expired");

  const Answer made = world.post("/v1/api-keys", R"({"name":"ci","roles":["operator","auditor"]})");
  REQUIRE(made.status == 201);
  const std::string fresh = made.text("/key");
  CHECK(world.get("/v1/principal", fresh).text("/name") == "ci");
  CHECK(world.get("/v1/principal", fresh).text("/roles/1") == "auditor");
  const std::string place = made.header("Location");
  CHECK(world.get(place).body.find(fresh) == std::string::npos);
  CHECK(world.ask({.method = Method::delete_, .target = place, .key = "admin"}).status == 204);
  CHECK(world.get("/v1/principal", fresh).code() == "auth.revoked");
}

TEST_CASE("a key in the URL is refused, whatever it is called") {
  World world;
  for (const std::string& target :
       {"/v1/principal?api_key=" + world.key("admin"), "/v1/sources?tag=" + world.key("admin"),
        std::string("/v1/sources?access_token=x"), "/v1/artifacts/" + world.key("admin")}) {
    const Answer answer = world.get(target);
    CHECK(answer.status == 400);
    CHECK(answer.code() == "auth.key_in_url");
    CHECK(answer.body.find(world.key("admin")) == std::string::npos);
  }
}

TEST_CASE("what only looks a little like a key is a name like any other") {
  World world;
  for (const char* const target :
       {"/v1/artifacts?repository=acme/dev_monitoring_api", "/v1/sources?tag=ev_0123456789_short",
        "/v1/sources?tag=dev_monitoring_for_everybody_who_has_a_long_name"}) {
    CAPTURE(target);
    CHECK(world.get(target).status == 200);
  }
}

TEST_CASE("metrics are open on this machine and for writers elsewhere") {
  World world;
  CHECK(world.get("/metrics", "auditor").status == 403);
  world.register_source();
  world.control.requests = {{world.control.answer.account_uuid, 7}, {"{another}", 5}};
  const Answer metrics = world.get("/metrics", "operator");
  CHECK(metrics.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(metrics.body.find("evidenced_http_requests_total{") != std::string::npos);
  CHECK(metrics.body.find("evidenced_upstream_requests_last_hour 7") != std::string::npos);
  Request request;
  request.target = "/metrics";
  request.peer_is_loopback = true;
  request.request_id = "req";
  auto task = world.api->handle(std::move(request), "");
  CHECK(world.run(std::move(task)).status == 200);
}

TEST_CASE("a path has its methods, HEAD and OPTIONS; everything else is 404 or 405") {
  World world;
  CHECK(world.get("/v1/nothing").code() == "resource.not_found");
  for (const std::string path : {"/v1/sources/", "//v1/sources", "/v1//sources", "/", "/v1",
                                 "/v1/sources/a/b/c", "/V1/sources", "/v1/../v1/sources"}) {
    CAPTURE(path);
    CHECK(world.get(path).status == 404);
  }
  const Answer wrong = world.ask({.method = Method::put, .target = "/v1/sources", .key = "admin"});
  CHECK(wrong.status == 405);
  CHECK(wrong.code() == "request.method");
  CHECK(wrong.header("Allow") == "GET, HEAD, POST, OPTIONS");
  for (const Route* route : all_routes()) {
    CAPTURE(route->operation);
    const Answer options = world.ask({.method = Method::options, .target = target_of(*route, "x")});
    CHECK(options.status == 204);
    CHECK(options.header("Allow").find(method_name(route->method)) != std::string::npos);
    if (route->method != Method::get) continue;
    const Answer get = ask_route(world, *route, "x", "admin");
    const Answer head =
        world.ask({.method = Method::head, .target = target_of(*route, "x"), .key = "admin"});
    CHECK(head.status == get.status);
    CHECK(head.header("Content-Type") == get.header("Content-Type"));
    if (route->shape != Shape::none) CHECK(head.header("ETag") == get.header("ETag"));
  }
}

TEST_CASE("only what can be given is promised by Accept") {
  World world;
  const auto with = [&](const std::string& accept) {
    return world.ask({.target = "/v1/principal", .key = "admin", .headers = {{"accept", accept}}});
  };
  CHECK(with("*/*").status == 200);
  CHECK(with("text/html, application/*;q=0.5").status == 200);
  const Answer refused = with("text/html");
  CHECK(refused.status == 406);
  CHECK(refused.code() == "request.not_acceptable");
  CHECK(with("application/json;q=0").status == 406);
}
