// Goal: a reader of the feed misses nothing, waits when there is nothing, and sees what its key may
// see. Method: the API over SQLite on virtual time; what happens is done through the API.
#include "storage/event_store.hpp"
#include "storage/sync_store.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> types_of(const Answer& answer) {
  std::vector<std::string> types;
  const boost::json::value body = answer.json();
  for (const auto& item : body.at("items").as_array()) {
    types.emplace_back(item.at("type").as_string());
  }
  return types;
}

std::int64_t after_of(const Answer& answer) {
  return answer.json().at("after").as_int64();
}

}  // namespace

TEST_CASE("the feed tells the life of a source in order") {
  World world;
  const std::string id = world.register_source();
  world.collect(id, "repository", {draft("repository", "{a}")});
  world.post("/v1/sources/" + id + "/pause", "");
  world.post("/v1/sources/" + id + "/resume", "");
  world.ask({.method = Method::delete_, .target = "/v1/sources/" + id, .key = "admin"});
  const Answer answer = world.get("/v1/changes?after=0");
  CHECK(types_of(answer) == std::vector<std::string>{"source.created", "sync.queued",
                                                     "artifact.created", "sync.finished",
                                                     "source.paused", "source.resumed",
                                                     "source.deleted"});
  CHECK(answer.text("/items/0/source_id") == id);
  CHECK(answer.text("/items/0/data/name") == "Main");
  CHECK(answer.text("/items/2/data/kind") == "repository");
  CHECK(answer.text("/items/3/data/result") == "cancelled");
  CHECK(answer.json().at("next").is_null());
}

TEST_CASE("following next and after gives every event once") {
  World world;
  const std::string id = world.register_source();
  for (int i = 0; i < 4; ++i) {
    world.post("/v1/sources/" + id + "/pause", "");
    world.post("/v1/sources/" + id + "/resume", "");
  }
  const std::size_t all = types_of(world.get("/v1/changes")).size();
  std::size_t seen = 0;
  std::string next = "/v1/changes?limit=3&source=" + id;
  std::int64_t after = 0;
  while (!next.empty()) {
    const Answer page = world.get(next);
    REQUIRE(page.status == 200);
    seen += types_of(page).size();
    after = after_of(page);
    next = page.text("/next");
  }
  CHECK(seen == all);
  CHECK(types_of(world.get(fmt::format("/v1/changes?after={}", after))).empty());
}

TEST_CASE("a long poll comes back with what happened, or empty at its end") {
  World world;
  const std::string id = world.register_source();
  const std::int64_t after = after_of(world.get("/v1/changes"));
  const std::string target = fmt::format("/v1/changes?after={}&wait=20", after);
  const SteadyTime begin = world.clock.steady();
  const Answer nothing = world.get(target);
  CHECK(types_of(nothing).empty());
  CHECK(world.clock.steady() - begin >= 20s);

  const auto claim = [&]() -> Task<void> {
    co_await world.clock.sleep_for(5s);
    auto work = [&](storage::Connection& connection) -> Result<void> {
      storage::claim_sync(connection, world.clock.now());
      return {};
    };
    const Result<void> done = co_await storage::write(*world.database, std::move(work));
    REQUIRE(done);
  };
  boost::asio::co_spawn(world.io, claim(), [](std::exception_ptr) {});
  const SteadyTime again = world.clock.steady();
  const Answer something = world.get(target);
  CHECK(types_of(something) == std::vector<std::string>{"sync.started"});
  CHECK(world.clock.steady() - again < 10s);
}

TEST_CASE("the feed is the tenant's own, and narrowed to the sources of the key") {
  World world;
  const std::string id = world.register_source();
  CHECK(types_of(world.get("/v1/changes", "other")).empty());
  storage::ApiKey limited;
  limited.name = "limited";
  limited.roles = {storage::Role::auditor};
  limited.source_ids = {"src_01J00000000000000000000000"};
  const std::string key = world.make_key(limited);
  CHECK(types_of(world.get("/v1/changes", key)).empty());
  CHECK(world.get("/v1/changes?source=" + id, key).status == 404);
}

TEST_CASE("what cannot be read is refused with its code") {
  World world;
  world.register_source();
  CHECK(world.get("/v1/changes?type=source.vanished").code() == "request.invalid_field");
  CHECK(world.get("/v1/changes?limit=0").code() == "request.invalid_field");
  CHECK(world.get("/v1/changes?after=x").code() == "request.invalid_field");
  CHECK(world.get("/v1/changes", "").code() == "auth.missing");
  const Answer bad = world.ask(
      {.target = "/v1/events", .key = "admin", .headers = {{"last-event-id", "yesterday"}}});
  CHECK(bad.code() == "cursor.invalid");
  const Timestamp later = world.clock.now() + 1h;
  REQUIRE(world.write([&](storage::Connection& connection) -> Result<void> {
    storage::expire_events(connection, later);
    return {};
  }));
  CHECK(world.get("/v1/changes?after=1").code() == "cursor.expired");
  CHECK(world.get("/v1/events?after=1").code() == "cursor.expired");
  CHECK(world.get("/v1/changes?after=0").status == 200);
}

TEST_CASE("server-sent events go on behind the last event that was seen, and end with the server") {
  World world;
  const std::string id = world.register_source();
  const Answer feed = world.get("/v1/changes");
  const std::int64_t first = feed.json().at("items").at(0).at("seq").as_int64();
  const auto drain = [&]() -> Task<void> {
    co_await world.clock.sleep_for(40s);
    world.api->drain();
  };
  boost::asio::co_spawn(world.io, drain(), [](std::exception_ptr) {});
  const Answer stream = world.ask({.target = "/v1/events",
                                   .key = "admin",
                                   .headers = {{"last-event-id", std::to_string(first)}}});
  CHECK(stream.status == 200);
  CHECK(stream.header("Content-Type") == "text/event-stream; charset=utf-8");
  CHECK(stream.body.starts_with(fmt::format("retry: 2000\nid: {}\n\n", first)));
  CHECK(stream.body.find("event: source.created") == std::string::npos);
  CHECK(stream.body.find("event: sync.queued\ndata: {") != std::string::npos);
  CHECK(stream.body.find("id: ") != std::string::npos);
  // A quiet feed tells its position, too: who comes back misses nothing.
  const std::size_t sign = stream.body.find(": nothing new\nid: ");
  REQUIRE(sign != std::string::npos);
  CHECK(std::stoll(stream.body.substr(sign + 18)) > first);
}

TEST_CASE("a key that was revoked hears nothing more, however much happens") {
  World world;
  const std::string source = world.register_source();
  const Answer made = world.post("/v1/api-keys", R"({"name":"x","roles":["auditor"]})");
  Request request;
  request.target = "/v1/events?after=0";
  request.headers = {{"authorization", "Bearer " + made.text("/key")}};
  const Response response = world.run(world.api->handle(std::move(request), ""));
  REQUIRE(response.stream);
  CHECK_FALSE(world.run(response.stream->next()).value().empty());
  CHECK(world.ask({.method = Method::delete_, .target = made.header("Location"), .key = "admin"})
            .status == 204);
  world.post("/v1/sources/" + source + "/pause", "");
  std::string heard;
  for (int i = 0; i < 3; ++i) heard += world.run(response.stream->next()).value();
  CHECK(heard.empty());
}

TEST_CASE("a key that is revoked while it exports gets no more than was on its way") {
  World world;
  std::vector<storage::ArtifactDraft> drafts;
  drafts.reserve(1000);
  for (int i = 0; i < 1000; ++i) {
    drafts.push_back(draft("project", fmt::format("{{{}}}", i), std::string(1000, ' ') + "{}"));
  }
  world.collect(world.register_source(), "project", drafts);
  const Answer made = world.post("/v1/api-keys", R"({"name":"x","roles":["auditor"]})");
  Request request;
  request.target = "/v1/artifacts";
  request.headers = {{"authorization", "Bearer " + made.text("/key")},
                     {"accept", "application/x-ndjson"}};
  const Response response = world.run(world.api->handle(std::move(request), ""));
  REQUIRE(response.stream);
  CHECK_FALSE(world.run(response.stream->next()).value().empty());
  CHECK(world.ask({.method = Method::delete_, .target = made.header("Location"), .key = "admin"})
            .status == 204);
  const Result<std::string> more = world.run(response.stream->next());
  REQUIRE_FALSE(more.has_value());
  CHECK(more.error().code == Code("auth.revoked"));
}

TEST_CASE("a key that is revoked while it waits gets no answer") {
  World world;
  const std::string source = world.register_source();
  Answer made;
  const std::int64_t after = world.get("/v1/changes").json().at("after").as_int64();
  const auto revoke = [&]() -> Task<void> {
    co_await world.clock.sleep_for(3s);
    Request request;
    request.method = Method::delete_;
    request.target = made.header("Location");
    request.headers = {{"authorization", "Bearer " + world.key("admin")}};
    const Response revoked = co_await world.api->handle(std::move(request), "");
    CHECK(revoked.status == 204);
  };
  for (const std::string& target :
       {fmt::format("/v1/changes?after={}&wait=30", after), std::string("/v1/syncs?wait=30")}) {
    CAPTURE(target);
    made = world.post("/v1/api-keys", R"({"name":"x","roles":["auditor"]})");
    boost::asio::co_spawn(world.io, revoke(), [](std::exception_ptr) {});
    CHECK(world.get(target, made.text("/key")).status == 401);
  }
}

TEST_CASE("an event stream says goodbye after an hour") {
  World world;
  world.register_source();
  const auto begin = [&] {
    Request request;
    request.target = "/v1/events?after=0";
    request.headers = {{"authorization", "Bearer " + world.key("admin")}};
    return world.run(world.api->handle(std::move(request), ""));
  };
  const Response response = begin();
  REQUIRE(response.stream);
  const SteadyTime from = world.clock.steady();
  std::string last, piece;
  do {
    last = std::exchange(piece, world.run(response.stream->next()).value());
  } while (!piece.empty());
  CHECK(last.starts_with("id: "));
  CHECK(last.ends_with("event: bye\ndata: {}\n\n"));
  CHECK(world.clock.steady() - from >= 1h);
  CHECK(world.clock.steady() - from < 61min);
}

TEST_CASE("a key has so many requests that wait at once, and one that need not wait takes none") {
  World world;
  world.register_source();
  const std::int64_t after = world.get("/v1/changes").json().at("after").as_int64();
  const auto refused = [&](const std::string& target) {
    const auto answers = world.ask_at_once({.target = target, .key = "auditor"}, 40);
    CHECK(answers.size() == 40);
    return std::ranges::count(answers, 429, &Answer::status);
  };
  CHECK(refused(fmt::format("/v1/changes?after={}&wait=1", after)) == 8);
  CHECK(refused("/v1/syncs?wait=1") == 8);
  CHECK(refused("/v1/changes?after=0&wait=1") == 0);
  CHECK(refused("/v1/syncs") == 0);
}

TEST_CASE("nobody who has left is waited for, and his event stream is free again") {
  World world;
  const std::string sync = "/v1/syncs/";
  world.register_source();
  const std::string id = world.get("/v1/syncs").text("/items/0/id");
  const std::int64_t after = world.get("/v1/changes").json().at("after").as_int64();
  for (const std::string& target : {fmt::format("/v1/changes?after={}&wait=30", after),
                                    std::string("/v1/syncs?wait=30"), sync + id + "?wait=30"}) {
    CAPTURE(target);
    CHECK(world.ask_and_leave({.target = target, .key = "admin"}) < 2s);
  }
  for (int i = 0; i < 10; ++i) {
    CHECK(world.ask_and_leave({.target = "/v1/events", .key = "admin"}) < 2s);
  }
}

TEST_CASE("a key has so many event streams at once, and gets them back") {
  World world;
  world.register_source();
  const auto drain = [&]() -> Task<void> {
    co_await world.clock.sleep_for(5s);
    world.api->drain();
  };
  boost::asio::co_spawn(world.io, drain(), [](std::exception_ptr) {});
  const std::vector<Answer> answers =
      world.ask_at_once({.target = "/v1/events", .key = "admin"}, 9);
  const auto refused = std::ranges::count(answers, 429, &Answer::status);
  CHECK(refused == 1);
  CHECK(world.get("/v1/events").status == 200);
}
