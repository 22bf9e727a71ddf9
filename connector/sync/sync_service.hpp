#pragma once

#include "config/clock.hpp"
#include "config/random.hpp"
#include "config/settings.hpp"
#include "connector/http_transport.hpp"
#include "connector/sync_control.hpp"
#include "storage/database.hpp"
#include "storage/vault.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace evidenced::connector {

/// What the sync service works with; everything outlives it.
struct SyncServices {
  HttpTransport& transport;
  storage::Database& database;
  const storage::Vault& vault;
  Clock& clock;
  Random& random;
  const Settings& settings;
  boost::asio::any_io_executor io;       ///< owns all state of the service
  boost::asio::any_io_executor workers;  ///< where large pages are parsed; may be `io`
};

/// Schedules and runs syncs: one at a time for each source, within the budgets of the accounts.
class SyncService final : public SyncControl {
 public:
  explicit SyncService(SyncServices services);
  ~SyncService() override;

  /// Queues interrupted syncs again, then schedules and runs until `stop`.
  Task<void> run();

  /// Asks every running sync to end at its next page boundary, keeping its checkpoint: it goes on
  /// after a restart.
  void stop();

  Task<Result<ProbeReport>> probe(storage::Credential credential,
                                  storage::WorkspaceSelection workspaces) override;
  void wake() override;
  void hinted() override;
  void cancel(std::string sync_id) override;
  std::uint64_t changes() const override;
  Task<void> wait_for_change(std::string sync_id, std::uint64_t since,
                             std::chrono::milliseconds timeout) override;
  std::int64_t requests_last_hour(const std::set<std::string>& accounts) const override;
  std::map<std::string, RequestBudget> budgets() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace evidenced::connector
