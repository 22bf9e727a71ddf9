#include "tests/connector/bitbucket_bodies.hpp"

#include "connector/bitbucket/json_text.hpp"
#include "tests/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

namespace evidenced::connector::bitbucket::testing {

namespace json = boost::json;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

std::string fixture(std::string_view name) {
  return read_file(std::filesystem::path("tests/fixtures") / name);
}

std::optional<std::filesystem::path> shared_folder() {
  const char* configured = std::getenv("EVIDENCED_SHARED");
  std::filesystem::path folder = configured == nullptr ? "../shared" : configured;
  if (std::filesystem::exists(folder / "bitbucket")) return folder;
  std::cout << "skipped: there is no " << folder << '\n';
  return std::nullopt;
}

json::value meaning(std::string_view text) {
  json::parse_options options;
  options.max_depth = 64;
  return json::parse({text.data(), text.size()}, {}, options);
}

namespace {

void strip_user(json::string& link) {
  const std::size_t slashes = link.find("://");
  if (!link.starts_with("http") || slashes == json::string::npos) return;
  const std::size_t host_end = link.find('/', slashes + 3);
  const std::size_t at = link.find('@', slashes);
  if (at < host_end && at != json::string::npos) link.erase(slashes + 3, at - slashes - 2);
}

}  // namespace

json::value without_secrets(json::value value) {
  if (json::object* object = value.if_object()) {
    object->erase("avatar");
    for (auto& member : *object) member.value() = without_secrets(member.value());
  } else if (json::array* array = value.if_array()) {
    for (json::value& item : *array) item = without_secrets(item);
  } else if (json::string* text = value.if_string()) {
    strip_user(*text);
  }
  return value;
}

std::string canonical_text(const json::value& value) {
  const std::string text = json::serialize(value);
  return canonical(*read_json(text));
}

ParsedPage parsed(std::string_view stream, std::string_view body, const Partition& partition,
                  std::size_t leg) {
  const Stream* row = find_stream(stream);
  REQUIRE(row != nullptr);
  Result<ParsedPage> page = parse_page(*row, leg, partition, body);
  if (!page) FAIL(page.error().detail);
  return std::move(*page);
}

namespace {

void write_shuffled(const JsonText& value, Dice& dice, std::string& out) {
  static constexpr std::string_view spaces[] = {"", " ", "\n", "\t", "\r\n  "};
  const auto space = [&] { out += spaces[dice.below(std::size(spaces))]; };
  space();
  if (!value.is_array() && !value.is_object()) {
    out += value.raw;
  } else {
    std::vector<const JsonText*> items;
    items.reserve(value.items.size());
    for (const JsonText& item : value.items) items.push_back(&item);
    for (std::size_t i = items.size(); value.is_object() && i > 1; --i) {
      std::swap(items[i - 1], items[dice.below(i)]);
    }
    out += value.is_object() ? '{' : '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out += ',';
      space();
      if (value.is_object()) {
        out += items[i]->name;
        space();
        out += ':';
      }
      write_shuffled(*items[i], dice, out);
    }
    space();
    out += value.is_object() ? '}' : ']';
  }
  space();
}

}  // namespace

std::string shuffled(std::string_view text, Dice& dice) {
  const Result<JsonText> value = read_json(text);
  if (!value) throw std::runtime_error(value.error().detail);
  std::string out;
  write_shuffled(*value, dice, out);
  return out;
}

}  // namespace evidenced::connector::bitbucket::testing
