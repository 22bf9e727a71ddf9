#pragma once

#include "api/api.hpp"
#include "config/clock.hpp"
#include "config/error.hpp"
#include "config/random.hpp"
#include "config/secret.hpp"
#include "config/settings.hpp"
#include "config/task_group.hpp"
#include "connector/http_transport.hpp"
#include "connector/sync/sync_service.hpp"
#include "server/exchange.hpp"
#include "server/exit_guard.hpp"
#include "server/listener.hpp"
#include "server/service_manager.hpp"
#include "storage/database.hpp"
#include "storage/vault.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>

#include <memory>
#include <optional>
#include <string>

namespace evidenced::server {

/// The composition root: it owns everything, in the order of declaration, and nothing else in the
/// program knows who works with whom. One io thread, the caller's, runs all of it but the database.
class Application {
 public:
  /// `settings` and `guard` outlive it.
  Application(const Settings& settings, ExitGuard& guard);
  ~Application();

  /// Opens and wires everything up to the open port. Errors: storage.*, key.*, config.invalid,
  /// tls.unusable, address.*.
  Result<void> start(Secret master_key);

  /// Serves until told to end; the exit code: 0, or 70 after bugs.
  int run();

  /// Where the API listens; after `start`.
  std::string address() const { return listener_->address(); }

 private:
  Result<void> open_storage(const Secret& master_key);
  Result<void> open_connector();
  Result<void> open_server();
  Handler make_handler();

  void begin_end(int exit_code);
  Task<void> run_sync();
  Task<void> watch_signals();
  Task<void> beat();
  Task<void> keep_tidy();
  Task<void> end();
  void reload();

  const Settings& settings_;
  ExitGuard& guard_;
  ServiceManager manager_;
  SystemClock clock_;
  SystemRandom random_;
  boost::asio::io_context io_{1};
  boost::asio::thread_pool workers_{1};  ///< large pages are parsed there
  std::unique_ptr<storage::Database> database_;
  std::optional<storage::Vault> vault_;
  std::unique_ptr<connector::HttpTransport> transport_;
  std::optional<connector::SyncService> sync_;
  std::optional<api::Api> api_;
  std::optional<Exchange> exchange_;
  std::unique_ptr<Listener> listener_;
  boost::asio::signal_set signals_;
  TaskGroup keepers_;  ///< signals, heartbeat, housekeeping, the end itself
  TaskGroup work_;     ///< the sync service
  bool ending_ = false;
  bool insisting_ = false;  ///< told to end a second time
  int exit_code_ = 0;
};

}  // namespace evidenced::server
