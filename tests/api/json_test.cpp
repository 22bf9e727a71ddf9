// Goal: nothing that a client sends as JSON is misread, and everything wrong is named at once.
// Method: the reader and the schemas alone.
#include "api/json_in.hpp"
#include "api/limits.hpp"
#include "api/schema.hpp"
#include "tests/catch.hpp"

#include <algorithm>

using namespace evidenced;
using namespace evidenced::api;

namespace {

/// The pointer of what cannot be read, or "(read)".
std::string refused_at(std::string_view body) {
  const Result<JsonDocument> document = read_json(body);
  if (document) return "(read)";
  CHECK(document.error().code == Code("request.malformed"));
  REQUIRE(document.error().fields.size() == 1);
  return document.error().fields[0].pointer;
}

std::vector<std::string> wrong(std::string_view body, std::string_view schema) {
  static const Schemas schemas;
  Result<JsonDocument> document = read_json(body);
  REQUIRE(document);
  std::vector<std::string> places;
  for (const FieldError& error : schemas.check(document->value, schema)) {
    places.push_back(error.pointer + " " + error.code);
  }
  std::ranges::sort(places);
  return places;
}

}  // namespace

TEST_CASE("a document is read into values with their exact numbers and text") {
  const auto read = read_json(R"( {"a":[1,-2,0.5,true,null],"b":{"c":"\u00e9\ud83d\ude00\n"}} )");
  REQUIRE(read);
  const Json& root = read->value;
  CHECK(root.find("a")->items[1].integer == -2);
  CHECK(root.find("a")->items[2].number == 0.5);
  CHECK(root.find("a")->items[3].boolean);
  CHECK(root.find("a")->items[4].is_null());
  CHECK(root.find("b")->text_or("c") == "é😀\n");
  CHECK(read->errors.empty());
}

TEST_CASE("what is not JSON is refused with the place where reading stopped") {
  CHECK(refused_at("") == "");
  CHECK(refused_at("{") == "");
  CHECK(refused_at("{\"a\":}") == "/a");
  CHECK(refused_at("{\"a\":[1,2,}") == "/a/1");
  CHECK(refused_at("{} {}") == "");
  CHECK(refused_at("{'a':1}") == "");
  CHECK(refused_at("{\"a\":01}") == "/a");
  CHECK(refused_at("{\"a\":NaN}") == "/a");
  CHECK(refused_at("{\"a\":1,}") == "/a");
  CHECK(refused_at("/* no */{}") == "");
  CHECK(refused_at("\xEF\xBB\xBF{}") == "");
  CHECK(refused_at("{\"a/b~c\":tru}") == "/a~1b~0c");
}

TEST_CASE("numbers that cannot be kept exactly are refused") {
  CHECK(refused_at("{\"a\":{\"b\":[0,1e400]}}") == "/a/b/1");
  CHECK(refused_at("{\"a\":18446744073709551617}") == "/a");
  CHECK(refused_at("{\"a\":18446744073709551615}") == "/a");
  CHECK(refused_at("{\"a\":-9223372036854775809}") == "/a");
  CHECK(refused_at("{\"a\":9223372036854775807}") == "(read)");
}

TEST_CASE("text that is no text is refused") {
  CHECK(refused_at("{\"a\":\"\xff\"}") == "/a");
  CHECK(refused_at("{\"a\":\"\xed\xa0\x80\"}") == "/a");
  CHECK(refused_at("{\"a\":\"\xc0\xaf\"}") == "/a");
  CHECK(refused_at(R"({"a":"\ud800"})") == "/a");
  CHECK(refused_at(R"({"a":"\udc00x"})") == "/a");
  CHECK(refused_at(R"({"a":"\u0000"})") == "/a");
  CHECK(refused_at(std::string("{\"a\":\"\0\"}", 9)) == "/a");
  CHECK(refused_at(std::string("{}\0", 3)) == "");
  CHECK(refused_at("{\"a\":\"\n\"}") == "/a");
}

TEST_CASE("depth, members, strings and values are bounded") {
  CHECK(refused_at(std::string(32, '[') + std::string(32, ']')) == "(read)");
  CHECK(refused_at(std::string(33, '[') + std::string(33, ']')) != "(read)");
  CHECK(refused_at(std::string(100'000, '[')) != "(read)");

  std::string object = "{";
  for (std::size_t i = 0; i < limits::json_keys; ++i) object += "\"k" + std::to_string(i) + "\":0,";
  CHECK(refused_at(object + "\"x\":0}") != "(read)");
  object.back() = '}';
  CHECK(refused_at(object) == "(read)");

  CHECK(refused_at("[\"" + std::string(limits::json_string, 'a') + "\"]") == "(read)");
  CHECK(refused_at("[\"" + std::string(limits::json_string + 1, 'a') + "\"]") != "(read)");

  std::string zeros = "[0";
  while (zeros.size() < limits::json_body - 3) zeros += ",0";
  CHECK(refused_at(zeros + "]") != "(read)");
}

TEST_CASE("a member sent twice is an error at its place, wherever it is") {
  const auto read = read_json(R"({"a":1,"b":[{"x":1,"y":2,"x":3,"x":4}],"a":2})");
  REQUIRE(read);
  REQUIRE(read->errors.size() == 2);
  CHECK(read->errors[0].pointer == "/b/0/x");
  CHECK(read->errors[0].code == "request.duplicate_key");
  CHECK(read->errors[1].pointer == "/a");
}

TEST_CASE("all that is wrong with a request is named at once") {
  const std::string_view body = R"({"name":"","kind":"github","credential":{"email":7,
    "expires_at":"tomorrow","colour":"red"},"workspaces":[],"schedule":{"interval":"1h"},
    "tags":["",1],"state":"active"})";
  CHECK(wrong(body, "SourceInput") ==
        std::vector<std::string>{
            "/credential/colour request.unknown_field", "/credential/email request.invalid_field",
            "/credential/expires_at request.invalid_field",
            "/credential/token request.invalid_field", "/kind request.invalid_field",
            "/name request.invalid_field", "/schedule/interval request.invalid_field",
            "/state request.unknown_field", "/tags/0 request.invalid_field",
            "/tags/1 request.invalid_field", "/workspaces request.invalid_field"});
}

TEST_CASE("a choice of shapes names the shape that was meant") {
  CHECK(wrong(R"({"workspaces":"some"})", "SourcePatch") ==
        std::vector<std::string>{"/workspaces request.invalid_field"});
  CHECK(wrong(R"({"workspaces":["a",1]})", "SourcePatch") ==
        std::vector<std::string>{"/workspaces/1 request.invalid_field"});
  CHECK(wrong(R"({"workspaces":null,"schedule":null,"tags":null})", "SourcePatch").empty());
  CHECK(wrong(R"({"schedule":{"interval":"PT1H","x":1}})", "SourcePatch") ==
        std::vector<std::string>{"/schedule/x request.unknown_field"});
}

TEST_CASE("every schema can be written in its long form and read again") {
  const Schemas schemas;
  for (const std::string_view name : schemas.names()) {
    CAPTURE(name);
    std::string text;
    schemas.write(text, name);
    CHECK(read_json(text));
    CHECK(text.find("\"optional\"") == std::string::npos);
  }
}
