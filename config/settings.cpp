#include "config/settings.hpp"

#include "config/listen_address.hpp"
#include "config/settings_file.hpp"
#include "config/settings_table.hpp"
#include "config/suggest.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX names it in no header

namespace evidenced {
namespace {

namespace fs = std::filesystem;

/// Collects values, origins and complaints while the sources are read one after the other.
class Loader {
 public:
  explicit Loader(LoadedSettings& out) : out_(out) {
    for (const Setting& setting : settings_table()) out_.origins[std::string(setting.key)] = {};
  }

  void take_file(const std::vector<FileEntry>& entries) {
    for (const FileEntry& entry : entries) {
      const Setting* setting = find_setting(entry.key);
      if (setting == nullptr) {
        complain(entry.place, "unknown_key", unknown(entry.key, ""));
        continue;
      }
      note(*setting, {OriginKind::file, entry.place}, setting->assign(out_.settings, entry.value));
    }
  }

  void take_environment(const std::map<std::string, std::string>& environment) {
    for (const Setting& setting : settings_table()) {
      const auto variable = environment.find(setting.variable());
      if (variable == environment.end()) continue;
      take_text(setting, {OriginKind::environment, setting.variable()}, variable->second);
    }
    warn_of_unknown_variables(environment);
  }

  void take_flags(const std::map<std::string, std::string>& flags) {
    for (const auto& [key, text] : flags) {
      const Setting* setting = find_setting(key);
      if (setting != nullptr) take_text(*setting, {OriginKind::flag, setting->flag()}, text);
    }
  }

  /// Makes paths absolute: those of the file against its folder, others against the working one.
  void resolve_paths() {
    for (const Setting& setting : settings_table()) {
      const auto* member = std::get_if<std::string& (*)(Settings&)>(&setting.target);
      if (member == nullptr) continue;
      std::string& text = (*member)(out_.settings);
      const bool in_file = origin(setting.key).kind == OriginKind::file;
      const fs::path base = in_file ? fs::path(out_.file).parent_path() : fs::current_path();
      if (setting.form == SettingForm::path && !text.empty()) {
        text = (base / text).lexically_normal().string();
      } else if (setting.form == SettingForm::storage_url) {
        constexpr std::string_view scheme = "sqlite:///";
        const fs::path file = (base / text.substr(scheme.size())).lexically_normal();
        text = std::string(scheme) + file.string();
      }
    }
  }

  /// Defaults that depend on another setting: who lowers a limit need not know what hangs on it.
  void fit_defaults() {
    Settings::Connector& c = out_.settings.connector;
    if (origin("connector.requests_reserve").kind == OriginKind::default_) {
      c.requests_reserve = std::min(c.requests_reserve, c.requests_per_hour / 10);
    }
    if (origin("connector.account_concurrency").kind == OriginKind::default_) {
      c.account_concurrency = std::min(c.account_concurrency, c.max_concurrency);
    }
  }

  /// What no single value can break.
  void check_together() {
    const Settings& s = out_.settings;
    const bool tls = !s.server.tls_certificate.empty();
    if (tls != !s.server.tls_key.empty()) {
      const auto* key = tls ? "server.tls_certificate" : "server.tls_key";
      conflict(key, "server.tls_certificate and server.tls_key go together");
    }
    const auto listen = parse_listen_address(s.server.listen);
    if (listen && !listen->loopback && !tls && !s.server.behind_proxy) {
      conflict("server.listen",
               fmt::format("{} is not a loopback address: set server.tls_certificate and "
                           "server.tls_key, or server.behind_proxy when a proxy ends TLS",
                           s.server.listen));
    }
    if (s.connector.requests_reserve >= s.connector.requests_per_hour) {
      conflict("connector.requests_reserve",
               "connector.requests_reserve must be less than connector.requests_per_hour");
    }
    if (s.connector.account_concurrency > s.connector.max_concurrency) {
      conflict("connector.account_concurrency",
               "connector.account_concurrency must not exceed connector.max_concurrency");
    }
  }

  Result<void> finish() {
    if (errors_.empty()) return {};
    Error error;
    error.code = "config.invalid";
    error.detail = fmt::format("{} mistake{} in the configuration", errors_.size(),
                               errors_.size() == 1 ? "" : "s");
    error.fields = std::move(errors_);
    return std::unexpected(std::move(error));
  }

  void take_syntax_error(const Error& error) {
    errors_.insert(errors_.end(), error.fields.begin(), error.fields.end());
  }

 private:
  const Origin& origin(std::string_view key) { return out_.origins[std::string(key)]; }

  void complain(std::string place, std::string code, std::string detail) {
    errors_.push_back({std::move(place), std::move(code), std::move(detail)});
  }

  void conflict(std::string_view key, std::string detail) {
    const std::string& where = origin(key).where;
    complain(where.empty() ? std::string(key) : where, "conflict", std::move(detail));
  }

  void take_text(const Setting& setting, Origin origin, const std::string& text) {
    if (setting.file_only) {
      complain(origin.where, "file_only",
               fmt::format("{} can be set in the configuration file only", setting.key));
      return;
    }
    const Complaint complaint = setting.assign_text(out_.settings, text);
    note(setting, std::move(origin), complaint);
  }

  void note(const Setting& setting, Origin origin, const Complaint& complaint) {
    if (complaint) {
      complain(origin.where, "invalid_value", fmt::format("{} {}", setting.key, *complaint));
      return;
    }
    out_.origins[std::string(setting.key)] = std::move(origin);
  }

  static std::string unknown(const std::string& key, std::string_view otherwise) {
    std::vector<std::string> sections;
    for (const Setting& setting : settings_table()) sections.push_back(setting.section());
    std::erase(sections, "");
    auto near = suggest(key, setting_keys());
    if (!near) near = suggest(key, {sections.begin(), sections.end()});
    if (!near) return fmt::format("there is no setting {}{}", key, otherwise);
    return fmt::format("there is no setting {}; did you mean {}?", key, *near);
  }

  /// Only a warning: an orchestrator may set EVIDENCED_SERVER_PORT for a service of that name.
  void warn_of_unknown_variables(const std::map<std::string, std::string>& environment) {
    std::vector<std::string> names;
    for (const Setting& setting : settings_table()) names.push_back(setting.variable());
    for (const char* of_clients : {"EVIDENCED_CONFIG", "EVIDENCED_URL", "EVIDENCED_API_KEY",
                                   "EVIDENCED_API_KEY_FILE", "EVIDENCED_CA_FILE"}) {
      names.emplace_back(of_clients);
    }
    const std::vector<std::string_view> known(names.begin(), names.end());
    for (const auto& [name, unused] : environment) {
      if (!name.starts_with("EVIDENCED_") || std::ranges::find(known, name) != known.end())
        continue;
      const auto near = suggest(name, known);
      if (near)
        out_.warnings.push_back(fmt::format("{} sets nothing; did you mean {}?", name, *near));
    }
  }

  LoadedSettings& out_;
  std::vector<FieldError> errors_;
};

}  // namespace

std::string find_settings_file(const SettingsInput& input) {
  if (input.config_file) return fs::absolute(*input.config_file).lexically_normal().string();
  const auto named = input.environment.find("EVIDENCED_CONFIG");
  if (named != input.environment.end() && !named->second.empty()) {
    return fs::absolute(named->second).lexically_normal().string();
  }
  for (const char* usual : {"/etc/evidenced/evidenced.toml", "evidenced.toml"}) {
    std::error_code ignored;
    if (fs::exists(usual, ignored)) return fs::absolute(usual).lexically_normal().string();
  }
  return "";
}

Result<LoadedSettings> load_settings(const SettingsInput& input) {
  LoadedSettings loaded;
  loaded.file = find_settings_file(input);
  Loader loader(loaded);
  if (!loaded.file.empty()) {
    const Result<std::vector<FileEntry>> entries = read_settings_file(loaded.file);
    if (!entries && entries.error().fields.empty()) return fail(entries);
    if (entries) {
      loader.take_file(*entries);
    } else {
      loader.take_syntax_error(entries.error());
    }
  }
  loader.take_environment(input.environment);
  loader.take_flags(input.flags);
  loader.resolve_paths();
  loader.fit_defaults();
  loader.check_together();
  const Result<void> checked = loader.finish();
  if (!checked) return fail(checked);
  return loaded;
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (!text.starts_with("EVIDENCED_") || equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

}  // namespace evidenced
