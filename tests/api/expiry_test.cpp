// Goal: when credentials expire is known to whoever asks (S8, T-60). Method: the API over SQLite.
#include "storage/expiry_store.hpp"
#include "tests/api/expiring.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;
using std::chrono::days;

namespace {}  // namespace

TEST_CASE("expirations come by date, with state, days and notices") {
  World world;
  const Timestamp now = world.clock.now();
  source_until(world, "late", now + days(300));
  const std::string soon = source_until(world, "soon", now + days(5) + 1h);
  source_until(world, "middle", now + days(30) + 1h);
  world.register_source(registration());
  const Answer list = world.get("/v1/expirations", "auditor");
  CHECK(names_in(list) == std::vector<std::string>{"soon", "middle", "late", "Main"});
  const auto body = list.json();
  const auto& first = body.at("items").at(0);
  CHECK(first.at("source_id").as_string() == soon);
  CHECK(first.at("days_left").as_int64() == 5);
  CHECK(first.at("state").as_string() == "expiring");
  CHECK(first.at("expiry_source").as_string() == "declared");
  CHECK(first.at("notices").as_array().empty());
  CHECK(first.at("next_notice").at("threshold_days").as_int64() == 3);
  CHECK(body.at("items").at(1).at("state").as_string() == "ok");
  CHECK(body.at("items").at(3).at("expiry_source").as_string() == "assumed");

  CHECK(names_in(world.get("/v1/expirations?state=expiring")) == std::vector<std::string>{"soon"});
  CHECK(names_in(world.get("/v1/expirations?state=expired")).empty());
  const std::string in_40_days = format_rfc3339(now + days(40));
  CHECK(names_in(world.get("/v1/expirations?expires_before=" + in_40_days)) ==
        std::vector<std::string>{"soon", "middle"});
  CHECK(names_in(world.get("/v1/expirations?state=ok&expires_before=" + in_40_days)) ==
        std::vector<std::string>{"middle"});
  world.clock.advance(days(6));
  CHECK(names_in(world.get("/v1/expirations?state=expired")) == std::vector<std::string>{"soon"});
  const auto expired = world.get("/v1/expirations").json().at("items").at(0);
  CHECK(expired.at("days_left").as_int64() == -1);
  CHECK(expired.at("next_notice").is_null());
  const Answer source = world.get("/v1/sources/" + soon);
  CHECK(source.text("/health/status") == "action_required");
  CHECK(source.text("/state") == "active");
  CHECK(world.get("/v1/expirations?state=gone").code() == "request.invalid_field");
  CHECK(world.get("/v1/expirations?colour=red").code() == "request.unknown_field");
  CHECK(world.ask({.target = "/v1/expirations"}).code() == "auth.missing");
}

TEST_CASE("pages of expirations give each once") {
  World world;
  const Timestamp until = world.clock.now() + days(100);
  for (const char* name : {"a", "b", "c", "d", "e"}) source_until(world, name, until);
  std::vector<std::string> names;
  std::string next = "/v1/expirations?limit=2&state=ok";
  while (!next.empty()) {
    const Answer page = world.get(next);
    for (const std::string& name : names_in(page)) names.push_back(name);
    next = page.text("/next");
  }
  CHECK(names == std::vector<std::string>{"a", "b", "c", "d", "e"});
}

TEST_CASE("notices and metrics tell what was announced, to whom may see the source") {
  World world;
  const std::string source = source_until(world, "soon", world.clock.now() + days(5));
  const std::string other = source_until(world, "other", world.clock.now() + days(200));
  world.write([&](storage::Connection& connection) {
    const storage::Expiry expiry = storage::list_expiries(connection, tenant, {}).front();
    return storage::give_notice(connection, tenant, expiry, 7,
                                {.type = "credential.expiring",
                                 .source_id = source,
                                 .subject_id = source,
                                 .at = world.clock.now(),
                                 .facts = {{"threshold_days", 7}}});
  });
  const auto item = world.get("/v1/expirations").json().at("items").at(0);
  CHECK(item.at("notices").as_array().size() == 1);
  CHECK(item.at("notices").at(0).at("threshold_days").as_int64() == 7);
  const auto changes = world.get("/v1/changes?type=credential.expiring").json();
  CHECK(changes.at("items").at(0).at("source_id").as_string() == source);
  const std::string metrics = world.get("/metrics").body;
  CHECK(metrics.contains("evidenced_credential_notices_total{threshold_days=\"7\"} 1"));
  CHECK(metrics.contains("evidenced_credential_expiry_seconds{source=\"" + source + "\"} 43"));

  storage::ApiKey limited;
  limited.name = "limited";
  limited.roles = {storage::Role::operator_};
  limited.source_ids = {other};
  const std::string key = world.make_key(limited);
  CHECK(names_in(world.get("/v1/expirations", key)) == std::vector<std::string>{"other"});
  CHECK_FALSE(world.get("/metrics", key).body.contains(source));
  CHECK(names_in(world.get("/v1/expirations", "other")).empty());
}

TEST_CASE("a token that expires soon is registered with a warning") {
  World world;
  const Answer made = world.post(
      "/v1/sources", fmt::format(R"({{"kind":"bitbucket_cloud","name":"x","credential":{}}})",
                                 credential_until(world.clock.now() + days(30))));
  REQUIRE(made.status == 201);
  CHECK(made.body.contains("credential.expiring_soon"));
  CHECK_FALSE(made.body.contains("credential.expiry_assumed"));
}
