#pragma once

#include <map>
#include <string>

namespace evidenced {

/// The commented settings file: every setting with its sentence, limits and default, commented out
/// but for those in `values` (key → TOML value).
std::string settings_sample(const std::map<std::string, std::string>& values = {});

/// docs/config.md, from the settings table.
std::string settings_manual();

}  // namespace evidenced
