// Goal: the commands about expiry ask for the right thing and end with the right code. Method: a
// tiny server that answers as it is told.
#include "tests/catch.hpp"
#include "tests/server/cli_world.hpp"

#include <fmt/format.h>

using namespace evidenced::test;

namespace {

std::string expirations(int days_left) {
  return fmt::format(
      R"({{"items":[{{"source_id":"src_1","source_name":"Main","expires_at":)"
      R"("2027-10-31T00:00:00.000Z","expiry_source":"declared","days_left":{},"state":"expiring",)"
      R"("next_notice":{{"threshold_days":1,"at":"2027-10-30T00:00:00.000Z"}}}}],"next":null}})",
      days_left);
}

}  // namespace

TEST_CASE("expirations ends with 3 when a credential expires within a week or has expired") {
  int days_left = 0;
  const TinyServer server([&](const Seen&) { return reply(200, expirations(days_left)); });
  for (const auto& [days, exit_code] : {std::pair{7, 0}, {200, 0}, {6, 3}, {0, 3}, {-1, 3}}) {
    CAPTURE(days);
    days_left = days;
    for (const char* format : {"table", "json", "jsonl", "csv"}) {
      const CliResult result = cli_for(server).run({"expirations", "-o", format});
      CHECK(result.exit_code == exit_code);
      CHECK(result.out.contains("src_1"));
    }
  }
  cli_for(server).run(
      {"expirations", "--state", "expired", "--expires-before", "2027-01-01T00:00:00Z"});
  CHECK(server.seen().back().target ==
        "/v1/expirations?state=expired&expires_before=2027-01-01T00%3A00%3A00Z&limit=100");
}

TEST_CASE("the URL of a new calendar is the only thing on standard output") {
  const TinyServer server([](const Seen&) {
    return reply(201, R"({"id":"cal_1","url":"https://example.com/v1/calendar/abc.ics"})");
  });
  const CliResult result = cli_for(server).run({"calendar", "create", "--name", "Team"});
  CHECK(result.exit_code == 0);
  CHECK(result.out == "https://example.com/v1/calendar/abc.ics\n");
  CHECK(server.seen().back().body == R"({"name":"Team"})");
  cli_for(server).run({"calendar", "create", "--name", "Team", "--without-names"});
  CHECK(server.seen().back().body == R"({"name":"Team","names":false})");
  CHECK(cli_for(server).run({"calendar", "create"}).exit_code == 2);
}

TEST_CASE("calendars are listed and revoked") {
  const TinyServer server([](const Seen& seen) {
    if (seen.method == "DELETE") return raw_reply("HTTP/1.1 204 No Content\r\n\r\n");
    return reply(200, R"({"items":[{"id":"cal_1","name":"Team","names":true}],"next":null})");
  });
  CHECK(cli_for(server).run({"calendar", "list"}).out.contains("cal_1"));
  const CliResult revoked = cli_for(server).run({"calendar", "revoke", "cal_1"});
  CHECK(revoked.exit_code == 0);
  CHECK(revoked.err == "cal_1 is revoked\n");
  CHECK(server.seen().back().target == "/v1/calendar-feeds/cal_1");
}
