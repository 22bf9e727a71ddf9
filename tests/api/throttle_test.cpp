// Goal: who guesses or asks too much waits, and nobody else does. Method: the API on virtual time,
// many requests at one moment.
#include "api/authenticator.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;

namespace {

Task<void> look_up(Authenticator& authenticator, std::string header, Buckets& guesses,
                   std::optional<Result<storage::AuthenticatedKey>>& found) {
  auto looked = co_await authenticator.authenticate(std::move(header), "192.0.2.7", guesses);
  found = std::move(looked);
}

}  // namespace

TEST_CASE("ten failures of an address with a key id shut it out, for longer each time") {
  World world;
  std::string wrong = world.key("admin");
  wrong.back() = wrong.back() == 'a' ? 'b' : 'a';
  const auto shut_after = [&] {
    int failures = 0;
    while (world.get("/v1/principal", wrong).status == 401) ++failures;
    return failures;
  };
  CHECK(shut_after() == 10);
  const Answer shut = world.get("/v1/principal", wrong);
  CHECK(shut.status == 429);
  CHECK(shut.code() == "auth.throttled");
  CHECK(std::stoi(shut.header("Retry-After")) <= 60);
  // Another address is not held back.
  CHECK(world.ask({.target = "/v1/principal", .key = wrong, .headers = {}, .peer = "192.0.2.8"})
            .status == 401);
  world.clock.advance(61s);
  CHECK(shut_after() == 10);
  CHECK(std::stoi(world.get("/v1/principal", wrong).header("Retry-After")) > 60);
}

TEST_CASE("made-up keys use up the address's guesses, whoever has a key that is known goes on") {
  World world;
  REQUIRE(world.get("/v1/principal").status == 200);
  const auto guess_until_shut = [&] {
    int failures = 0;
    for (;;) {
      const std::string made_up =
          fmt::format("ev_{:0>10}_{}", failures, world.key("admin").substr(14));
      const Answer answer = world.get("/v1/principal", made_up);
      if (answer.status != 401) return std::pair(failures, answer.code());
      ++failures;
    }
  };
  CHECK(guess_until_shut() == std::pair(50, std::string("quota.exceeded")));
  CHECK(world.get("/v1/principal").status == 200);
  // Not one that was never seen: looking it up is what is rationed.
  CHECK(world.get("/v1/principal", "auditor").status == 429);
  world.clock.advance(31s);  // what is remembered is stale now
  CHECK(guess_until_shut().first == 50);
  CHECK(world.get("/v1/principal").status == 200);
  world.clock.advance(1s);
  for (int i = 0; i < 100; ++i) REQUIRE(world.get("/v1/principal", "auditor").status == 200);
}

TEST_CASE("a key that many requests bring at once is one guess") {
  World world;
  const auto answers = world.ask_at_once({.target = "/v1/principal", .key = "auditor"}, 200);
  for (const Answer& answer : answers) REQUIRE(answer.status == 200);
}

TEST_CASE("what was read before a revocation is not remembered after it") {
  World world;
  Authenticator authenticator(*world.database, *world.vault, world.clock);
  Buckets guesses(10, 50);
  const std::string header = "Bearer " + world.key("auditor");
  std::optional<Result<storage::AuthenticatedKey>> early, late;
  world.io.restart();
  boost::asio::co_spawn(world.io, look_up(authenticator, header, guesses, early),
                        boost::asio::detached);
  world.io.poll_one();  // as far as the read, whose result nobody has looked at
  authenticator.forget();
  while (!early) world.io.run_one();
  REQUIRE(early->has_value());
  const std::string id = (*early)->key.id;
  const Result<void> revoked = world.write([&](storage::Connection& connection) -> Result<void> {
    const auto key = storage::revoke_key(connection, tenant, id, world.clock.now());
    if (!key) return fail(key);
    return {};
  });
  REQUIRE(revoked.has_value());
  world.io.restart();
  boost::asio::co_spawn(world.io, look_up(authenticator, header, guesses, late),
                        boost::asio::detached);
  while (!late) world.io.run_one();
  REQUIRE_FALSE(late->has_value());
  CHECK(late->error().code == Code("auth.revoked"));
}

TEST_CASE("a key that asks too fast is told to wait; 304 costs nothing") {
  World world;
  world.settings.server.requests_per_second = 2;
  world.api = std::make_unique<Api>(Services{*world.database, *world.vault, world.control,
                                             world.clock, world.random, world.settings});
  const Answer first = world.get("/v1/principal");
  CHECK(first.header("RateLimit-Policy") == "\"key\";q=8;w=4");
  CHECK(first.header("RateLimit") == "\"key\";r=7;t=1");
  for (int i = 0; i < 20; ++i) {
    const Answer same = world.ask({.target = "/v1/principal",
                                   .key = "admin",
                                   .headers = {{"if-none-match", first.header("ETag")}}});
    REQUIRE(same.status == 304);
    REQUIRE(same.body.empty());
  }
  int granted = 0;
  Answer last;
  while ((last = world.get("/v1/principal")).status == 200) ++granted;
  CHECK(granted == 7);
  CHECK(last.status == 429);
  CHECK(last.code() == "quota.exceeded");
  CHECK(last.header("Retry-After") == "1");
  CHECK(world.get("/v1/principal", "auditor").status == 200);
  world.clock.advance(1s);
  CHECK(world.get("/v1/principal").status == 200);
}

TEST_CASE("showing a key, true or not, frees nobody from the limit where none is needed") {
  World world;
  const auto granted = [&](const std::string& peer) {
    int count = 0;
    const Ask ask{.target = "/openapi.json", .key = "ev_made_up", .headers = {}, .peer = peer};
    while (world.ask(ask).status == 200) ++count;
    return count;
  };
  CHECK(granted("192.0.2.7") == 50);
  CHECK(world.get("/readyz", "ev_made_up").code() == "quota.exceeded");
  CHECK(world.get("/readyz", "").status == 200);  // the server holds those back
  CHECK(granted("192.0.2.8") == 50);
  Request local;
  local.target = "/readyz";
  local.headers = {{"authorization", "Bearer ev_made_up"}};
  local.peer_address = "192.0.2.7";
  local.peer_is_loopback = true;
  const Response near = world.run(world.api->handle(std::move(local), ""));
  CHECK(near.status == 200);
}
