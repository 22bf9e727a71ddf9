// Goal: readiness and status say what is, to load balancers in words that they know, and to a
// tenant nothing of another's. Method: the API over a database that may refuse, and a connector
// that counts what the test says.
#include "storage/id.hpp"
#include "storage/source_store.hpp"
#include "storage/sync_store.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;

namespace {

/// A database that refuses reads or writes as it is told.
class RefusingDatabase final : public storage::Database {
 public:
  explicit RefusingDatabase(std::unique_ptr<storage::Database> inner) : inner_(std::move(inner)) {}

  Task<Result<void>> run(storage::Access access, Work work) override {
    const std::optional<Error>& refusal = access == storage::Access::write ? writes : reads;
    if (refusal) co_return std::unexpected(*refusal);
    Result<void> done = co_await inner_->run(access, std::move(work));
    co_return done;
  }
  std::optional<Error> write_fault() const override { return writes; }

  std::optional<Error> reads, writes;

 private:
  std::unique_ptr<storage::Database> inner_;
};

/// Puts a database that may refuse under the API.
RefusingDatabase& make_refusing(World& world) {
  auto refusing = std::make_unique<RefusingDatabase>(std::move(world.database));
  RefusingDatabase& result = *refusing;
  world.database = std::move(refusing);
  world.api = std::make_unique<Api>(Services{*world.database, *world.vault, world.control,
                                             world.clock, world.random, world.settings});
  return result;
}

}  // namespace

TEST_CASE("whatever the cause, a daemon that is not ready says 503, and the cause as its code") {
  World world;
  RefusingDatabase& database = make_refusing(world);
  CHECK(world.get("/readyz", "").status == 200);
  const auto check_unready = [&](Code code) {
    const Answer answer = world.get("/readyz", "");
    CHECK(answer.status == 503);
    CHECK(answer.code() == code.text());
    CHECK(answer.json().at("status").as_int64() == 503);
    CHECK(answer.text("/title") == code.problem().title);
    CHECK_FALSE(answer.header("Retry-After").empty());
  };
  for (const Code code : {Code("storage.full"), Code("storage.read_only")}) {
    CAPTURE(code.text());
    database.writes = fail(code).error();
    check_unready(code);
    CHECK(world.get("/v1/sources").status == 200);
    const Answer write = world.post("/v1/api-keys", R"({"name":"x","roles":["auditor"]})");
    CHECK(write.status == code.problem().http_status);
    CHECK(write.code() == code.text());
    CHECK(world.get("/livez", "").status == 200);
  }
  database.writes.reset();
  CHECK(world.get("/readyz", "").status == 200);
  database.reads = fail("internal.error").error();
  check_unready("internal.error");
  CHECK(world.get("/readyz?what=1", "").status == 400);
}

TEST_CASE("requests to Bitbucket are counted of the accounts that the key's sources use, alone") {
  World world;
  const auto requests = [&](const std::string& key) {
    return world.get("/v1/status", key).json().at("upstream").at("requests_last_hour").as_int64();
  };
  world.control.requests = {{"{ada}", 7}, {"{bob}", 5}, {"{carol}", 3}, {"{nobody}", 100}};
  CHECK(requests("admin") == 0);
  world.control.answer.account_uuid = "{ada}";
  const std::string first = world.register_source(registration("", "First"));
  world.control.answer.account_uuid = "{bob}";
  world.register_source(registration("", "Second"));
  CHECK(requests("admin") == 12);
  CHECK(requests("other") == 0);
  world.control.answer.account_uuid = "{carol}";
  world.register_source(registration("", "Theirs"), "other");
  CHECK(requests("admin") == 12);
  CHECK(requests("other") == 3);
  CHECK(world.get("/metrics", "other").body.find("requests_last_hour 3\n") != std::string::npos);

  storage::ApiKey limited;
  limited.name = "limited";
  limited.roles = {storage::Role::auditor};
  limited.source_ids = {first};
  CHECK(requests(world.make_key(limited)) == 7);
}

TEST_CASE("running and queued syncs are counted, however many there are") {
  World world;
  constexpr int sources = 1203;
  constexpr int running = 601;
  auto filled = world.write([&](storage::Connection& connection) -> Result<void> {
    for (int i = 0; i < sources; ++i) {
      storage::Source source;
      source.id = storage::new_id("src", world.clock.now(), world.random);
      source.account_uuid = source.id;
      source.created_at = source.updated_at = world.clock.now();
      storage::insert_source(connection, tenant, source);
      storage::SyncRequest request;
      request.source_id = source.id;
      storage::enqueue_sync(connection, tenant, request, world.clock.now(), world.random);
      if (i < running) storage::claim_sync(connection, world.clock.now());
    }
    return {};
  });
  REQUIRE(filled);
  const auto syncs = world.get("/v1/status").json().at("syncs");
  CHECK(syncs.at("running").as_int64() == running);
  CHECK(syncs.at("queued").as_int64() == sources - running);
  CHECK(world.get("/v1/status", "other").json().at("syncs").at("queued").as_int64() == 0);
}
