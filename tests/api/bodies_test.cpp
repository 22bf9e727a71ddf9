// Goal: no body gets further than it should, and what is refused is refused by name. Method: whole
// requests with bodies that are hostile, wrong or merely unusual.
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <boost/json/serialize.hpp>

#include <ctime>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;

namespace {

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

Answer post_as(World& world, const std::string& media, const std::string& body) {
  return world.ask({.method = Method::post,
                    .target = "/v1/sources",
                    .key = "admin",
                    .body = body,
                    .headers = {{"content-type", media}}});
}

}  // namespace

TEST_CASE("hostile JSON is refused with a pointer, and costs little") {
  World world;
  std::string keys = "{", duplicates = "{", zeros = "[0", objects = "[{}";
  while (keys.size() < 1'000'000) keys += "\"k" + std::to_string(keys.size()) + "\":0,";
  while (duplicates.size() < 100'000) duplicates += "\"k\":0,";
  while (zeros.size() < 1'000'000) zeros += ",0";
  while (objects.size() < 1'000'000) objects += ",{}";
  for (const std::string& body :
       {std::string(100'000, '['), std::string(1'000'000, '{'), keys + "\"z\":0}",
        duplicates + "\"z\":0}", zeros + "]", objects + "]", std::string(R"({"name":1e400})"),
        std::string(R"({"name":18446744073709551617})"), std::string(R"({"name":"\ud800"})"),
        std::string("{\"name\":\"\xff\"}"), std::string("\xEF\xBB\xBF{}"),
        std::string("{\"name\":\"a\0b\"}", 14), "\"" + std::string(1'000'000, 'x') + "\""}) {
    CAPTURE(body.substr(0, 30), body.size());
    const double before = cpu_seconds();
    const Answer answer = world.post("/v1/sources", body);
    CHECK(cpu_seconds() - before < 2);  // a bound for slow machines and sanitizers
    CHECK(answer.status == 400);
    CHECK_FALSE(answer.json().at("errors").as_array().empty());
  }
  CHECK(world.control.probes == 0);
}

TEST_CASE("nothing is parsed for who has no key") {
  World world;
  const Answer answer = world.post("/v1/sources", "{not json", "");
  CHECK(answer.status == 401);
}

TEST_CASE("only JSON in UTF-8 is taken as JSON") {
  World world;
  CHECK(post_as(world, "text/plain", registration()).status == 415);
  CHECK(post_as(world, "application/x-www-form-urlencoded", "a=b").code() == "request.media_type");
  CHECK(post_as(world, "application/json; charset=latin-1", registration()).status == 415);
  CHECK(post_as(world, "application/merge-patch+json", registration()).status == 415);
  CHECK(post_as(world, "", registration()).status == 415);
  CHECK(post_as(world, "Application/JSON; charset=UTF-8", registration()).status == 201);
}

TEST_CASE("a member that is unknown, read-only or doubled is refused, wherever it stands") {
  World world;
  const auto pointer = [&](const std::string& body) {
    const Answer answer = world.post("/v1/sources", body);
    CHECK(answer.status == 400);
    return answer.code() + " " + answer.text("/errors/0/pointer");
  };
  CHECK(pointer(registration(R"(,"id":"src_1")")) == "request.unknown_field /id");
  CHECK(pointer(registration(R"(,"state":"paused")")) == "request.unknown_field /state");
  CHECK(pointer(registration(R"(,"name":"twice")")) == "request.duplicate_key /name");
  CHECK(pointer(registration(R"(,"schedule":{"cron":"* * * * *"})")) ==
        "request.unknown_field /schedule/cron");
  CHECK(pointer(registration(R"(,"workspaces":["../x"])")) ==
        "request.invalid_field /workspaces/0");
  CHECK(pointer(registration(R"(,"tags":["a",2])")) == "request.invalid_field /tags/1");
  CHECK(pointer("[]") == "request.invalid_field ");
  CHECK(pointer("") == "request.invalid_field ");
  CHECK(world.control.probes == 0);
}

TEST_CASE("an error never says back what may be secret") {
  World world;
  const std::string token(canary_token), email(canary_email);
  for (const std::string& body :
       {R"({"name":"x","credential":{"email":")" + email + R"(","token":[")" + token + "\"]}}",
        R"({"name":7,"credential":{"email":")" + email + R"(","token":")" + token + "\"}}",
        R"({"name":"x","credential":{"email":")" + email + R"(","token":")" + token + " \"}}",
        R"({"name":"x","credential":")" + token + "\"}",
        R"({"name":"x","kind":")" + token + R"(","credential":{}})",
        R"({"name":"x","credential":{"email":")" + email + R"(","token":")" + token}) {
    const Answer answer = world.post("/v1/sources", body);
    CHECK(answer.status >= 400);
    CHECK(answer.body.find(token) == std::string::npos);
    CHECK(answer.body.find(email) == std::string::npos);
  }
}

TEST_CASE("API keys are made with rights that exist and an end that is near enough") {
  World world;
  const auto pointer = [&](const std::string& body) {
    const Answer answer = world.post("/v1/api-keys", body);
    CHECK(answer.status == 400);
    return answer.text("/errors/0/pointer");
  };
  CHECK(pointer(R"({"name":"x","roles":[]})") == "/roles");
  CHECK(pointer(R"({"name":"x","roles":["root"]})") == "/roles/0");
  CHECK(pointer(R"({"name":"x","roles":["admin"],"expires_at":"2001-01-01T00:00:00Z"})") ==
        "/expires_at");
  CHECK(pointer(R"({"name":"x","roles":["admin"],"expires_at":"2101-01-01T00:00:00Z"})") ==
        "/expires_at");
  CHECK(pointer(R"({"name":"x","roles":["admin"],"source_ids":["src_none"]})") == "/source_ids/0");
  CHECK(pointer(R"({"name":"x","roles":["admin"],)"
                R"("window":{"from":"2026-02-01T00:00:00Z","to":"2026-01-01T00:00:00Z"}})") ==
        "/window");
  const Answer made = world.post("/v1/api-keys", R"({"name":"x","roles":["auditor","auditor"],)"
                                                 R"("window":{"from":"2026-01-01T00:00:00Z"}})");
  CHECK(made.status == 201);
  CHECK(made.json().at("roles").as_array().size() == 1);
  CHECK(made.text("/window/from") == "2026-01-01T00:00:00.000Z");
}
