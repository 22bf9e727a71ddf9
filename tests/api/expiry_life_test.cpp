// Goal: over the year of a token and twenty restarts each threshold is told of at its time and once
// in every channel: events, log, metrics, expirations, the source, a calendar (S8, P8; issue: hold
// 8). Method: the real connector behind the API on virtual time; the machine is off between the
// thresholds and restarted around each; the log is standard error.
#include "tests/api/calendar_reader.hpp"
#include "tests/api/expiring.hpp"
#include "tests/api/live_world.hpp"
#include "tests/captured_stderr.hpp"

#include <algorithm>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;
using std::chrono::days;

namespace {

constexpr int thresholds[] = {30, 14, 7, 3, 1, 0};

simulator::WorldOptions tiny() {
  simulator::WorldOptions options;
  options.people = 3;
  options.repositories = 1;
  options.pull_requests = 2;
  return options;
}

/// A source whose token lives for a year, and rests; a calendar of it.
struct Year {
  Year() : live(tiny()) {
    const simulator::Token& token = live.bitbucket.add_token();
    const std::string email = live.bitbucket.world().people[token.person].email;
    expires_at = live.world.clock.now() + days(365);
    const Answer made = live.world.post(
        "/v1/sources", fmt::format(R"({{"name":"Live","credential":{{"email":"{}","token":"{}",)"
                                   R"("expires_at":"{}"}}}})",
                                   email, token.token, format_rfc3339(expires_at)));
    REQUIRE(made.status == 201);
    source = made.text("/id");
    CHECK(live.watch(first_sync(made)).text("/result") == "succeeded");
    REQUIRE(live.world.post("/v1/sources/" + source + "/pause", "{}").status == 200);
    calendar = live.world.post("/v1/calendar-feeds", R"({"name":"Team"})").text("/url");
  }

  void restart_after(std::chrono::nanoseconds time) {
    live.restart_after(time);
    ++restarts;
  }

  void run_until(Timestamp time) { live.run_for(time - live.world.clock.now()); }

  std::size_t logged(int threshold) const {
    const std::string said = threshold == 0 ? "credential has expired" : "credential expires soon";
    const std::string which = fmt::format(" threshold_days={} ", threshold);
    return static_cast<std::size_t>(
        std::ranges::count_if(log.lines(), [&](const std::string& line) {
          return line.contains(said) && line.contains(which) && line.contains(source);
        }));
  }

  /// In each channel the first `count` thresholds are told of, once and within a minute.
  void check_told(std::size_t count) {
    CAPTURE(count, restarts);
    World& world = live.world;
    const auto events =
        world.get("/v1/changes?type=credential.expiring&type=credential.expired").json();
    const auto& told = events.at("items").as_array();
    REQUIRE(told.size() == count);
    const auto row = world.get("/v1/expirations").json().at("items").at(0);
    const auto& notices = row.at("notices").as_array();
    REQUIRE(notices.size() == count);
    const std::string metrics = world.get("/metrics").body;
    for (std::size_t i = 0; i < std::size(thresholds); ++i) {
      CAPTURE(thresholds[i]);
      const bool given = i < count;
      CHECK(logged(thresholds[i]) == (given ? 1U : 0U));
      const std::string series = fmt::format(
          "evidenced_credential_notices_total{{threshold_days=\"{}\"}} ", thresholds[i]);
      CHECK(metrics.contains(series + "1\n") == given);
      CHECK_FALSE(metrics.contains(series + "2"));
      if (!given) continue;
      const Timestamp due = expires_at - days(thresholds[i]);
      CHECK(told[i].at("data").at("threshold_days").as_int64() == thresholds[i]);
      for (const auto& at : {told[i].at("at"), notices[i].at("given_at")}) {
        const auto time = parse_timestamp(at.as_string());
        REQUIRE(time);
        CHECK(*time >= due);
        CHECK(*time - due <= 1min);
      }
      CHECK(notices[i].at("threshold_days").as_int64() == thresholds[i]);
    }
    const bool expired = count == std::size(thresholds);
    const std::string state = expired ? "expired" : count == 0 ? "ok" : "expiring";
    CHECK(row.at("state").as_string() == state);
    const auto credential = world.get("/v1/sources/" + source).json().at("credential");
    CHECK(credential.at("days_left") == row.at("days_left"));
    CHECK((credential.at("days_left").as_int64() < 0) == expired);
    check_calendar();
  }

  /// One event with six alarms, whatever was told.
  void check_calendar() {
    const Answer read = live.world.ask({.target = calendar});
    REQUIRE(read.status == 200);
    const auto entries = read_calendar(read.body);
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].uid == source + "-1@evidenced");
    CHECK(entries[0].start ==
          std::chrono::floor<std::chrono::seconds>(expires_at).time_since_epoch().count());
    CHECK(entries[0].alarm_days == std::vector<int>(std::begin(thresholds), std::end(thresholds)));
  }

  evidenced::test::CapturedStderr log;
  LiveWorld live;
  std::string source;
  std::string calendar;
  Timestamp expires_at{};
  int restarts = 0;
};

}  // namespace

TEST_CASE(
    "in a year of twenty restarts each channel tells of each threshold at its time and once") {
  Year year;
  year.check_told(0);
  for (std::size_t i = 0; i < std::size(thresholds); ++i) {
    const Timestamp due = year.expires_at - days(thresholds[i]);
    year.restart_after(due - 2h - year.live.world.clock.now());
    year.run_until(due - 1min);
    year.check_told(i);
    year.run_until(due + 1min);
    year.check_told(i + 1);
    for (const auto off : {1min, 90min}) {
      year.restart_after(off);
      year.live.run_for(2min);
      year.check_told(i + 1);
    }
  }
  for (const auto off : {1h, 24 * 30h}) {
    year.restart_after(off);
    year.live.run_for(2min);
    year.check_told(std::size(thresholds));
  }
  CHECK(year.restarts == 20);
}
