#pragma once

#include "config/task_group.hpp"
#include "connector/sync/session.hpp"
#include "connector/sync/sync_run.hpp"
#include "connector/sync/sync_service.hpp"
#include "storage/source_store.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace evidenced::connector {

/// A probe waits no longer for the budget.
inline constexpr std::chrono::seconds patience_of_people{5};

/// What the service is made of; shared by its parts alone. Lives on the io thread.
struct SyncService::State {
  explicit State(SyncServices services)
      : house{.services = services,
              .gate = Gate({services.transport, services.database, services.clock, services.random,
                            services.settings}),
              .changed = [this](const std::string& id) { changed(id); }},
        syncs(services.io),
        chores(services.io),
        last_words(services.io) {}

  SyncHouse house;
  TaskGroup syncs;
  TaskGroup chores;  ///< questions about dead credentials, and the removal of evidence
  TaskGroup last_words;
  Bell work;    ///< rung when there may be something to schedule or to run
  Bell people;  ///< what probes wait with
  std::map<std::string, std::shared_ptr<SyncRun>> running;
  std::map<std::string, std::shared_ptr<Bell>> listeners;  ///< "": of any sync
  std::uint64_t changes = 0;
  bool stopping = false;
  bool purging = false;
  std::vector<storage::OwnedSource> to_knock;  ///< sources that need a credential, and are due
  std::vector<std::pair<storage::TenantScope, std::string>> orphans;  ///< syncs without an end
  bool appointments_checked = false;
  Timestamp next_expiry_look{};
  bool expiries_stale = true;                          ///< looked at before that time, too
  std::optional<std::chrono::nanoseconds> wall_ahead;  ///< of the steady clock

  const SyncServices& services() const { return house.services; }
  void changed(const std::string& sync_id);
  void ring_all();
  void stop();
  bool clock_jumped();
  std::size_t busy() const;
  std::vector<std::string> parked_accounts() const;

  Task<Result<void>> recover();
  Task<Result<void>> check_appointments();
  Task<Result<std::optional<Timestamp>>> schedule();
  Task<Result<std::optional<Timestamp>>> queue_hinted();
  Task<Result<void>> start_syncs();
  Task<void> run_sync(std::shared_ptr<SyncRun> run);
  Task<Result<void>> end_orphans();
  Task<Result<void>> announce_expiries();
  Task<void> knock(storage::OwnedSource owned);
  Task<Result<void>> start_chores();
  Task<void> purge();
  Task<void> insist();
  Task<std::chrono::nanoseconds> turn();
  Task<void> loop();
  Task<Result<ProbeReport>> probe(storage::Credential credential,
                                  storage::WorkspaceSelection workspaces);
};

}  // namespace evidenced::connector
