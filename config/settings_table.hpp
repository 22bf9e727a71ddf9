#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace evidenced {

/// A value as the file spells it; monostate for TOML types that no setting has.
using RawValue =
    std::variant<std::monostate, std::string, std::int64_t, double, bool, std::vector<std::string>>;

/// The member that a setting fills; its type is the setting's type.
using SettingTarget =
    std::variant<std::string& (*)(Settings&), bool& (*)(Settings&), int& (*)(Settings&),
                 std::chrono::seconds& (*)(Settings&), std::vector<std::string>& (*)(Settings&),
                 log::Level& (*)(Settings&), log::Format& (*)(Settings&)>;

/// What is wrong with a value; nullopt when nothing is.
using Complaint = std::optional<std::string>;

/// What a text means, beyond being one.
enum class SettingForm { plain, path, listen, origin, public_url, storage_url, network };

/// One row of the settings table: the one place where a setting is named, limited and explained.
struct Setting {
  std::string_view key;  ///< "server.listen"
  SettingTarget target;
  SettingForm form;    ///< of a text, and of each text of a list
  std::int64_t least;  ///< of integers, and of durations in seconds
  std::int64_t most;
  bool file_only;  ///< neither environment nor flag may set it
  std::string_view sentence;

  std::string section() const;   ///< "server"; "" for a key outside any section
  std::string name() const;      ///< "listen"
  std::string variable() const;  ///< "EVIDENCED_SERVER_LISTEN"
  std::string flag() const;      ///< "--server-listen"
  std::string type() const;      ///< "text", "boolean", "integer", "duration", …
  std::string limits() const;    ///< "1 to 100000", "" when there are none

  /// Fills the member from a value of the file.
  Complaint assign(Settings& settings, const RawValue& value) const;

  /// Fills the member from the text of a variable or a flag; lists are separated by commas.
  Complaint assign_text(Settings& settings, std::string_view text) const;

  /// The member as the file could spell it: durations and choices are texts.
  RawValue raw(const Settings& settings) const;

  /// The same as a TOML value.
  std::string value(const Settings& settings) const;
};

/// All settings; the order is that of the sample, the manual and `config show`.
std::span<const Setting> settings_table();

/// The row of `key`, or nullptr.
const Setting* find_setting(std::string_view key);

/// Every key, for suggestions.
std::vector<std::string_view> setting_keys();

/// A TOML basic string.
std::string toml_string(std::string_view text);

}  // namespace evidenced
