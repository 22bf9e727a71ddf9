#pragma once

#include "connector/sync/bell.hpp"
#include "connector/sync/drift_watch.hpp"
#include "connector/sync/forecast.hpp"
#include "connector/sync/gate.hpp"
#include "connector/sync/open_objects.hpp"
#include "connector/sync/progress.hpp"
#include "connector/sync/sync_service.hpp"
#include "connector/sync/timeline.hpp"
#include "storage/sync_store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace evidenced::connector {

/// What the answers have taught about the host; kept as long as the process runs.
struct Habits {
  std::set<std::string, std::less<>> split_queries;  ///< streams whose combined query is refused
  std::set<std::string, std::less<>> shorter_pages;  ///< streams whose page length is refused
};

/// What outlives every sync; owned by the service.
struct SyncHouse {
  SyncServices services;
  Gate gate;
  Habits habits{};
  OpenObjects open_objects{};
  /// Partitions whose last walk missed what was there before: the next sync looks again, so that a
  /// removal is believed, or not, within two syncs instead of two rotations.
  std::set<std::string> doubts{};
  std::map<std::string, std::string> accounts{};  ///< whose an e-mail is: its keyed hash to account
  std::function<void(const std::string& sync_id)> changed;  ///< something of the sync was stored
  std::map<std::string, Unrest> unrest{};                   ///< of sources
};

/// Why a sync stops before its end.
enum class Halt {
  none,
  shutdown,   ///< goes on after the restart
  cancelled,  ///< asked for, or the source was paused or deleted
  failed,     ///< nothing more can come: dead credential, untrusted server
  outage,     ///< Bitbucket does not answer, or refuses more requests: what is complete counts
};

/// One sync while it runs: what its parts share. Lives on the io thread; owned by the SyncRun.
class SyncContext {
 public:
  SyncContext(SyncHouse& house, storage::OwnedSync owned, storage::Source source);

  SyncHouse& house;
  const storage::TenantScope tenant;
  const storage::Source source;
  const std::vector<storage::Hint> hints;  ///< of webhooks, that this sync looks at
  Bell bell;                               ///< rung when the sync is asked to stop

  const std::string& id() const { return stored_.id; }

  /// Whose request budget counts.
  const std::string& account() const { return account_; }
  void count_under(std::string account) { account_ = std::move(account); }

  /// Requests of that group go out from now on.
  void turn_to(bitbucket::Group group) { group_ = group; }

  /// The budget of the account and of that group; nullopt: nothing was asked yet.
  std::optional<RequestBudget> budget() const;
  const storage::Sync& stored() const { return stored_; }

  /// Whether it looks at nothing but what webhooks hinted at.
  bool only_follows_hints() const { return stored_.trigger == storage::SyncTrigger::hook; }
  Clock& clock() const { return house.services.clock; }
  Timestamp now() const { return house.services.clock.now(); }

  /// Stops the sync at the next page boundary; the first reason stays. `failed` says why.
  void halt(Halt reason, std::optional<Error> why = {});
  Halt halted() const { return halt_; }
  const std::optional<Error>& halt_error() const { return halt_error_; }

  /// Requests and waits, as they happen; stored with the next commit.
  Progress progress;
  Timeline timeline;
  Forecast forecast;
  std::optional<Timestamp> waiting_until;

  DriftWatch drift;

  /// Writes notes of `drift` in the transaction of a commit.
  void write(storage::Connection& connection, DriftWatch::Notes& notes) const;

  /// They are committed.
  void written(const DriftWatch::Notes& notes);

  /// Runs `work` in one write transaction together with the sync's own row, which `work` may
  /// change; one at a time. While the disk is full or the database busy it is tried again, every
  /// five seconds, until the sync is asked to stop.
  template <class F>
  auto commit(F work) -> Task<std::invoke_result_t<F&, storage::Connection&, storage::Sync&>> {
    using Answer = std::invoke_result_t<F&, storage::Connection&, storage::Sync&>;
    const Slots::Place alone = co_await committing_.enter();
    while (true) {
      storage::Sync next = snapshot();
      auto unit = [&](storage::Connection& connection) -> Answer {
        Answer answer = work(connection, next);
        if (answer) storage::save_sync(connection, tenant, next);
        return answer;
      };
      Answer answer = co_await storage::write(house.services.database, std::move(unit));
      if (answer) {
        stored_ = std::move(next);
        house.changed(stored_.id);
        co_return answer;
      }
      if (!answer.error().code.problem().retryable || !is_storage(answer.error())) {
        co_return answer;
      }
      if (stopping()) co_return answer;
      co_await wait_for_storage(answer.error());
      if (stopping()) co_return answer;
    }
  }

  /// Whether streams were asked, or waited, since the row was stored.
  bool has_unsaved_times() const;

  /// Stores the row alone.
  Task<Result<void>> save();

  /// Says anew when the requests that are left will be through, at most every five seconds.
  Task<void> foresee();
  void forget_foreseen() { foreseen_at_.reset(); }  ///< the next one says it at once

  /// Asked by the service to leave at once or politely.
  bool stopping() const { return halt_ == Halt::shutdown; }
  bool leaving() const { return halt_ != Halt::none; }

 private:
  storage::Sync snapshot() const;
  static bool is_storage(const Error& error);
  Task<void> wait_for_storage(Error error);

  storage::Sync stored_;
  std::string account_;
  std::optional<bitbucket::Group> group_;
  Slots committing_{1};
  Halt halt_ = Halt::none;
  std::optional<Error> halt_error_;
  std::optional<SteadyTime> foreseen_at_;
};

}  // namespace evidenced::connector
