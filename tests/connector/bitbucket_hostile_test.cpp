// Goal: no body, however broken, crashes the parser, passes for what it is not, or carries a secret
// into the store. Method: seeded mutations of the fixtures, compared with a second reader; canaries
// in every place that is scrubbed, in bodies that are mutated but still JSON.
#include "connector/bitbucket/json_text.hpp"
#include "tests/catch.hpp"
#include "tests/connector/bitbucket_bodies.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>

using namespace evidenced;
using namespace evidenced::connector::bitbucket;
using namespace evidenced::connector::bitbucket::testing;
namespace json = boost::json;

namespace {

struct Body {
  std::string_view stream;
  std::size_t leg;
  std::string text;
};

std::vector<Body> bodies() {
  std::vector<Body> all = {{"account", 0, "user.json"},
                           {"workspace", 0, "user_workspaces.json"},
                           {"workspace", 1, "workspace.json"},
                           {"workspace_member", 0, "workspace_members.json"},
                           {"project", 0, "projects.json"},
                           {"repository", 0, "repositories.json"},
                           {"pull_request", 0, "pull_requests.json"},
                           {"branch_restriction", 0, "branch_restrictions.json"},
                           {"repository_grant", 0, "repository_grants_users.json"},
                           {"repository_grant", 1, "repository_grants_groups.json"}};
  for (Body& body : all) body.text = fixture(body.text);
  return all;
}

/// Bytes changed, cut out, doubled, or swapped for what JSON is sensitive to.
std::string damaged(std::string text, Dice& dice) {
  static constexpr std::string_view pieces[] = {
      "\"",   "\\",   "{",   "}", "[",       "]",    ",",    ":",     "null",  "\\u0000",
      "\xff", "\xc3", "1e9", "-", "\\ud800", "\x01", "true", "\"\":", "[[[[[", "{\"a\":"};
  for (std::size_t i = 1 + dice.below(3); i > 0 && !text.empty(); --i) {
    const std::size_t at = dice.below(text.size());
    const std::size_t length = std::min(dice.below(40), text.size() - at);
    switch (dice.below(4)) {
      case 0:
        text[at] = static_cast<char>(dice.below(256));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(at, length));
        break;
      default:
        text.replace(at, dice.below(2), pieces[dice.below(std::size(pieces))]);
    }
  }
  return text;
}

/// Another value in the place of one somewhere in the tree: foreign types everywhere.
void mutate(json::value& value, Dice& dice) {
  if (dice.one_in(25)) {
    static const json::value others[] = {nullptr,
                                         "text",
                                         7,
                                         -1.5,
                                         true,
                                         json::array{1, "x"},
                                         json::object{{"uuid", "{u}"}, {"name", nullptr}}};
    value = others[dice.below(std::size(others))];
    return;
  }
  if (json::object* object = value.if_object()) {
    if (!object->empty() && dice.one_in(10)) object->erase(object->begin());
    for (auto& member : *object) mutate(member.value(), dice);
  } else if (json::array* array = value.if_array()) {
    for (json::value& item : *array) mutate(item, dice);
  }
}

/// Secrets in every place that is scrubbed.
void plant(json::value& value, Dice& dice) {
  if (json::object* object = value.if_object()) {
    for (auto& member : *object) plant(member.value(), dice);
    if (dice.one_in(3)) (*object)["avatar"] = {{"href", "https://x/CANARY"}};
    if (dice.one_in(3)) (*object)["oauth_client"] = "CANARY";
    if (dice.one_in(3)) (*object)["private_key"] = json::array{"CANARY"};
    if (dice.one_in(3))
      (*object)["href"] = "https://someone:CANARY@host.example.com/p?token=CANARY";
    if (dice.one_in(3)) (*object)["variable"] = {{"secured", false}, {"value", "CANARY"}};
    if (dice.one_in(3)) {
      (*object)["hook"] = {{"type", "webhook_subscription"}, {"url", "https://h/CANARY"}};
    }
  } else if (json::array* array = value.if_array()) {
    for (json::value& item : *array) plant(item, dice);
  }
}

template <class Step>
void repeat(std::chrono::milliseconds time, Step step) {
  const auto end = std::chrono::steady_clock::now() + time;
  for (int round = 0; round < 200 || std::chrono::steady_clock::now() < end; ++round) step();
}

}  // namespace

TEST_CASE("damaged bodies are read as a second reader reads them, or refused") {
  const std::vector<Body> all = bodies();
  Dice dice(42);
  std::size_t refused = 0;
  repeat(std::chrono::milliseconds(1500), [&] {
    const Body& body = all[dice.below(all.size())];
    const std::string text = damaged(body.text, dice);
    CAPTURE(text);
    const auto ours = read_json(text);
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 64;
    const json::value theirs = json::parse(text, error, {}, options);
    if (!error) REQUIRE(ours.has_value());
    // Halves of surrogate pairs and numbers beyond a double are good JSON that Boost cannot hold.
    const bool boost_cannot =
        text.find("\\u") != std::string::npos || text.find_first_of("eE") != std::string::npos;
    if (ours && error) REQUIRE(boost_cannot);
    if (ours && !error) REQUIRE(meaning(canonical(*ours)) == theirs);
    const auto page = parse_page(*find_stream(body.stream), body.leg, {}, text);
    if (!page) {
      REQUIRE(page.error().code.text() == "upstream.invalid_json");
      ++refused;
      return;
    }
    for (const auto& artifact : page->artifacts) {
      REQUIRE(canonical(*read_json(artifact.content)) == artifact.content);
      REQUIRE_FALSE(artifact.upstream_id.empty());
    }
  });
  CHECK(refused > 0);
}

TEST_CASE("foreign types in any place lose no object") {
  const std::vector<Body> all = bodies();
  Dice dice(43);
  repeat(std::chrono::milliseconds(1000), [&] {
    const Body& body = all[dice.below(all.size())];
    json::value value = json::parse(body.text);
    json::value* values = value.as_object().if_contains("values");
    mutate(values == nullptr ? value : *values, dice);
    if (values != nullptr && !values->is_array()) return;
    if (values == nullptr && !value.is_object()) return;
    std::vector<json::value> sources = {value};
    if (values != nullptr) sources.assign(values->as_array().begin(), values->as_array().end());
    std::erase_if(sources, [](const json::value& source) { return !source.is_object(); });
    const std::string text = json::serialize(value);
    CAPTURE(text);
    const ParsedPage page = parsed(body.stream, text, {}, body.leg);
    REQUIRE(page.artifacts.size() == sources.size());
    for (std::size_t i = 0; i < sources.size(); ++i) {
      REQUIRE(meaning(page.artifacts[i].content) == without_secrets(sources[i]));
    }
    for (const auto& artifact : page.artifacts) {
      // Whatever an object is, it is the same one next time.
      const std::string back = values == nullptr ? artifact.content : "[" + artifact.content + "]";
      REQUIRE(parsed(body.stream, back, {}, body.leg).artifacts[0].upstream_id ==
              artifact.upstream_id);
    }
  });
}

TEST_CASE("canaries never reach what is stored") {
  const std::vector<Body> all = bodies();
  Dice dice(44);
  repeat(std::chrono::milliseconds(1000), [&] {
    const Body& body = all[dice.below(all.size())];
    json::value value = json::parse(body.text);
    mutate(value, dice);
    plant(value, dice);
    const std::string text = json::serialize(value);
    const auto page = parse_page(*find_stream(body.stream), body.leg, {}, text);
    if (!page) return;
    CAPTURE(text);
    for (const auto& artifact : page->artifacts) {
      REQUIRE(artifact.content.find("CANARY") == std::string::npos);
      REQUIRE(artifact.title.find("CANARY") == std::string::npos);
      REQUIRE(artifact.upstream_id.find("CANARY") == std::string::npos);
    }
  });
}
