#include "connector/sync/gate.hpp"

#include "config/log.hpp"
#include "connector/retry.hpp"
#include "storage/collection_store.hpp"

#include <algorithm>
#include <utility>

namespace evidenced::connector {

namespace {

using namespace std::chrono_literals;

/// Requests are written down before they are sent, so many at a time: a crash can only make the
/// account look busier than it is.
constexpr std::int64_t prepaid_requests = 8;
constexpr int refusals_in_a_row = 12;
constexpr auto worth_telling = 2s;
constexpr auto between_attempts = 5s;  ///< when the database refuses
constexpr std::int64_t farthest_foreseen = 20000;
constexpr auto unnoticed = 5s;  ///< of the wall clock being set

std::int64_t minute_of(Timestamp time) {
  return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count();
}

storage::BudgetClosing moved(storage::BudgetClosing closing, std::chrono::minutes by) {
  if (closing.until) *closing.until += by;
  if (closing.last_throttle) *closing.last_throttle += by;
  return closing;
}

/// The books cannot be read or written now: a full or busy disk, a busy machine, which pass.
bool is_passing(const Error& error) {
  const bool storage = error.code.text().starts_with("storage.");
  return (storage || error.code == Code("query.timeout")) && error.code.problem().retryable;
}

}  // namespace

bitbucket::Group group_of(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  if (path.ends_with("/hooks")) return bitbucket::Group::webhooks;
  if (path.ends_with("/mergeability/checks")) return bitbucket::Group::mergeability;
  if (path.starts_with("/2.0/repositories/")) return bitbucket::Group::repositories;
  return bitbucket::Group::other;
}

/// The budget of one account and group, and what of the current minute is written down already.
struct Gate::Ledger {
  Ledger(std::string account_, std::string group_, const Settings::Connector& settings)
      : account(std::move(account_)),
        group(std::move(group_)),
        budget(settings.requests_per_hour, settings.requests_reserve) {}

  std::string account;
  std::string group;
  Budget budget;
  std::int64_t prepaid_minute = 0;
  std::int64_t prepaid_left = 0;
  bool retired = false;  ///< counted under another account since
};

struct Gate::Admission {
  Slots::Place account_place;
  Slots::Place place;
  Ledger* ledger = nullptr;
};

Gate::Gate(Parts parts)
    : parts_(parts),
      wall_start_(parts.clock.now()),
      steady_start_(parts.clock.steady()),
      all_places_(parts.settings.connector.max_concurrency) {}

Gate::~Gate() = default;

/// Budgets count on a clock that does not jump: the wall clock of the start, moved on by the steady
/// one.
Timestamp Gate::budget_now() const {
  return wall_start_ +
         std::chrono::floor<std::chrono::milliseconds>(parts_.clock.steady() - steady_start_);
}

Slots& Gate::places_of(const std::string& account) {
  std::unique_ptr<Slots>& places = account_places_[known_as(account)];
  if (!places) places = std::make_unique<Slots>(parts_.settings.connector.account_concurrency);
  return *places;
}

const std::string& Gate::known_as(const std::string& account) const {
  const auto joined = joined_.find(account);
  return joined == joined_.end() ? account : joined->second;
}

/// A budget whose books cannot be read is unknown, not whole.
Task<Result<Gate::Ledger*>> Gate::ledger(std::string account, bitbucket::Group group) {
  const std::string name(bitbucket::group_name(group));
  const auto known = ledgers_.find(known_as(account) + ' ' + name);
  if (known != ledgers_.end()) co_return known->second.get();

  const Slots::Place alone = co_await opening_.enter();
  const auto meanwhile = ledgers_.find(known_as(account) + ' ' + name);
  if (meanwhile != ledgers_.end()) co_return meanwhile->second.get();
  const std::string asked = std::exchange(account, std::string(known_as(account)));
  const std::int64_t now = minute_of(budget_now());
  const std::chrono::minutes ahead = books_ahead_;
  std::vector<storage::BudgetMinute> minutes;
  storage::BudgetClosing closing;
  storage::Database::Work load = [&](storage::Connection& connection) -> Result<void> {
    account = storage::account_named(connection, account);
    minutes = storage::load_requests(connection, account, name, now + ahead.count() - 61);
    closing = storage::load_closing(connection, account, name);
    return {};
  };
  const Result<void> loaded = co_await parts_.database.run(storage::Access::read, std::move(load));
  if (!loaded) {
    log::warning("request budget not read", {{"code", loaded.error().code.text()}});
    co_return fail(loaded);
  }
  // Minutes of a clock that has gone back since count as spent now.
  for (storage::BudgetMinute& minute : minutes) {
    minute.minute = std::min(minute.minute - ahead.count(), now);
  }
  auto fresh = std::make_unique<Ledger>(account, name, parts_.settings.connector);
  fresh->budget.load(minutes, moved(closing, -ahead));
  if (account != asked) joined_[asked] = account;
  // It may have been read under another of its names.
  const auto [place, is_new] = ledgers_.try_emplace(account + ' ' + name, std::move(fresh));
  co_return place->second.get();
}

Task<Result<void>> Gate::wait_for_budget(const Visitor& visitor, Call& call, Timestamp until) {
  const std::chrono::milliseconds wait = until - budget_now();
  if (wait > visitor.patience) {
    auto error = fail("upstream.rate_limited", "the request budget of the account is used up");
    error.error().retry_after_seconds =
        static_cast<int>(std::chrono::ceil<std::chrono::seconds>(wait).count());
    co_return error;
  }
  const WaitMeter::Wait measured(call.waits, parts_.clock);
  if (wait > worth_telling && visitor.waiting) {
    co_await visitor.waiting(parts_.clock.now() + wait);
  }
  if (!visitor.leaving()) co_await visitor.bell.wait_for(parts_.clock, wait);
  co_return Result<void>{};
}

/// How far the wall clock went from the books; rather a minute too late than too early: what counts
/// too long is never too much.
std::chrono::minutes Gate::wall_clock_set() const {
  const std::chrono::milliseconds set = parts_.clock.now() - budget_now() - books_ahead_;
  if (set <= unnoticed && set >= -1min - unnoticed) return 0min;
  return std::chrono::ceil<std::chrono::minutes>(set);
}

Task<Result<void>> Gate::follow_wall_clock() {
  if (wall_clock_set() == 0min) co_return Result<void>{};
  const Slots::Place alone = co_await opening_.enter();  // no books are read meanwhile
  const std::chrono::minutes by = wall_clock_set();
  if (by == 0min) co_return Result<void>{};
  const std::int64_t since = minute_of(budget_now() + books_ahead_) - 61;
  // Others who write meanwhile do it after this, by the new time.
  books_ahead_ += by;
  storage::Database::Work work = [since, by](storage::Connection& connection) -> Result<void> {
    storage::move_requests(connection, since, by);
    return {};
  };
  Result<void> written = co_await parts_.database.run(storage::Access::write, std::move(work));
  if (written) co_return written;
  books_ahead_ -= by;
  log::warning("request budget not moved with the clock", {{"code", written.error().code.text()}});
  co_return written;
}

/// Writes the next few requests of this minute down, and gives back what the last minute left over.
Task<Result<void>> Gate::pay(Ledger& ledger) {
  if (ledger.prepaid_minute == minute_of(budget_now()) && ledger.prepaid_left > 0) {
    --ledger.prepaid_left;
    co_return Result<void>{};
  }
  const Result<void> followed = co_await follow_wall_clock();
  if (!followed) co_return followed;
  const std::int64_t minute = minute_of(budget_now());
  const std::int64_t ahead = books_ahead_.count();
  const std::int64_t old_minute = std::exchange(ledger.prepaid_minute, minute);
  const std::int64_t left_over = std::exchange(ledger.prepaid_left, 0);
  const std::string account = ledger.account;
  storage::Database::Work work = [&](storage::Connection& connection) -> Result<void> {
    if (left_over > 0) {
      storage::add_requests(connection, account, ledger.group, old_minute + ahead, -left_over);
    }
    storage::add_requests(connection, account, ledger.group, minute + ahead, prepaid_requests);
    return {};
  };
  const Result<void> written =
      co_await parts_.database.run(storage::Access::write, std::move(work));
  if (!written) {
    log::warning("request budget not written", {{"code", written.error().code.text()}});
    co_return fail(written);
  }
  // Others may have paid meanwhile.
  if (ledger.prepaid_minute == minute) ledger.prepaid_left += prepaid_requests - 1;
  co_return Result<void>{};
}

/// A restart must not knock at a door that Bitbucket has just closed.
Task<void> Gate::keep_closing(Ledger& ledger) {
  const std::string account = ledger.account;
  const storage::BudgetClosing closing = moved(ledger.budget.closing(), books_ahead_);
  storage::Database::Work work = [&](storage::Connection& connection) -> Result<void> {
    storage::save_closing(connection, account, ledger.group, closing);
    return {};
  };
  const Result<void> written =
      co_await parts_.database.run(storage::Access::write, std::move(work));
  if (!written) {
    log::warning("closed budget not written", {{"code", written.error().code.text()}});
  }
}

/// What cannot be written down is not sent: a sync waits for the database, people are told at once.
Task<Result<Gate::Admission>> Gate::admit(const Visitor& visitor, Call& call) {
  while (true) {
    Result<Admission> admission = co_await try_to_admit(visitor, call);
    const bool wait = !admission && is_passing(admission.error()) &&
                      visitor.use == Budget::Use::sync && !visitor.leaving();
    if (!wait) co_return admission;
    const WaitMeter::Wait measured(call.waits, parts_.clock);
    co_await visitor.bell.wait_for(parts_.clock, between_attempts);
  }
}

Task<Result<Gate::Admission>> Gate::try_to_admit(const Visitor& visitor, Call& call) {
  Admission admission;
  while (true) {
    if (visitor.leaving()) co_return fail("upstream.cancelled");
    const Result<Ledger*> books = co_await ledger(visitor.account, call.group);
    if (!books) co_return fail(books);
    admission.ledger = *books;
    Budget& budget = admission.ledger->budget;
    const Timestamp earliest = budget.earliest(budget_now(), visitor.use);
    if (earliest > budget_now()) {
      const Result<void> waited = co_await wait_for_budget(visitor, call, earliest);
      if (!waited) co_return fail(waited);
      continue;
    }
    admission.account_place = co_await places_of(visitor.account).enter();
    admission.place = co_await all_places_.enter();
    const Timestamp now = budget_now();
    const bool stands = !admission.ledger->retired && !visitor.leaving();
    if (stands && budget.earliest(now, visitor.use) <= now) {
      budget.spend(now);
      const Result<void> paid = co_await pay(*admission.ledger);
      if (!paid) {
        budget.give_back();
        co_return fail(paid);
      }
      // What was paid for one minute must not be sent in the next.
      if (minute_of(budget_now()) == minute_of(now)) co_return admission;
    }
    admission.place.release();
    admission.account_place.release();
  }
}

Task<Result<HttpResponse>> Gate::send(const Visitor& visitor, Call& call) {
  Result<Admission> admission = co_await admit(visitor, call);
  if (!admission) co_return fail(admission);
  GetRequest request;
  request.target = call.target;
  request.authorization = visitor.authorize();
  request.timeout = parts_.settings.connector.request_timeout;
  ++call.sent;
  const SteadyTime sent_at = parts_.clock.steady();
  Result<HttpResponse> response = co_await parts_.transport.get(std::move(request));
  if (!response) co_return response;
  note(*response, parts_.clock.steady() - sent_at);
  Ledger& ledger = heir_of(*admission->ledger);
  if (response->status != 429) {
    const bool was_throttled = ledger.budget.closing().in_a_row > 0;
    ledger.budget.succeeded();
    if (was_throttled) co_await keep_closing(ledger);
    co_return response;
  }
  ledger.budget.throttled(budget_now(), retry_after(*response, parts_.clock.now()));
  co_await keep_closing(ledger);
  log::warning("rate limited", {{"account", ledger.account}, {"group", ledger.group}});
  co_return response;
}

/// The books that count now what is in these.
Gate::Ledger& Gate::heir_of(Ledger& ledger) {
  if (!ledger.retired) return ledger;
  return *ledgers_.at(ledger.account + ' ' + ledger.group);
}

Task<void> Gate::join(std::string provisional, std::string account) {
  if (provisional == account || known_as(provisional) == account) co_return;
  account = std::string(known_as(account));
  for (const bitbucket::Group group : bitbucket::groups) {
    const Result<Ledger*> old = co_await ledger(provisional, group);
    const Result<Ledger*> books = co_await ledger(account, group);
    if (!old || !books) co_return;  // storage is away: the next sync of the source joins them
  }
  // From here to the transaction nothing is sent.
  joined_[provisional] = account;
  for (auto it = ledgers_.begin(); it != ledgers_.end();) {
    Ledger& old = *it->second;
    if (old.account != provisional) {
      ++it;
      continue;
    }
    ledgers_.at(account + ' ' + old.group)->budget.absorb(old.budget);
    old.account = account;
    old.retired = true;
    retired_.push_back(std::move(it->second));
    it = ledgers_.erase(it);
  }
  storage::Database::Work work = [&](storage::Connection& connection) -> Result<void> {
    storage::join_account(connection, provisional, account);
    return {};
  };
  const Result<void> moved = co_await parts_.database.run(storage::Access::write, std::move(work));
  if (!moved) log::warning("request budget not moved", {{"code", moved.error().code.text()}});
}

Task<Result<HttpResponse>> Gate::get(const Visitor& visitor, Call& call) {
  Retry retry(Retry::Policy{}, parts_.random);
  for (int refusals = 0;;) {
    Result<HttpResponse> response = co_await send(visitor, call);
    Error error;
    std::optional<std::chrono::seconds> asked;
    if (response) {
      std::optional<Error> failure = failure_of(*response);
      if (!failure) co_return response;
      error = std::move(*failure);
      asked = retry_after(*response, parts_.clock.now());
      if (error.code == Code("upstream.rate_limited") && ++refusals < refusals_in_a_row) continue;
    } else {
      error = response.error();
    }
    const bool final =
        error.code == Code("upstream.rate_limited") || error.code == Code("upstream.cancelled");
    std::optional<std::chrono::milliseconds> wait;
    if (!final) wait = retry.next_wait(error, asked);
    if (!wait) co_return std::unexpected(std::move(error));
    if (!visitor.leaving()) {
      const WaitMeter::Wait measured(call.waits, parts_.clock);
      co_await visitor.bell.wait_for(parts_.clock, *wait);
    }
    if (visitor.leaving()) co_return fail("upstream.cancelled");
  }
}

void Gate::note(const HttpResponse& response, std::chrono::nanoseconds took) {
  latency_ = latency_ ? (*latency_ * 7 + took) / 8 : took;
  const std::optional<Timestamp> date = parse_http_date(response.header("date"));
  if (date) server_behind_ = std::max(0ms, parts_.clock.now() - *date);
}

Timestamp Gate::cautious_now() const {
  return parts_.clock.now() - server_behind_;
}

Task<std::optional<SteadyTime>> Gate::foresee(std::string account, bitbucket::Group group,
                                              std::int64_t requests) {
  const Result<Ledger*> books = co_await ledger(std::move(account), group);
  if (!books || !latency_) co_return std::nullopt;
  Budget budget = (*books)->budget;
  const auto pace = std::chrono::duration_cast<Timestamp::duration>(
      *latency_ / std::max(1, parts_.settings.connector.account_concurrency));
  const Timestamp start = budget_now();
  Timestamp time = start;
  for (std::int64_t i = 0; i < std::min(requests, farthest_foreseen); ++i) {
    time = std::max(time + pace, budget.earliest(time, Budget::Use::sync));
    budget.spend(time);
  }
  co_return parts_.clock.steady() + (time - start);
}

std::int64_t Gate::requests_last_hour(const std::set<std::string>& accounts) const {
  std::int64_t sum = 0;
  for (const auto& [key, ledger] : ledgers_) {
    if (accounts.contains(ledger->account)) sum += ledger->budget.used(budget_now());
  }
  return sum;
}

std::optional<RequestBudget> Gate::standing(const std::string& account,
                                            bitbucket::Group group) const {
  const std::string name(bitbucket::group_name(group));
  const auto found = ledgers_.find(known_as(account) + ' ' + name);
  if (found == ledgers_.end()) return std::nullopt;
  return found->second->budget.standing(budget_now());
}

}  // namespace evidenced::connector
