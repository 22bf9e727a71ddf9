#pragma once

#include "config/random.hpp"
#include "config/settings.hpp"
#include "connector/bitbucket/streams.hpp"
#include "connector/budget.hpp"
#include "connector/http_transport.hpp"
#include "connector/sync/bell.hpp"
#include "connector/sync/timeline.hpp"
#include "storage/database.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace evidenced::connector {

/// The one way to Bitbucket. Every request, of syncs and of probes, passes here: it waits for the
/// budget of its account and group, for one of the account's places and for one of all places, and
/// is counted, durably, before it is sent. A 429 closes its account and group and nothing else.
/// Lives on the io thread.
class Gate {
 public:
  struct Parts {
    HttpTransport& transport;
    storage::Database& database;
    Clock& clock;
    Random& random;
    const Settings& settings;
  };
  explicit Gate(Parts parts);
  ~Gate();

  /// On whose behalf requests are sent; outlives them.
  struct Visitor {
    std::string account;  ///< the Atlassian account, whose budget counts
    Budget::Use use = Budget::Use::sync;
    std::function<Secret()> authorize;  ///< makes the Authorization value, just before the write
    Bell& bell;                         ///< rung when `leaving` may have changed
    std::function<bool()> leaving;      ///< give up all waiting: upstream.cancelled
    /// Told when a wait of more than two seconds begins; may be empty.
    std::function<Task<void>(Timestamp until)> waiting;
    std::chrono::seconds patience = std::chrono::hours(24 * 365);  ///< longer: rate_limited
  };

  /// One question. `sent` counts the requests that it took; its waits for the budget and between
  /// attempts are added to `waits` (nullptr: nobody asks).
  struct Call {
    bitbucket::Group group = bitbucket::Group::other;
    std::string target;
    std::int64_t sent = 0;
    WaitMeter* waits = nullptr;
  };

  /// Sends once. A 429 is an answer here, too. Errors: those of HttpTransport,
  /// upstream.rate_limited when the budget keeps it waiting beyond the visitor's patience,
  /// upstream.cancelled when the visitor leaves, storage.* when it cannot be written down (a sync
  /// waits for what passes, a probe does not).
  Task<Result<HttpResponse>> send(const Visitor& visitor, Call& call);

  /// Asks until there is a page, an answer that no repetition changes, or no try left (retry.hpp);
  /// 429s are waited out, up to twelve in a row. Errors: those of `send` and of failure_of.
  Task<Result<HttpResponse>> get(const Visitor& visitor, Call& call);

  /// It is known now whose account `provisional` is: what was sent under that name counts as the
  /// account's, and so does what visitors of that name still send. A failure of storage is logged:
  /// until a restart nothing is forgotten.
  Task<void> join(std::string provisional, std::string account);

  /// What is written down for a restart goes by the wall clock. When that was set, or the machine
  /// slept, what counts moves with it: neither makes a restart forget. Errors: storage.*; it is
  /// tried again before the next request.
  Task<Result<void>> follow_wall_clock();

  /// The moment of now by the server's clock where it is behind ours, else by ours: a watermark
  /// must never be ahead of the clock that stamps what it is compared with.
  Timestamp cautious_now() const;

  /// When the last of so many more requests of that account and group will be answered: as fast as
  /// answers came lately, and as the budget allows. nullopt: nothing was answered yet, or the
  /// budget cannot be read.
  Task<std::optional<SteadyTime>> foresee(std::string account, bitbucket::Group group,
                                          std::int64_t requests);

  /// Requests of these accounts, all groups.
  std::int64_t requests_last_hour(const std::set<std::string>& accounts) const;

  /// How the budget of that account and group stands; nullopt: nothing was asked of it yet.
  std::optional<RequestBudget> standing(const std::string& account, bitbucket::Group group) const;

 private:
  struct Ledger;
  struct Admission;

  Timestamp budget_now() const;
  std::chrono::minutes wall_clock_set() const;
  const std::string& known_as(const std::string& account) const;
  Task<Result<Ledger*>> ledger(std::string account, bitbucket::Group group);
  Ledger& heir_of(Ledger& ledger);
  Task<Result<Admission>> admit(const Visitor& visitor, Call& call);
  Task<Result<Admission>> try_to_admit(const Visitor& visitor, Call& call);
  Task<Result<void>> wait_for_budget(const Visitor& visitor, Call& call, Timestamp until);
  Task<Result<void>> pay(Ledger& ledger);
  Task<void> keep_closing(Ledger& ledger);
  Slots& places_of(const std::string& account);
  void note(const HttpResponse& response, std::chrono::nanoseconds took);

  Parts parts_;
  Timestamp wall_start_;
  SteadyTime steady_start_;
  std::chrono::minutes books_ahead_{0};  ///< of budget_now(): what is written down, to the wall
  std::map<std::string, std::unique_ptr<Ledger>> ledgers_;  ///< "account group"
  std::vector<std::unique_ptr<Ledger>> retired_;  ///< of joined accounts: requests may be under way
  std::map<std::string, std::string> joined_;     ///< provisional name to account
  std::map<std::string, std::unique_ptr<Slots>> account_places_;
  Slots all_places_;
  Slots opening_{1};  ///< one ledger is read at a time, none while the books move
  std::chrono::milliseconds server_behind_{0};
  std::optional<std::chrono::nanoseconds> latency_;  ///< moving average; nullopt: no answer yet
};

/// The group that a target counts against, where no stream says it.
bitbucket::Group group_of(std::string_view target);

}  // namespace evidenced::connector
