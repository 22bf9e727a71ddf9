#include "server/cli/local_settings.hpp"

#include "config/settings_table.hpp"

namespace evidenced::cli {

Outcome<LoadedSettings> load_local_settings(const Context& context) {
  SettingsInput input;
  input.environment = context.terminal.environment;
  if (context.given.has("--config")) input.config_file = context.given.text("--config");
  for (const Setting& setting : settings_table()) {
    if (!context.given.has(setting.flag())) continue;
    const std::string text = context.given.text(setting.flag());
    const bool alone = text.empty() && setting.type() == "boolean";
    input.flags[std::string(setting.key)] = alone ? "true" : text;
  }
  Result<LoadedSettings> loaded = load_settings(input);
  if (!loaded) return failed(loaded.error());
  return std::move(*loaded);
}

}  // namespace evidenced::cli
