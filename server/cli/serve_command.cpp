#include "config/log.hpp"
#include "config/master_key.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/local_settings.hpp"
#include "server/daemon.hpp"
#include "server/hardening.hpp"

namespace evidenced::cli {

Outcome<int> serve(Context& context) {
  const Outcome<LoadedSettings> loaded = load_local_settings(context);
  if (!loaded) return failed(loaded);
  server::harden_process();
  log::configure(loaded->settings.log.level, loaded->settings.log.format);
  for (const std::string& warning : loaded->warnings) {
    log::warning("configuration", {{"detail", warning}});
  }
  Result<Secret> master_key = load_master_key(loaded->settings);
  if (!master_key) return failed(master_key.error());
  return server::run_daemon(loaded->settings, std::move(*master_key));
}

}  // namespace evidenced::cli
