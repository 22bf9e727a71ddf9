// Goal: every error leaves as RFC 9457, whoever makes it. Method: the pure function alone, over the
// whole catalogue and over texts that are no UTF-8.
#include "api/message.hpp"
#include "tests/catch.hpp"

#include <boost/json/parse.hpp>

using namespace evidenced;

namespace {

std::string header(const api::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace

TEST_CASE("every row of the catalogue gives a problem document with its own status and code") {
  for (const Problem& row : problems()) {
    CAPTURE(row.code);
    Error error;
    error.code = Code::from_stored(row.code);
    const api::Response response = api::problem_response(error, "req_1", "/v1/sources");
    const auto body = boost::json::parse(response.body).as_object();
    CHECK(response.status == row.http_status);
    CHECK(body.at("code").as_string() == boost::json::string_view(row.code));
    CHECK(body.at("status").as_int64() == row.http_status);
    CHECK(body.at("type").as_string() == "/v1/problems/" + std::string(row.code));
    CHECK(body.at("request_id").as_string() == "req_1");
    CHECK(body.at("instance").as_string() == "/v1/sources");
    CHECK(body.at("retryable").as_bool() == row.retryable);
    CHECK(header(response, "Content-Type") == "application/problem+json; charset=utf-8");
    CHECK(header(response, "X-Content-Type-Options") == "nosniff");
    CHECK((header(response, "WWW-Authenticate").empty()) == (row.http_status != 401));
    if (row.http_status == 503) CHECK_FALSE(header(response, "Retry-After").empty());
  }
}

TEST_CASE("a problem names fields, causes, scopes and the steps of its remedy") {
  Error error;
  error.code = "credential.scope_missing";
  error.detail = "The token lacks read:project:bitbucket";
  error.fields.push_back({"/credential/token", "credential.scope_missing", "no scope"});
  error.causes.push_back({"no scope was chosen", "likely"});
  error.scopes_required = {"read:project:bitbucket"};
  error.retry_after_seconds = 7;
  const api::Response response = api::problem_response(error, "req_2");
  const auto body = boost::json::parse(response.body).as_object();
  CHECK(body.at("errors").at(0).at("pointer").as_string() == "/credential/token");
  CHECK(body.at("causes").at(0).at("likelihood").as_string() == "likely");
  CHECK(body.at("scopes").at("required").at(0).as_string() == "read:project:bitbucket");
  CHECK(body.at("remedy").as_array().size() >= 1);
  CHECK_FALSE(body.contains("instance"));
  CHECK(header(response, "Retry-After") == "7");
}

TEST_CASE("a detail with control characters and broken UTF-8 still makes JSON") {
  Error error;
  error.code = "request.malformed";
  error.detail = std::string("a\0b\"\\\n\x1b", 7) + "\xff\xc3(\xed\xa0\x80 \xf0\x9f\x98\x80";
  const api::Response response = api::problem_response(error, "req_3");
  const auto body = boost::json::parse(response.body).as_object();
  CHECK(std::string_view(body.at("detail").as_string()).ends_with("\xf0\x9f\x98\x80"));
  CHECK(std::string_view(body.at("detail").as_string()).starts_with(std::string_view("a\0b", 3)));
}
