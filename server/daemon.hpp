#pragma once

#include "config/secret.hpp"
#include "config/settings.hpp"

namespace evidenced::server {

/// Runs the daemon until SIGTERM or SIGINT and returns the exit code of the process: 0, or after a
/// failed start the exit code of its problem (70, 73, 75, 77, 78) with one line on standard error.
int run_daemon(const Settings& settings, Secret master_key);

}  // namespace evidenced::server
