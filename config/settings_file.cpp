#include "config/settings_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace evidenced {
namespace {

constexpr std::size_t size_limit = 1 << 20;

std::string place_of(const std::string& path, const toml::source_region& region) {
  return fmt::format("{}:{}:{}", path, region.begin.line, region.begin.column);
}

RawValue raw_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  const toml::array* array = node.as_array();
  if (array == nullptr) return std::monostate();
  std::vector<std::string> list;
  for (const toml::node& element : *array) {
    const auto* text = element.as_string();
    if (text == nullptr) return std::monostate();
    list.push_back(text->get());
  }
  return list;
}

bool is_section(const std::string& key) {
  return std::ranges::any_of(settings_table(),
                             [&](const Setting& setting) { return setting.section() == key; });
}

struct Placed {
  FileEntry entry;
  toml::source_position position;
};

void flatten(const std::string& path, const std::string& prefix, const toml::table& table,
             std::vector<Placed>& out) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    const toml::table* inner = node.as_table();
    if (inner != nullptr && is_section(name)) {
      flatten(path, name + ".", *inner, out);
    } else {
      out.push_back({{name, raw_of(node), place_of(path, key.source())}, key.source().begin});
    }
  }
}

Result<std::string> read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail("config.unreadable", fmt::format("{}: {}", path, std::strerror(errno)));
  std::string text(size_limit + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return fail("config.unreadable", path + " cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > size_limit) return fail("config.unreadable", path + " is larger than 1 MiB");
  return text;
}

}  // namespace

Result<std::vector<FileEntry>> read_settings_file(const std::string& path) {
  const Result<std::string> text = read_all(path);
  if (!text) return fail(text);
  std::vector<Placed> placed;
  try {
    flatten(path, "", toml::parse(*text, path), placed);
  } catch (const toml::parse_error& error) {
    Error syntax;
    syntax.code = "config.invalid";
    syntax.fields.push_back(
        {place_of(path, error.source()), "syntax", std::string(error.description())});
    return std::unexpected(std::move(syntax));
  }
  std::ranges::sort(placed, {},
                    [](const Placed& p) { return std::pair(p.position.line, p.position.column); });
  std::vector<FileEntry> entries;
  entries.reserve(placed.size());
  for (Placed& one : placed) entries.push_back(std::move(one.entry));
  return entries;
}

}  // namespace evidenced
