#include "connector/sync/sync_service.hpp"

#include "config/log.hpp"
#include "connector/bitbucket/asked.hpp"
#include "connector/bitbucket/probe.hpp"
#include "connector/credential_shape.hpp"
#include "connector/sync/schedule.hpp"
#include "connector/sync/service_state.hpp"
#include "storage/source_store.hpp"
#include "storage/sync_store.hpp"
#include "storage/walk_log.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace evidenced::connector {

namespace {

using namespace std::chrono_literals;
using storage::Connection;

constexpr std::size_t syncs_at_once = 4;  ///< without those that wait for a budget
constexpr std::size_t most_syncs = 64;    ///< with them
constexpr auto longest_sleep = 60s;       ///< then clocks are compared
constexpr auto clock_jump = 5s;           ///< wall against steady
constexpr auto between_attempts = 5s;     ///< when the database refuses
constexpr int sources_at_once = 1000;

/// What can be said of a credential without asking anybody.
ProbeCheck shape_check(const ShapeVerdict& verdict) {
  const Error* problem = verdict.refusal ? &*verdict.refusal : nullptr;
  if (problem == nullptr && !verdict.warnings.empty()) problem = &verdict.warnings.front();
  if (problem == nullptr) return {"shape", "passed", "", "It looks like an API token.", ""};
  return {"shape", verdict.refusal ? "failed" : "warning", std::string(problem->code.text()),
          problem->detail, std::string(problem->code.problem().remedy)};
}

Task<Result<HttpResponse>> ask_once(Gate& gate, const Gate::Visitor& visitor, std::string target) {
  Gate::Call call;
  call.group = group_of(target);
  call.target = std::move(target);
  Result<HttpResponse> response = co_await gate.send(visitor, call);
  co_return response;
}

}  // namespace

void SyncService::State::changed(const std::string& sync_id) {
  ++changes;
  for (const auto& id : {sync_id, std::string()}) {
    const auto found = listeners.find(id);
    if (found != listeners.end()) found->second->ring();
  }
}

void SyncService::State::ring_all() {
  ++changes;
  for (const auto& [id, bell] : listeners) bell->ring();
}

void SyncService::State::stop() {
  if (stopping) return;
  stopping = true;
  for (const auto& [id, run] : running) run->stop();
  ring_all();
  work.ring();
  people.ring();
}

std::size_t SyncService::State::busy() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(running, [](const auto& entry) { return !entry.second->parked(); }));
}

/// Another sync of theirs would only wait, too.
std::vector<std::string> SyncService::State::parked_accounts() const {
  std::vector<std::string> accounts_waiting;
  for (const auto& [id, run] : running) {
    if (run->parked()) accounts_waiting.push_back(run->account());
  }
  return accounts_waiting;
}

/// Whether the wall clock was set since the last look.
bool SyncService::State::clock_jumped() {
  const std::chrono::nanoseconds ahead =
      services().clock.now().time_since_epoch() - services().clock.steady().time_since_epoch();
  const std::chrono::nanoseconds before = wall_ahead.value_or(ahead);
  wall_ahead = ahead;
  return std::chrono::abs(ahead - before) > clock_jump;
}

/// Syncs that the last process left running wait again, under their ids.
Task<Result<void>> SyncService::State::recover() {
  auto requeue = [](Connection& connection) -> Result<std::int64_t> {
    return storage::requeue_running(connection);
  };
  const Result<std::int64_t> count =
      co_await storage::write(services().database, std::move(requeue));
  if (!count) co_return fail(count);
  if (*count > 0) log::info("interrupted syncs queued again", {{"syncs", *count}});
  co_return Result<void>{};
}

/// Appointments that a clock which went back, or a longer interval, has put too far away.
Task<Result<void>> SyncService::State::check_appointments() {
  auto check = [this](Connection& connection) -> Result<void> {
    const Timestamp now = services().clock.now();
    for (auto& [tenant, source] :
         storage::due_sources(connection, Timestamp::max(), sources_at_once)) {
      std::chrono::seconds longest = source.interval;
      if (source.state == storage::SourceState::needs_credential) {
        longest = std::max<std::chrono::seconds>(longest, knocking_round);
      }
      const Timestamp next = appointment(source.id, longest, source.next_run_at, now);
      if (source.next_run_at == next) continue;
      source.next_run_at = next;
      const auto updated = storage::update_source(connection, tenant, source);
      if (!updated) return fail(updated);
    }
    return {};
  };
  Result<void> checked = co_await storage::write(services().database, std::move(check));
  co_return checked;
}

/// Queues a sync for every source that is due, one however late it is, and makes its next
/// appointment. When the next source is due.
Task<Result<std::optional<Timestamp>>> SyncService::State::schedule() {
  auto queue = [this](Connection& connection) -> Result<std::optional<Timestamp>> {
    const Timestamp now = services().clock.now();
    to_knock.clear();
    for (auto& [tenant, source] : storage::due_sources(connection, now, sources_at_once)) {
      if (source.state == storage::SourceState::needs_credential) {
        source.next_run_at = now + knocking_round;
        to_knock.push_back({tenant, source});
      } else {
        storage::SyncRequest request;
        request.source_id = source.id;
        request.trigger = storage::SyncTrigger::schedule;
        storage::enqueue_sync(connection, tenant, request, now, services().random);
        source.next_run_at = next_slot(source.id, source.interval, now);
      }
      const auto updated = storage::update_source(connection, tenant, source);
      if (!updated) return fail(updated);
    }
    return storage::next_due(connection);
  };
  auto due = [](Connection& connection) -> Result<std::optional<Timestamp>> {
    return storage::next_due(connection);
  };
  Result<std::optional<Timestamp>> next =
      co_await storage::read(services().database, std::move(due));
  const bool nothing = next && (!*next || **next > services().clock.now());
  if (nothing) co_return next;
  next = co_await storage::write(services().database, std::move(queue));
  changed("");
  co_return next;
}

/// Starts queued syncs as long as there is room.
Task<Result<void>> SyncService::State::start_syncs() {
  while (!stopping && busy() < syncs_at_once && running.size() < most_syncs) {
    std::optional<storage::Source> source;
    const std::vector<std::string> parked = parked_accounts();
    auto claim = [&](Connection& connection) -> Result<std::optional<storage::OwnedSync>> {
      auto claimed = storage::claim_sync(connection, services().clock.now(), parked);
      if (!claimed) return claimed;
      auto found = storage::find_source(connection, claimed->tenant, claimed->sync.source_id);
      if (!found) return fail(found);
      source = std::move(*found);
      storage::keep_questions(
          connection, claimed->sync.id,
          bitbucket::asked_by_this_version(services().settings.connector.history_days));
      return claimed;
    };
    Result<std::optional<storage::OwnedSync>> claimed =
        co_await storage::write(services().database, std::move(claim));
    if (!claimed) co_return fail(claimed);
    if (!*claimed) co_return Result<void>{};
    auto run = std::make_shared<SyncRun>(house, std::move(**claimed), std::move(*source));
    running.emplace(run->id(), run);
    changed(run->id());
    if (stopping) run->stop();
    syncs.spawn("sync", run_sync(run));
  }
  co_return Result<void>{};
}

Task<void> SyncService::State::run_sync(std::shared_ptr<SyncRun> run) {
  co_await run->run();
  if (!run->settled()) orphans.emplace_back(run->tenant(), run->id());
  running.erase(run->id());
  changed(run->id());
  work.ring();
}

/// What was asked politely and does not end within the grace is cut off.
Task<void> SyncService::State::insist() {
  const auto grace = services().settings.server.shutdown_grace - 1s;
  co_await people.wait_for(services().clock, std::max<std::chrono::nanoseconds>(grace, 1s));
  chores.cancel();
  const auto late = running;
  for (const auto& [id, run] : late) run->abort();
}

Task<void> SyncService::State::loop() {
  Result<void> recovered = co_await recover();
  while (!recovered && !stopping) {
    log::error("scheduler waits for the database", {{"code", recovered.error().code.text()}});
    co_await work.wait_for(services().clock, between_attempts);
    if (!stopping) recovered = co_await recover();
  }
  while (!stopping) {
    auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none) co_return;
    std::chrono::nanoseconds sleep = between_attempts;
    try {
      sleep = co_await turn();
    } catch (const std::exception& exception) {
      log::error("scheduler goes on after an exception", {{"what", exception.what()}});
    }
    if (stopping) co_return;
    co_await work.wait_for(services().clock, sleep);
  }
}

/// Everything that is due, once; how long there is nothing to do then.
Task<std::chrono::nanoseconds> SyncService::State::turn() {
  Result<void> done;
  const bool jumped = clock_jumped();
  expiries_stale = expiries_stale || jumped;
  if (jumped) (void)co_await house.gate.follow_wall_clock();  // paying follows it, too
  if (jumped || !appointments_checked) {
    done = co_await check_appointments();
    appointments_checked = done.has_value();
  }
  auto next = co_await schedule();
  if (!next) done = fail(next);
  const auto hint = co_await queue_hinted();
  if (!hint) done = fail(hint);
  const Result<void> ended = co_await end_orphans();
  if (!ended) done = ended;
  const Result<void> started = co_await start_syncs();
  if (!started) done = started;
  const Result<void> announced = co_await announce_expiries();
  if (!announced) done = announced;
  const Result<void> chores_started = co_await start_chores();
  if (!chores_started) done = chores_started;
  if (!done) {
    log::error("scheduler waits for the database", {{"code", done.error().code.text()}});
    co_return between_attempts;
  }
  const Timestamp now = services().clock.now();
  const std::chrono::nanoseconds until =
      std::min(next->value_or(now + longest_sleep), hint->value_or(now + longest_sleep)) - now;
  co_return std::clamp<std::chrono::nanoseconds>(until, 1ms, longest_sleep);
}

/// A probe counts against the account's budget where the account is known, by an earlier probe of
/// the same credential or by its first answer.
Task<Result<ProbeReport>> SyncService::State::probe(storage::Credential credential,
                                                    storage::WorkspaceSelection workspaces) {
  const ShapeVerdict shape = check_shape(credential.email.reveal(), credential.token.reveal());
  if (shape.refusal) {
    ProbeReport refused;
    refused.checks.push_back(shape_check(shape));
    refused.error = shape.refusal;
    co_return refused;
  }
  const std::string hash = account_hash(services().vault, credential);
  const auto known = house.accounts.find(hash);
  const bool is_known = known != house.accounts.end() && known->second != hash;
  const std::string account = is_known ? known->second : hash;
  const Gate::Visitor visitor{account,
                              Budget::Use::probe,
                              [&credential] { return basic_authorization(credential); },
                              people,
                              [this] { return stopping; },
                              {},
                              patience_of_people};
  bitbucket::Ask question = [&](std::string target) {
    return ask_once(house.gate, visitor, std::move(target));
  };
  Result<ProbeReport> report =
      co_await bitbucket::probe(std::move(question), std::move(workspaces));
  if (!report) co_return report;
  report->checks.insert(report->checks.begin(), shape_check(shape));
  if (is_known || report->account_uuid.empty()) co_return report;
  house.accounts[hash] = report->account_uuid;
  co_await house.gate.join(account, report->account_uuid);
  co_return report;
}

SyncService::SyncService(SyncServices services) : state_(std::make_unique<State>(services)) {}
SyncService::~SyncService() = default;

Task<void> SyncService::run() {
  // A cancelled caller still gets its syncs back in order.
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  co_await state_->loop();
  state_->stop();
  state_->last_words.spawn("insist", state_->insist());
  co_await state_->syncs.join();
  co_await state_->chores.join();
  state_->people.ring();
  co_await state_->last_words.join();
}

void SyncService::stop() {
  state_->stop();
}

void SyncService::wake() {
  state_->ring_all();
  state_->appointments_checked = false;
  state_->expiries_stale = true;
  state_->work.ring();
}

void SyncService::hinted() {
  state_->work.ring();
}

void SyncService::cancel(std::string sync_id) {
  const auto found = state_->running.find(sync_id);
  if (found != state_->running.end()) found->second->cancel();
  state_->changed(sync_id);
}

Task<Result<ProbeReport>> SyncService::probe(storage::Credential credential,
                                             storage::WorkspaceSelection workspaces) {
  Result<ProbeReport> report = co_await state_->probe(std::move(credential), std::move(workspaces));
  co_return report;
}

std::uint64_t SyncService::changes() const {
  return state_->changes;
}

Task<void> SyncService::wait_for_change(std::string sync_id, std::uint64_t since,
                                        std::chrono::milliseconds timeout) {
  if (state_->stopping || state_->changes != since) co_return;
  std::shared_ptr<Bell>& place = state_->listeners[sync_id];
  if (!place) place = std::make_shared<Bell>();
  const std::shared_ptr<Bell> bell = place;
  co_await bell->wait_for(state_->services().clock, timeout);
  if (bell->idle()) state_->listeners.erase(sync_id);
}

std::int64_t SyncService::requests_last_hour(const std::set<std::string>& accounts) const {
  return state_->house.gate.requests_last_hour(accounts);
}

std::map<std::string, RequestBudget> SyncService::budgets() const {
  std::map<std::string, RequestBudget> budgets;
  for (const auto& [id, run] : state_->running) {
    const std::optional<RequestBudget> budget = run->budget();
    if (budget) budgets.emplace(id, *budget);
  }
  return budgets;
}

}  // namespace evidenced::connector
