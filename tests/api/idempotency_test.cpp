// Goal: a request that is sent again takes effect once. Method: registrations and other changes
// with an Idempotency-Key, one after the other and at the same time.
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <boost/asio/co_spawn.hpp>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;

namespace {

Ask registering(const std::string& idempotency_key, const std::string& body = registration()) {
  return {.method = Method::post,
          .target = "/v1/sources",
          .key = "operator",
          .body = body,
          .headers = {{"idempotency-key", idempotency_key}}};
}

std::size_t count_sources(World& world) {
  return world.get("/v1/sources").json().at("items").as_array().size();
}

/// Whether a text stands anywhere in the table of stored answers.
bool stored_answers_hold(World& world, std::string_view text) {
  bool found = false;
  auto looked = world.write([&](storage::Connection& connection) -> Result<void> {
    connection.query("SELECT headers, body FROM idempotency_records", {},
                     [&](const storage::Row& row) {
                       found = found || row.text(0).contains(text) || row.text(1).contains(text);
                     });
    return {};
  });
  REQUIRE(looked);
  return found;
}

}  // namespace

TEST_CASE("the same request with the same key is answered again, not done again") {
  World world;
  const Answer first = world.ask(registering("k1"));
  REQUIRE(first.status == 201);
  CHECK(first.header("Idempotency-Replayed").empty());
  const Answer again = world.ask(registering("k1"));
  CHECK(again.status == 201);
  CHECK(again.header("Idempotency-Replayed") == "true");
  CHECK(again.text("/id") == first.text("/id"));
  CHECK(again.header("Location") == first.header("Location"));
  CHECK(again.header("Link") == first.header("Link"));
  CHECK(count_sources(world) == 1);
  CHECK(world.control.probes == 1);
}

TEST_CASE("a replay holds neither e-mail nor token nor key") {
  World world;
  world.ask(registering("k1"));
  const Answer again = world.ask(registering("k1"));
  CHECK(again.text("/credential/email") == "c***@example.com");
  const Ask make{.method = Method::post,
                 .target = "/v1/api-keys",
                 .key = "admin",
                 .body = R"({"name":"ci","roles":["auditor"]})",
                 .headers = {{"idempotency-key", "k2"}}};
  const std::string key = world.ask(make).text("/key");
  REQUIRE(key.starts_with("ev_"));
  CHECK(world.ask(make).json().at("key").is_null());
  CHECK_FALSE(stored_answers_hold(world, canary_email));
  CHECK_FALSE(stored_answers_hold(world, canary_token));
  CHECK_FALSE(stored_answers_hold(world, key));
  CHECK(stored_answers_hold(world, "c***@example.com"));
}

TEST_CASE("a key that was used for another request is refused") {
  World world;
  world.ask(registering("k1"));
  const Answer other = world.ask(registering("k1", registration("", "Other")));
  CHECK(other.status == 422);
  CHECK(other.code() == "idempotency.key_reused");
  CHECK(count_sources(world) == 1);
}

TEST_CASE("another API key, another path and another day are not the same request") {
  World world;
  const std::string id = world.ask(registering("k1")).text("/id");
  Ask ask = registering("k1");
  ask.key = "admin";
  CHECK(world.ask(ask).code() == "source.duplicate");
  const Answer pause = world.ask({.method = Method::post,
                                  .target = "/v1/sources/" + id + "/pause",
                                  .key = "operator",
                                  .headers = {{"idempotency-key", "k1"}}});
  CHECK(pause.status == 200);
  CHECK(pause.header("Idempotency-Replayed").empty());
  world.clock.advance(25h);
  world.control.answer.account_uuid = "{another}";
  const Answer later = world.ask(registering("k1"));
  CHECK(later.status == 201);
  CHECK(later.text("/id") != id);
}

TEST_CASE("a request that was refused leaves its key free") {
  World world;
  const auto good = world.control.answer;
  FakeSyncControl::refuse(world.control.answer, "credential.token_rejected", "account");
  CHECK(world.ask(registering("k1")).status == 422);
  CHECK(world.ask(registering("k1", "{}")).status == 400);
  world.control.answer = good;
  CHECK(world.ask(registering("k1", registration("", "Third"))).status == 201);
}

TEST_CASE("a key is 1 to 255 visible characters") {
  World world;
  CHECK(world.ask(registering("with blank")).code() == "idempotency.key_invalid");
  CHECK(world.ask(registering(std::string(256, 'k'))).code() == "idempotency.key_invalid");
  CHECK(world.ask(registering("\xc3\xa9")).code() == "idempotency.key_invalid");
  CHECK(world.ask(registering(std::string(255, 'k'))).status == 201);
}

TEST_CASE("a hundred copies at once have one effect") {
  World world;
  world.control.answer.checks.clear();
  int created = 0, replayed = 0, waiting = 0;
  world.control.probe_time = 5ms;  // so that all are under way together
  const auto answers = world.ask_at_once(registering("k1"), 100);
  for (const Answer& answer : answers) {
    if (answer.header("Idempotency-Replayed") == "true") {
      ++replayed;
    } else if (answer.status == 201) {
      ++created;
    } else {
      CHECK(answer.code() == "idempotency.in_progress");
      ++waiting;
    }
  }
  CHECK(created == 1);
  CHECK(waiting > 0);
  CHECK(created + replayed + waiting == 100);
  CHECK(count_sources(world) == 1);
  CHECK(world.control.probes == 1);
  CHECK(world.ask(registering("k1")).header("Idempotency-Replayed") == "true");
}
