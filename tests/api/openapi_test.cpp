// Goal: /openapi.json says what the routes do, and nothing is left out. Method: the document is
// compared with the route table; a linter reads it from EVIDENCED_OPENAPI_OUT:
//   EVIDENCED_OPENAPI_OUT=openapi.json test_api "[#openapi_test]" && redocly lint openapi.json
#include "api/openapi.hpp"

#include "api/route.hpp"
#include "tests/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

using namespace evidenced;
using namespace evidenced::api;
namespace json = boost::json;

namespace {

json::value document() {
  return json::parse(write_openapi(Schemas()));
}

std::string lower_name(Method method) {
  std::string name(method_name(method));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

/// Every "$ref" in the document.
void collect_references(const json::value& value, std::set<std::string>& references) {
  if (const auto* array = value.if_array()) {
    for (const auto& item : *array) collect_references(item, references);
  }
  const auto* object = value.if_object();
  if (object == nullptr) return;
  for (const auto& [name, member] : *object) {
    if (name == "$ref") references.insert(std::string(member.as_string()));
    collect_references(member, references);
  }
}

}  // namespace

TEST_CASE("every route is an operation with a name of its own, words and a problem for 4xx") {
  const json::value published = document();
  std::set<std::string> names;
  for (const Route* route : all_routes()) {
    CAPTURE(route->operation);
    const auto& operation =
        published.at("paths").at(json::string_view(route->pattern)).at(lower_name(route->method));
    CHECK(names.insert(std::string(operation.at("operationId").as_string())).second);
    CHECK_FALSE(operation.at("summary").as_string().empty());
    CHECK_FALSE(operation.at("description").as_string().empty());
    const auto& responses = operation.at("responses").as_object();
    CHECK(responses.contains(std::to_string(route->status)));
    CHECK(responses.at("400").as_object().at("content").as_object().contains(
        "application/problem+json"));
    // What is open asks for no key, but may ask for a signature, take a key in its body, or a
    // cookie.
    const bool open = route->roles == open_to_all && !route->own_quota && route->tag != "console";
    CHECK(responses.contains("401") != open);
    CHECK(operation.as_object().contains("requestBody") != route->body.empty());
  }
  std::size_t operations = 0;
  for (const auto& [path, methods] : published.at("paths").as_object()) {
    operations += methods.as_object().size();
  }
  CHECK(operations == all_routes().size());
}

TEST_CASE("every name in a path is a parameter, every query parameter is described") {
  const json::value published = document();
  for (const Route* route : all_routes()) {
    CAPTURE(route->operation);
    const auto& operation =
        published.at("paths").at(json::string_view(route->pattern)).at(lower_name(route->method));
    const auto in_path = std::ranges::count(route->pattern, '{');
    std::ptrdiff_t paths = 0, queries = 0;
    for (const auto& parameter : operation.at("parameters").as_array()) {
      CHECK_FALSE(parameter.at("description").as_string().empty());
      paths += parameter.at("in").as_string() == "path" ? 1 : 0;
      queries += parameter.at("in").as_string() == "query" ? 1 : 0;
    }
    CHECK(paths == in_path);
    CHECK(queries == static_cast<std::ptrdiff_t>(route->parameters.size()));
  }
}

TEST_CASE("every reference leads to a schema, and every schema is used") {
  const json::value published = document();
  std::set<std::string> references;
  collect_references(published, references);
  std::set<std::string> schemas;
  for (const auto& [name, schema] : published.at("components").at("schemas").as_object()) {
    schemas.insert("#/components/schemas/" + std::string(name));
  }
  CHECK(references == schemas);
}

TEST_CASE("the document can be written to a file for a linter") {
  const char* path = std::getenv("EVIDENCED_OPENAPI_OUT");
  const std::string text = write_openapi(Schemas());
  CHECK(text.starts_with(R"({"openapi":"3.1.0")"));
  if (path == nullptr) return;
  std::ofstream file(path);
  file << text;
  CHECK(file.good());
}
