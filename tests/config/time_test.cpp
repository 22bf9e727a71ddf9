// Goal: every timestamp that Bitbucket is known to send is read exactly, and nothing else is.
// Method: tables of spellings.
#include "config/time.hpp"

#include "tests/catch.hpp"

#include <string>
#include <utility>
#include <vector>

using evidenced::format_duration;
using evidenced::format_rfc3339;
using evidenced::parse_duration;
using evidenced::parse_http_date;
using evidenced::parse_timestamp;
using std::chrono::seconds;

namespace {

std::string reread(std::string_view text) {
  const auto time = parse_timestamp(text);
  return time ? format_rfc3339(*time) : "refused";
}

}  // namespace

TEST_CASE("a timestamp is read in each of its spellings") {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"2026-11-24T05:09:25Z", "2026-11-24T05:09:25.000Z"},
      {"2026-11-24T05:09:25", "2026-11-24T05:09:25.000Z"},
      {"2026-11-24T05:09:25.5Z", "2026-11-24T05:09:25.500Z"},
      {"2026-11-24T05:09:25.123456+00:00", "2026-11-24T05:09:25.123Z"},
      {"2026-11-24T05:09:25.123999", "2026-11-24T05:09:25.123Z"},
      {"2026-11-24T05:09:25.123456789Z", "2026-11-24T05:09:25.123Z"},
      {"2026-11-24T05:09:25+02:00", "2026-11-24T03:09:25.000Z"},
      {"2026-11-24T22:09:25-05:30", "2026-11-25T03:39:25.000Z"},
      {"2026-11-24t05:09:25z", "2026-11-24T05:09:25.000Z"},
      {"2026-11-24 05:09:25", "2026-11-24T05:09:25.000Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
      {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
      {"2016-12-31T23:59:60Z", "2016-12-31T23:59:59.000Z"},
  };
  for (const auto& [text, expected] : table) {
    CAPTURE(text);
    CHECK(reread(text) == expected);
  }
}

TEST_CASE("what is no timestamp, or a day that does not exist, is refused") {
  const std::vector<std::string> table = {"",
                                          "2026-11-24",
                                          "2026-11-24T05:09Z",
                                          "2026-02-29T00:00:00Z",
                                          "2026-13-01T00:00:00Z",
                                          "2026-00-10T00:00:00Z",
                                          "2026-11-24T24:00:00Z",
                                          "2026-11-24T05:60:00Z",
                                          "2026-11-24T05:09:61Z",
                                          "2026-11-24T05:09:25.1234567890Z",
                                          "2026-11-24T05:09:25+0200",
                                          "2026-11-24T05:09:25+24:00",
                                          "2026-11-24T05:09:25 Z",
                                          "2026-11-24T05:09:25Zx",
                                          " 2026-11-24T05:09:25Z",
                                          "26-11-24T05:09:25Z",
                                          "+2026-11-24T05:09:25Z",
                                          "2026-1a-24T05:09:25Z"};
  for (const std::string& text : table) {
    CAPTURE(text);
    CHECK(reread(text) == "refused");
  }
}

TEST_CASE("a duration is read in ISO 8601 and written in the largest unit that holds it") {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"PT1H", "PT1H"},    {"PT60M", "PT1H"},
      {"PT3600S", "PT1H"}, {"PT1H30M", "PT90M"},
      {"PT90S", "PT90S"},  {"P1D", "P1D"},
      {"PT24H", "P1D"},    {"P1DT12H", "PT36H"},
      {"PT0S", "PT0S"},    {"P2DT3H4M5S", "PT183845S"},
      {"P1W", "P7D"}};
  for (const auto& [text, expected] : table) {
    CAPTURE(text);
    const auto duration = parse_duration(text);
    REQUIRE(duration.has_value());
    CHECK(format_duration(*duration) == expected);
  }
  CHECK(parse_duration("P2DT3H4M5S") == seconds(183845));
}

TEST_CASE("what is no duration of weeks, days, hours, minutes and seconds is refused") {
  const std::vector<std::string> table = {"",
                                          "P",
                                          "PT",
                                          "1H",
                                          "PT1",
                                          "PT-1H",
                                          "P1H",
                                          "PT1D",
                                          "PT1H1H",
                                          "PT1M1H",
                                          "P1W1D",
                                          "P1DT1W",
                                          "PT1W",
                                          "P1Y",
                                          "PT1.5S",
                                          "pt1h",
                                          "P1DT",
                                          "PT1H ",
                                          "PTT1H",
                                          "PT1234567890S",
                                          "PT" + std::string(5000, '9') + "S"};
  for (const std::string& text : table) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text).has_value());
  }
}

TEST_CASE("an HTTP date is read in its fixed form only") {
  const auto time = parse_http_date("Wed, 21 Oct 2026 07:28:00 GMT");
  REQUIRE(time.has_value());
  CHECK(format_rfc3339(*time) == "2026-10-21T07:28:00.000Z");
  for (const std::string text :
       {"", "120", "Wed, 21 Oct 2026 07:28:00", "Wed, 21 Oct 2026 07:28:00 UTC",
        "Wed, 32 Oct 2026 07:28:00 GMT", "Wed, 21 oct 2026 07:28:00 GMT",
        "Wednesday, 21-Oct-26 07:28:00 GMT", "Wed Oct 21 07:28:00 2026",
        "Wed, 31 Feb 2026 07:28:00 GMT", "Wed, 21 Oct 2026 25:28:00 GMT"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_date(text).has_value());
  }
}
