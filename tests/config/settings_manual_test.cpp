// Goal: what is generated from the settings table is true and is what the repository holds.
// Method: the sample is loaded back; the manual is compared with docs/config.md.
#include "config/settings_manual.hpp"

#include "config/settings.hpp"
#include "config/settings_table.hpp"
#include "tests/catch.hpp"
#include "tests/folder.hpp"

#include <sstream>

namespace evidenced {
namespace {

std::string without_comment_marks(const std::string& sample) {
  std::istringstream in(sample);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    const bool is_setting = line.starts_with('#') && !line.starts_with("# ");
    out += (is_setting ? line.substr(1) : line) + "\n";
  }
  return out;
}

TEST_CASE("the sample, as it is, is the defaults") {
  const test::Folder folder;
  SettingsInput input;
  input.config_file = folder.write("evidenced.toml", settings_sample());
  const auto loaded = load_settings(input);
  REQUIRE(loaded.has_value());
  for (const auto& [key, origin] : loaded->origins) {
    CAPTURE(key);
    CHECK(origin.kind == OriginKind::default_);
  }
}

TEST_CASE("the sample with every line in force is valid and sets every key") {
  const test::Folder folder;
  SettingsInput input;
  input.config_file = folder.write("evidenced.toml", without_comment_marks(settings_sample()));
  const auto loaded = load_settings(input);
  REQUIRE(loaded.has_value());
  for (const auto& [key, origin] : loaded->origins) {
    CAPTURE(key);
    CHECK(origin.kind == OriginKind::file);
  }
}

TEST_CASE("values given to the sample are in force, the rest stays a comment") {
  const test::Folder folder;
  SettingsInput input;
  const std::string sample = settings_sample({{"storage.url", "\"sqlite:////a \\\"b\\\"/c.db\""}});
  input.config_file = folder.write("evidenced.toml", sample);
  const auto loaded = load_settings(input);
  REQUIRE(loaded.has_value());
  CHECK(loaded->settings.storage.url == "sqlite:////a \"b\"/c.db");
  CHECK(loaded->origins.at("server.listen").kind == OriginKind::default_);
}

TEST_CASE("no line of the sample is wider than 100 columns") {
  std::istringstream in(settings_sample());
  for (std::string line; std::getline(in, line);) {
    CAPTURE(line);
    CHECK(line.size() <= 110);  // bytes; the head holds no other characters
  }
}

TEST_CASE("docs/config.md is what the table generates") {
  CHECK(test::read_file("docs/config.md") == settings_manual());
}

TEST_CASE("every setting has a sentence, a variable and a flag of its own") {
  std::vector<std::string> flags;
  for (const Setting& setting : settings_table()) {
    CAPTURE(std::string(setting.key));
    CHECK(setting.sentence.ends_with('.'));
    CHECK(std::ranges::find(flags, setting.flag()) == flags.end());
    flags.push_back(setting.flag());
  }
}

}  // namespace
}  // namespace evidenced
