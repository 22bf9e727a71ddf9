// Goal: calendars tell when credentials expire, and only their URL opens them (S8, TM22, T-52,
// T-60). Method: the API over SQLite; calendars are read back with libical.
#include "api/expiry/calendar_text.hpp"
#include "storage/expiry_store.hpp"
#include "tests/api/calendar_reader.hpp"
#include "tests/api/expiring.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;
using std::chrono::days;

namespace {

/// A calendar feed and the path of its calendar.
struct Feed {
  std::string id;
  std::string path;
};

Feed make_feed(World& world, const std::string& body = R"({"name":"Team"})",
               const std::string& key = "operator") {
  const Answer made = world.post("/v1/calendar-feeds", body, key);
  REQUIRE(made.status == 201);
  CHECK(made.header("Location") == "/v1/calendar-feeds/" + made.text("/id"));
  return {made.text("/id"), made.text("/url")};
}

Answer read_feed(World& world, const std::string& path) {
  return world.ask({.target = path});
}

}  // namespace

TEST_CASE("a calendar has an event for each credential with its alarms") {
  World world;
  const Timestamp until = world.clock.now() + days(100);
  const std::string a = source_until(world, "alpha", until);
  const std::string b = world.register_source(registration("", "beta"));
  const Feed feed = make_feed(world);
  const Answer calendar = read_feed(world, feed.path);
  REQUIRE(calendar.status == 200);
  CHECK(calendar.header("Content-Type") == "text/calendar; charset=utf-8");
  const auto events = read_calendar(calendar.body);
  REQUIRE(events.size() == 2);
  CHECK(events[0].uid == a + "-1@evidenced");
  CHECK(events[0].summary == "Bitbucket token of alpha expires");
  CHECK(events[0].status == "CONFIRMED");
  CHECK(events[0].sequence == 0);
  CHECK(events[0].start ==
        std::chrono::floor<std::chrono::seconds>(until).time_since_epoch().count());
  CHECK(events[0].alarm_days == std::vector<int>{30, 14, 7, 3, 1, 0});
  CHECK(events[1].uid == b + "-1@evidenced");
  CHECK(events[1].summary == "Bitbucket token of beta expires (date assumed)");
  CHECK_FALSE(calendar.body.contains("canary"));
  CHECK(calendar.body.contains("X-WR-CALNAME:Team\r\n"));
  // Its name is text (RFC 5545, section 3.3.11).
  const Feed odd = make_feed(world, R"({"name":"Team; a,b \\ c"})");
  const std::string named = read_feed(world, odd.path).body;
  CHECK(named.contains("\r\nNAME:Team\\; a\\,b \\\\ c\r\n"));
  CHECK(named.contains("\r\nX-WR-CALNAME:Team  a b   c\r\n"));

  const Answer again =
      world.ask({.target = feed.path, .headers = {{"if-none-match", calendar.header("ETag")}}});
  CHECK(again.status == 304);
  world.clock.advance(days(3));
  CHECK(read_feed(world, feed.path).body == calendar.body);
  const auto used = world.get("/v1/calendar-feeds/" + feed.id).json().at("last_used_at");
  CHECK(used.is_string());
}

TEST_CASE("a rotation cancels the event of the old credential, a deletion the last one") {
  World world;
  const std::string source = source_until(world, "alpha", world.clock.now() + days(5));
  const Feed feed = make_feed(world);
  const Answer before = read_feed(world, feed.path);
  const auto old = read_calendar(before.body).at(0);
  const Answer rotated = world.ask({.method = Method::put,
                                    .target = "/v1/sources/" + source + "/credential",
                                    .key = "operator",
                                    .body = credential_until(world.clock.now() + days(300)),
                                    .headers = {}});
  REQUIRE(rotated.status == 200);
  const Answer after = read_feed(world, feed.path);
  CHECK(after.header("ETag") != before.header("ETag"));
  const auto events = read_calendar(after.body);
  REQUIRE(events.size() == 2);
  CHECK(events[0].uid == source + "-2@evidenced");
  CHECK(events[0].status == "CONFIRMED");
  CHECK(events[0].sequence == 0);
  CHECK(events[1].uid == old.uid);
  CHECK(events[1].status == "CANCELLED");
  CHECK(events[1].sequence == old.sequence + 1);
  CHECK(events[1].start == old.start);
  CHECK(events[1].alarm_days.empty());

  REQUIRE(world
              .ask({.method = Method::delete_,
                    .target = "/v1/sources/" + source,
                    .key = "admin",
                    .headers = {}})
              .status == 204);
  for (const CalendarEvent& event : read_calendar(read_feed(world, feed.path).body)) {
    CHECK(event.status == "CANCELLED");
    CHECK(event.sequence == 1);
  }
  CHECK(names_in(world.get("/v1/expirations")).empty());
}

TEST_CASE("a calendar without names shows ids") {
  World world;
  const std::string source = source_until(world, "alpha", world.clock.now() + days(50));
  const Feed feed = make_feed(world, R"({"name":"Team","names":false})");
  const Answer calendar = read_feed(world, feed.path);
  CHECK_FALSE(calendar.body.contains("alpha"));
  CHECK(read_calendar(calendar.body).at(0).summary == "Bitbucket token of " + source + " expires");
}

TEST_CASE("only a capability that holds opens a calendar, and everything else is not found") {
  World world;
  source_until(world, "alpha", world.clock.now() + days(50));
  const Feed feed = make_feed(world);
  std::string wrong = feed.path;
  wrong[wrong.size() - 5] = wrong[wrong.size() - 5] == '0' ? '1' : '0';
  for (const std::string& path :
       {wrong, std::string("/v1/calendar/x.ics"), feed.path.substr(0, feed.path.size() - 4),
        std::string("/v1/calendar/.ics"), feed.path + "/x"}) {
    const Answer answer = read_feed(world, path);
    CAPTURE(path);
    CHECK(answer.status == 404);
    CHECK(answer.text("/instance").empty() == path.starts_with(wrong.substr(0, 40)));
  }
  CHECK(world.ask({.method = Method::post, .target = feed.path, .headers = {}}).status == 405);
  CHECK(world.ask({.method = Method::head, .target = feed.path, .headers = {}}).status == 200);
  const Answer html = world.ask({.target = feed.path, .headers = {{"accept", "text/html"}}});
  CHECK(html.status == 406);
  CHECK(world
            .ask({.method = Method::delete_,
                  .target = "/v1/calendar-feeds/" + feed.id,
                  .key = "operator",
                  .headers = {}})
            .status == 204);
  const Answer revoked = read_feed(world, feed.path);
  CHECK(revoked.status == 404);
  CHECK(revoked.code() == "resource.not_found");
  CHECK_FALSE(world.get("/v1/calendar-feeds/" + feed.id).json().at("revoked_at").is_null());
}

TEST_CASE("whoever guesses calendars is slowed down") {
  World world;
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    const Answer answer = read_feed(world, fmt::format("/v1/calendar/{:064x}.ics", i));
    if (answer.status == 429) ++refused;
    if (answer.status != 429) CHECK(answer.status == 404);
    if (answer.status == 429) CHECK_FALSE(answer.header("Retry-After").empty());
  }
  CHECK(refused > 100);
}

TEST_CASE("calendar feeds are the operators', shown once, and of the sources that a key sees") {
  World world;
  const std::string a = source_until(world, "alpha", world.clock.now() + days(50));
  source_until(world, "beta", world.clock.now() + days(60));
  for (const char* role : {"reviewer", "auditor"}) {
    CHECK(world.get("/v1/calendar-feeds", role).code() == "auth.forbidden");
    CHECK(world.post("/v1/calendar-feeds", R"({"name":"x"})", role).code() == "auth.forbidden");
  }
  for (const char* body :
       {"{}", R"({"name":""})", R"({"name":"x","names":"no"})", R"({"name":"x","colour":"red"})"}) {
    CHECK(world.post("/v1/calendar-feeds", body).status == 400);
  }
  const Feed whole = make_feed(world);
  storage::ApiKey limited;
  limited.name = "limited";
  limited.roles = {storage::Role::operator_};
  limited.source_ids = {a};
  const std::string key = world.make_key(limited);
  const Feed narrow = make_feed(world, R"({"name":"Narrow"})", key);
  CHECK(read_calendar(read_feed(world, narrow.path).body).size() == 1);
  CHECK(read_calendar(read_feed(world, whole.path).body).size() == 2);
  CHECK(world.get("/v1/calendar-feeds/" + whole.id, key).status == 404);
  CHECK(world.get("/v1/calendar-feeds", key).json().at("items").as_array().size() == 1);
  const Answer list = world.get("/v1/calendar-feeds?limit=1", "operator");
  CHECK(list.json().at("items").as_array().size() == 1);
  CHECK(list.json().at("has_more").as_bool());
  CHECK(world.get(list.text("/next"), "operator").json().at("items").as_array().size() == 1);
  const std::string capability = whole.path.substr(whole.path.rfind('/') + 1, 64);
  CHECK_FALSE(world.get("/v1/calendar-feeds").body.contains(capability));
  CHECK_FALSE(world.get("/v1/calendar-feeds/" + whole.id).body.contains(capability));
  CHECK(world.get("/v1/calendar-feeds/" + whole.id, "other").status == 404);
  CHECK(world.get("/v1/calendar-feeds/cal_x").status == 404);
  CHECK(world
            .ask({.method = Method::delete_,
                  .target = "/v1/calendar-feeds/" + whole.id,
                  .key = "other",
                  .headers = {}})
            .status == 404);
}

TEST_CASE("the URL of a calendar is the public one, and no replay shows it") {
  World world;
  const auto create = [&](const std::string& host) {
    return world.ask({.method = Method::post,
                      .target = "/v1/calendar-feeds",
                      .key = "operator",
                      .body = R"({"name":"x"})",
                      .headers = {{"host", host}, {"idempotency-key", "k-" + host}}});
  };
  CHECK(create("127.0.0.1:8080").text("/url").starts_with("http://127.0.0.1:8080/v1/calendar/"));
  const Answer replay = create("127.0.0.1:8080");
  CHECK(replay.status == 201);
  CHECK(replay.header("Idempotency-Replayed") == "true");
  CHECK(replay.json().at("url").is_null());
  world.settings.server.public_url = "https://evidence.example.com/";
  CHECK(create("10.0.0.1").text("/url").starts_with("https://evidence.example.com/v1/calendar/"));
}

TEST_CASE("hostile names stay text in a calendar") {
  std::string long_name;
  while (long_name.size() < 64 * 1024) long_name += "\xf0\x9f\x98\x80\xd7\x90 ab";
  const std::string hostile[] = {"=cmd() \"quoted\"; a,b\\c",
                                 "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:forged",
                                 "right \xe2\x80\xae to left",
                                 std::string("nul\0inside", 10),
                                 "bad \xff\xc3( utf-8",
                                 "\x1b[31mred",
                                 long_name};
  CalendarContent content;
  content.name = hostile[1];
  for (const std::string& name : hostile) {
    storage::Expiry expiry;
    expiry.source_id = fmt::format("src_{}", content.expiries.size());
    expiry.source_name = name;
    expiry.version = 1;
    expiry.expires_at = Timestamp(1'800'000'000s);
    expiry.declared = true;
    content.expiries.push_back(expiry);
  }
  const std::string text = calendar_text(content);
  for (const char c : {'\0', '\x1b', '\xff'}) CHECK(text.find(c) == std::string::npos);
  CHECK_FALSE(text.contains("\xe2\x80\xae"));
  const auto events = read_calendar(text);
  REQUIRE(events.size() == std::size(hostile));
  CHECK(events[0].summary == "Bitbucket token of =cmd() \"quoted\"; a,b\\c expires");
  CHECK(events[1].summary.contains("forged"));
  CHECK(events[3].summary.contains("inside"));
  CHECK(events[6].summary == "Bitbucket token of " + long_name + " expires");
}
