// Goal: every answer that is not a page gets the right code, and only what time can mend is tried
// again. Method: the exact bodies of Bitbucket as tables; waits on a seeded random.
#include "connector/retry.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using evidenced::Code;
using evidenced::Error;
using evidenced::Random;
using evidenced::Timestamp;
using evidenced::connector::class_of;
using evidenced::connector::failure_of;
using evidenced::connector::FailureClass;
using evidenced::connector::HttpResponse;
using evidenced::connector::Retry;
using evidenced::connector::retry_after;

class RetryDice final : public Random {
 public:
  void fill(std::span<unsigned char> out) override {
    for (unsigned char& byte : out) byte = static_cast<unsigned char>(engine_());
  }

 private:
  std::mt19937_64 engine_{20261124};
};

HttpResponse http_answer(int status, std::string type, std::string body) {
  return {
      .status = status, .headers = {{"content-type", std::move(type)}}, .body = std::move(body)};
}

HttpResponse json(int status, std::string body) {
  return http_answer(status, "application/json; charset=utf-8", std::move(body));
}

Error failure(const HttpResponse& response) {
  const std::optional<Error> error = failure_of(response);
  REQUIRE(error);
  return *error;
}

TEST_CASE("a page of JSON is no failure") {
  const std::string type = GENERATE(as<std::string>{}, "application/json", "Application/JSON",
                                    "application/json; charset=utf-8", "application/problem+json");
  CHECK_FALSE(failure_of(http_answer(200, type, "{}")));
}

TEST_CASE("200 without a media type is left to the parser") {
  CHECK_FALSE(failure_of({.status = 200, .headers = {}, .body = "{}"}));
}

TEST_CASE("the status decides the code, whatever the body is") {
  const std::vector<std::pair<int, std::string>> codes = {
      {200, "upstream.invalid_json"}, {201, "upstream.invalid_json"}, {202, "upstream.unavailable"},
      {204, "upstream.invalid_json"}, {301, "upstream.redirect"},     {302, "upstream.redirect"},
      {304, "upstream.redirect"},     {307, "upstream.redirect"},     {308, "upstream.redirect"},
      {400, "upstream.refused"},      {401, "upstream.unauthorized"}, {402, "stream.forbidden"},
      {403, "stream.forbidden"},      {404, "stream.not_found"},      {405, "upstream.refused"},
      {408, "upstream.timeout"},      {409, "upstream.unavailable"},  {410, "upstream.removed"},
      {429, "upstream.rate_limited"}, {500, "upstream.unavailable"},  {501, "upstream.refused"},
      {502, "upstream.unavailable"},  {503, "upstream.unavailable"},  {504, "upstream.unavailable"},
      {555, "upstream.oversized"},    {599, "upstream.unavailable"},
  };
  const std::string body =
      GENERATE(as<std::string>{}, "", "<html><body>Oops</body></html>", "[1]", "null", "\"text\"",
               "{", R"({"error":7})", R"({"error":{"message":{},"detail":[1],"data":3}})",
               R"({"error":{"detail":{"required":"x","granted":[1,null]}}})");
  for (const auto& [status, code] : codes) {
    CAPTURE(status, body);
    CHECK(failure(http_answer(status, "text/html", body)).code.text() == code);
  }
}

TEST_CASE("the words of an answer are kept in the detail") {
  struct Row {
    HttpResponse response;
    const char* detail;
  };
  const std::vector<Row> rows = {
      {json(401, R"({"type":"error","error":{"message":"Access token expired."}})"),
       "401 Access token expired."},
      {http_answer(401, "", ""), "401 without a body"},
      {json(403,
            R"({"type":"error","error":{"message":"You do not have access to this workspace."}})"),
       "403 You do not have access to this workspace."},
      {json(404, R"({"error":{"message":"Repository ws/slug not found."}})"),
       "404 Repository ws/slug not found."},
      {json(404, R"({"type":"error","error":{"message":"Resource not found",)"
                 R"("detail":"There is no API hosted at this URL"}})"),
       "404 Resource not found: There is no API hosted at this URL"},
      {http_answer(404, "text/plain", "Not\nFound"), "404 Not Found"},
      {http_answer(404, "text/html; charset=utf-8", "<html>Not found</html>"),
       "404 with a body of type text/html"},
      {json(400, R"({"type":"error","error":{"message":"Invalid pagelen"}})"),
       "400 Invalid pagelen"},
      {json(400, R"({"key":"report-service.general.bad-request","message":"Bad","arguments":{}})"),
       "400 Bad"},
      {http_answer(429, "text/plain", "Rate limit for this resource has been exceeded"),
       "429 Rate limit for this resource has been exceeded"},
      {http_answer(200, "text/html", "<html>"), "200 with a body of type text/html"},
  };
  for (const Row& row : rows) CHECK(failure(row.response).detail == row.detail);
}

TEST_CASE("a 403 about scopes names what is required and granted") {
  const Error error = failure(
      json(403, R"({"type":"error","error":{"message":"Your credentials lack one or more required )"
                R"(privilege scopes.","detail":{"required":["read:user:bitbucket"],)"
                R"("granted":["write:repository:bitbucket","read:pullrequest:bitbucket"]}}})"));
  CHECK(error.code.text() == "credential.scope_missing");
  CHECK(error.scopes_required == std::vector<std::string>{"read:user:bitbucket"});
  CHECK(error.scopes_granted ==
        std::vector<std::string>{"write:repository:bitbucket", "read:pullrequest:bitbucket"});
}

TEST_CASE("a 403 about scopes that lists none takes them from the headers") {
  HttpResponse response = json(403, R"({"error":{"message":"Your credentials lack one or more )"
                                    R"(required privilege scopes."}})");
  response.headers.emplace_back("x-accepted-oauth-scopes", "project");
  response.headers.emplace_back("x-oauth-scopes", "account, pullrequest:write");
  const Error error = failure(response);
  CHECK(error.code.text() == "credential.scope_missing");
  CHECK(error.scopes_required == std::vector<std::string>{"project"});
  CHECK(error.scopes_granted == std::vector<std::string>{"account", "pullrequest:write"});
}

TEST_CASE("a removed API names its announcement") {
  const std::string url = "https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-2770";
  const std::string body = GENERATE(
      as<std::string>{},
      R"({"type":"error","error":{"message":"CHANGE-2770 - Functionality has been deprecated",)"
      R"("detail":"Please read the changelog entry for more details.","data":{"announcement_url":)"
      R"("https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-2770"}}})",
      R"({"error":{"message":"Gone"},"data":{"announcement_url":)"
      R"("https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-2770"}})",
      R"({"error":{"message":"Resource removed","detail":"See: )"
      R"(https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-2770"}})");
  const Error error = failure(json(410, body));
  CHECK(error.code.text() == "upstream.removed");
  CHECK(error.detail.find(url) != std::string::npos);
}

TEST_CASE("hostile words are cut, kept on one line and stripped of secrets") {
  const std::string token = "ATATT3xFfGF0" + std::string(180, 'x') + "=0A1B2C3D";
  const std::string words = "a\\u0000b\\r\\nc\\u001b[31m\\u202e " + token + " ada@example.com " +
                            std::string(100000 / 8, 'y');
  const Error error = failure(json(403, R"({"error":{"message":")" + words + R"("}})"));
  CHECK(error.detail.size() < 300);
  CHECK(error.detail.starts_with("403 a b c [31m "));
  CHECK(error.detail.find("xxxx") == std::string::npos);
  CHECK(error.detail.find("ada@") == std::string::npos);
  CHECK(std::ranges::none_of(error.detail, [](char c) { return c >= 0 && c < 0x20; }));
}

TEST_CASE("the cut never splits a character") {
  const Error error = failure(http_answer(404, "text/plain", std::string(239, 'a') + "éééé"));
  CHECK(error.detail == "404 " + std::string(239, 'a') + "…");
}

TEST_CASE("only transient failures are tried again") {
  RetryDice random;
  const std::vector<std::pair<Code, FailureClass>> classes = {
      {"upstream.unauthorized", FailureClass::configuration},
      {"credential.scope_missing", FailureClass::configuration},
      {"stream.forbidden", FailureClass::configuration},
      {"stream.not_found", FailureClass::configuration},
      {"upstream.unavailable", FailureClass::transient},
      {"upstream.timeout", FailureClass::transient},
      {"upstream.reset", FailureClass::transient},
      {"upstream.truncated", FailureClass::transient},
      {"upstream.dns", FailureClass::transient},
      {"upstream.connect", FailureClass::transient},
      {"upstream.rate_limited", FailureClass::transient},
      {"upstream.removed", FailureClass::system},
      {"upstream.invalid_json", FailureClass::system},
      {"upstream.oversized", FailureClass::system},
      {"upstream.pagination_loop", FailureClass::system},
      {"upstream.foreign_link", FailureClass::system},
      {"upstream.redirect", FailureClass::system},
      {"upstream.refused", FailureClass::system},
      {"upstream.tls_hostname", FailureClass::system},
      {"upstream.tls_expired", FailureClass::system},
      {"upstream.tls_untrusted", FailureClass::system},
      {"upstream.tls_version", FailureClass::system},
      {"upstream.cancelled", FailureClass::system},
  };
  for (const auto& [code, failure_class] : classes) {
    CAPTURE(code.text());
    CHECK(class_of(code) == failure_class);
    Error error;
    error.code = code;
    Retry retry({}, random);
    CHECK(retry.next_wait(error, std::nullopt).has_value() ==
          (failure_class == FailureClass::transient));
  }
}

TEST_CASE("waits have full jitter under a doubling bound, six attempts in all") {
  RetryDice random;
  Error error;
  error.code = "upstream.unavailable";
  std::vector<std::chrono::milliseconds> longest(5, 0ms);
  for (int trial = 0; trial < 500; ++trial) {
    Retry retry({}, random);
    for (int n = 0; n < 5; ++n) {
      const auto wait = retry.next_wait(error, std::nullopt);
      REQUIRE(wait);
      CHECK(*wait >= 0ms);
      CHECK(*wait <= 1000ms * (1 << n));
      longest[static_cast<std::size_t>(n)] = std::max(longest[static_cast<std::size_t>(n)], *wait);
    }
    CHECK_FALSE(retry.next_wait(error, std::nullopt));
    CHECK(retry.attempts() == 6);
  }
  for (int n = 0; n < 5; ++n) CHECK(longest[static_cast<std::size_t>(n)] > 900ms * (1 << n));
}

TEST_CASE("the bound of waits stops at the cap") {
  RetryDice random;
  Error error;
  error.code = "upstream.reset";
  Retry retry({.attempts = 200, .base = 1000ms, .cap = 3000ms}, random);
  while (const auto wait = retry.next_wait(error, std::nullopt)) CHECK(*wait <= 3000ms);
  CHECK(retry.attempts() == 200);
}

TEST_CASE("what the answer asks for is waited, and a 429 is not counted") {
  RetryDice random;
  Retry retry({}, random);
  Error error;
  error.code = "upstream.unavailable";
  CHECK(retry.next_wait(error, 17s) == 17s);
  RetryDice same;
  RetryDice again;
  Retry asked({}, same);
  Retry alone({}, again);
  while (const auto wait = alone.next_wait(error, std::nullopt)) {
    CHECK(asked.next_wait(error, 0s) == wait);
  }
  error.code = "upstream.rate_limited";
  for (int n = 0; n < 50; ++n) CHECK(retry.next_wait(error, 17s) == 0s);
  CHECK(retry.attempts() == 1);
}

TEST_CASE("Retry-After is read as seconds or as a date, up to an hour") {
  const Timestamp now = *evidenced::parse_timestamp("2026-11-24T08:00:00Z");
  const std::vector<std::pair<std::string, std::optional<std::chrono::seconds>>> values = {
      {"", std::nullopt},
      {"0", 0s},
      {"120", 120s},
      {"86400", 3600s},
      {"99999999999999999999999", 3600s},
      {"-5", std::nullopt},
      {"1.5", std::nullopt},
      {"soon", std::nullopt},
      {"Tue, 24 Nov 2026 08:00:30 GMT", 30s},
      {"Tue, 24 Nov 2026 07:59:00 GMT", 0s},
      {"Wed, 25 Nov 2026 08:00:00 GMT", 3600s},
  };
  for (const auto& [value, expected] : values) {
    CAPTURE(value);
    HttpResponse response = http_answer(429, "text/plain", "");
    response.headers.emplace_back("retry-after", value);
    CHECK(retry_after(response, now) == expected);
  }
}

TEST_CASE("a failure carries the seconds that need no clock") {
  HttpResponse response = http_answer(503, "text/plain", "");
  CHECK(failure(response).retry_after_seconds == 0);
  response.headers.emplace_back("retry-after", "90");
  CHECK(failure(response).retry_after_seconds == 90);
  response.headers.back().second = "Tue, 24 Nov 2026 08:00:30 GMT";
  CHECK(failure(response).retry_after_seconds == 0);
}

}  // namespace
