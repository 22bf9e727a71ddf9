#include "api/json_out.hpp"
#include "config/settings_manual.hpp"
#include "config/settings_table.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/local_settings.hpp"
#include "server/cli/output.hpp"
#include "server/cli/text_table.hpp"

#include <fmt/format.h>

#include <ostream>

namespace evidenced::cli {
namespace {

std::string origin_of(const LoadedSettings& loaded, const Setting& setting) {
  const Origin& origin = loaded.origins.at(std::string(setting.key));
  constexpr std::array<std::string_view, 4> kinds = {"default", "file", "environment", "flag"};
  std::string text(kinds.at(static_cast<std::size_t>(origin.kind)));
  return origin.where.empty() ? text : text + " " + origin.where;
}

/// Settings as objects, their values as numbers, booleans, texts and lists.
std::string json_of(const LoadedSettings& loaded, bool with_origin) {
  std::string text;
  api::JsonOut json(text);
  json.begin_array();
  for (const Setting& setting : settings_table()) {
    json.begin_object().member("setting", setting.key).key("value");
    const RawValue value = setting.raw(loaded.settings);
    if (const auto* words = std::get_if<std::string>(&value)) json.value(*words);
    if (const auto* number = std::get_if<std::int64_t>(&value)) json.value(*number);
    if (const auto* is_set = std::get_if<bool>(&value)) json.value(*is_set);
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) json.value(*list);
    if (with_origin) json.member("origin", origin_of(loaded, setting));
    json.end_object();
  }
  json.end_array();
  return text;
}

}  // namespace

Outcome<int> config_check(Context& context) {
  const Outcome<LoadedSettings> loaded = load_local_settings(context);
  if (!loaded) return failed(loaded);
  for (const std::string& warning : loaded->warnings) {
    context.terminal.err << "evidenced: warning: " << printable(warning) << '\n';
  }
  const std::string file = loaded->file.empty() ? "no configuration file" : loaded->file;
  context.terminal.out << printable(file) << ": ok\n";
  return 0;
}

Outcome<int> config_show(Context& context) {
  const Outcome<LoadedSettings> loaded = load_local_settings(context);
  if (!loaded) return failed(loaded);
  const Outcome<OutputFormat> format = output_format(context);
  if (!format) return failed(format);
  const bool with_origin = context.given.has("--origin");
  if (*format != OutputFormat::table) {
    std::vector<Column> columns = {{"SETTING", "setting"}, {"VALUE", "value"}};
    if (with_origin) columns.push_back({"ORIGIN", "origin"});
    return show_local(context, *format, columns, json_of(*loaded, with_origin));
  }
  std::vector<std::vector<std::string>> rows;
  for (const Setting& setting : settings_table()) {
    std::vector<std::string> row = {std::string(setting.key), setting.value(loaded->settings)};
    if (with_origin) row.push_back(origin_of(*loaded, setting));
    rows.push_back(std::move(row));
  }
  std::vector<std::string> head = {"SETTING", "VALUE"};
  if (with_origin) head.emplace_back("ORIGIN");
  context.terminal.out << text_table(head, rows, 0);
  return 0;
}

Outcome<int> config_sample(Context& context) {
  context.terminal.out << settings_sample();
  return 0;
}

Outcome<int> config_manual(Context& context) {
  context.terminal.out << settings_manual();
  return 0;
}

}  // namespace evidenced::cli
