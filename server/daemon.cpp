#include "server/daemon.hpp"

#include "server/application.hpp"
#include "server/cli/failure.hpp"
#include "server/exit_guard.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <utility>

namespace evidenced::server {
namespace {

constexpr int internal_exit = 70;
constexpr int configuration_exit = 78;
constexpr int lowest_daemon_exit = 64;  // sysexits(3); lower codes belong to the client verbs

int refuse_to_start(const Error& error) {
  const cli::Failure failure = cli::failed(error).error();
  cli::print_failure_lines(std::cerr, failure);
  // At start nobody but the configuration can be wrong about where the database is.
  if (error.code == Code("storage.unavailable")) return configuration_exit;
  return failure.exit_code >= lowest_daemon_exit ? failure.exit_code : internal_exit;
}

}  // namespace

int run_daemon(const Settings& settings, Secret master_key) {
  ExitGuard guard;
  try {
    Application application(settings, guard);
    const Result<void> started = application.start(std::move(master_key));
    if (!started) return refuse_to_start(started.error());
    return application.run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "evidenced: {}\n", error.what());
    return internal_exit;
  }
}

}  // namespace evidenced::server
