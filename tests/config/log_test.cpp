// Goal: an event is exactly one line, in both formats, whatever its values hold; secrets that slip
// in are replaced.
// Method: captures standard error and reads the lines back.
#include "config/log.hpp"

#include "config/redact.hpp"
#include "config/time.hpp"
#include "tests/captured_stderr.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace evidenced {
namespace {

using test::CapturedStderr;

/// The one line that `fields` make.
std::string line_of(log::Format format, std::string_view event,
                    std::initializer_list<log::Field> fields) {
  log::configure(log::Level::trace, format);
  const CapturedStderr captured;
  log::info(event, fields);
  const std::vector<std::string> lines = captured.lines();
  log::configure(log::Level::info, log::Format::text);
  REQUIRE(lines.size() == 1);
  return lines.front();
}

boost::json::object json_of(std::string_view event, std::initializer_list<log::Field> fields) {
  return boost::json::parse(line_of(log::Format::json, event, fields)).as_object();
}

const std::string hostile =
    "a\nb\r\tc\x1b[31m\x7f \"q\" \\ \xff\xc3 \xe2\x80\xae\xe2\x80\xa8 \xc3\xa9";

}  // namespace

TEST_CASE("a JSON line holds time, level, event and typed fields") {
  const auto line = json_of(
      "sync finished", {{"source", "src_1"}, {"requests", 12}, {"ratio", 0.5}, {"complete", true}});
  CHECK(parse_timestamp(line.at("time").as_string()).has_value());
  CHECK(line.at("time").as_string().size() == 24);
  CHECK(line.at("level") == "info");
  CHECK(line.at("event") == "sync finished");
  CHECK(line.at("source") == "src_1");
  CHECK(line.at("requests") == 12);
  CHECK(line.at("ratio") == 0.5);
  CHECK(line.at("complete") == true);
}

TEST_CASE("a text line quotes only values that need it") {
  const std::string line = line_of(log::Format::text, "sync finished",
                                   {{"source", "src_1"}, {"detail", "two words"}, {"none", ""}});
  CHECK(line.ends_with(R"(Z info    sync finished source=src_1 detail="two words" none="")"));
}

TEST_CASE("controls, broken UTF-8 and direction marks cannot leave their line") {
  const auto json = json_of("event\nforged line", {{"name", hostile}});
  CHECK(json.at("event") == "event\nforged line");
  const std::string name(json.at("name").as_string());
  CHECK(name.starts_with("a\nb\r\tc\x1b[31m\x7f \"q\" \\ \xef\xbf\xbd\xef\xbf\xbd "));
  CHECK(name.ends_with("\xc3\xa9"));

  const std::string text = line_of(log::Format::text, "event", {{"name", hostile}});
  CHECK(text.ends_with(R"("a\nb\u000d\u0009c\u001b[31m\u007f \"q\" \\ \ufffd\ufffd \u202e\u2028 )"
                       "\xc3\xa9\""));
}

TEST_CASE("events below the level are not written") {
  log::configure(log::Level::warning, log::Format::text);
  const CapturedStderr captured;
  log::info("quiet");
  log::warning("loud");
  log::set_level(log::Level::off);
  log::error("too late");
  CHECK_FALSE(log::enabled(log::Level::error));
  log::configure(log::Level::info, log::Format::text);
  const std::vector<std::string> lines = captured.lines();
  REQUIRE(lines.size() == 1);
  CHECK(lines.front().contains("warning loud"));
}

TEST_CASE("what looks like a secret is replaced in every field and in the event") {
  const std::string token = "ATATT3xFfGF0invented0invented0=1A2B3C4D";
  const std::string line =
      line_of(log::Format::json, "got " + token, {{"header", "Basic " + token}, {"text", token}});
  CHECK_FALSE(line.contains("invented"));
  CHECK(line.contains(R"("event":"got [redacted]")"));
  CHECK(line.contains(R"("header":"Basic [redacted]")"));
}

TEST_CASE("redaction knows the shapes of secrets and leaves words alone") {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"ATBBinvented1234", "[redacted]"},
      {"x=ATCTT3xFfinvented, next", "x=[redacted], next"},
      {"https://u:ATATT3xFinvented@host/", "https://u:[redacted]@host/"},
      {"ev_abcdefghij_0123456789012345678901234567890123456789012_abcdef", "[redacted]"},
      {"authorization: bearer abcdefgh.ijkl", "authorization: bearer [redacted]"},
      {"BASIC dXNlcjpwYXNz", "BASIC [redacted]"},
      {"path=/v1/calendar/0123456789abcdef0123456789abcdef.ics x",
       "path=/v1/calendar/[redacted] x"},
      {"a token that starts with ATBB", "a token that starts with ATBB"},
      {"Send Authorization: Bearer ev_…", "Send Authorization: Bearer ev_…"},
      {"dev_aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "dev_aaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
      {"", ""}};
  for (const auto& [text, expected] : table) {
    CAPTURE(text);
    CHECK(redact(text) == expected);
  }
}

}  // namespace evidenced
