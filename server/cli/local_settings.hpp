#pragma once

#include "config/settings.hpp"
#include "server/cli/command_table.hpp"

namespace evidenced::cli {

/// The settings as `serve` would take them: file, environment, flags.
Outcome<LoadedSettings> load_local_settings(const Context& context);

}  // namespace evidenced::cli
