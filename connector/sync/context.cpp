#include "connector/sync/context.hpp"

#include "config/log.hpp"
#include "connector/bitbucket/streams.hpp"

#include <algorithm>
#include <tuple>

namespace evidenced::connector {

using namespace std::chrono_literals;

SyncContext::SyncContext(SyncHouse& house_, storage::OwnedSync owned, storage::Source source_)
    : house(house_),
      tenant(std::move(owned.tenant)),
      source(std::move(source_)),
      hints(std::move(owned.hints)),
      progress(owned.sync.requests_done),
      timeline(house_.services.clock),
      stored_(std::move(owned.sync)),
      account_(source.budget_account) {
  for (const storage::SyncStream& stream : stored_.streams) {
    progress.restore(stream.name, stream.requests);
    timeline.restore(stream);
  }
  if (stored_.cancel_requested) halt(Halt::cancelled);
}

void SyncContext::halt(Halt reason, std::optional<Error> why) {
  // A shutdown overrules: what was decided before it is decided again after the restart.
  if (halt_ != Halt::none && reason != Halt::shutdown) return;
  halt_ = reason;
  halt_error_ = std::move(why);
  bell.ring();
}

void SyncContext::write(storage::Connection& connection, DriftWatch::Notes& notes) const {
  DriftWatch::write(connection, tenant, source.id, stored_.id, now(), notes);
}

void SyncContext::written(const DriftWatch::Notes& notes) {
  drift.stored(notes);
  log_drift(source.id, notes);
}

storage::Sync SyncContext::snapshot() const {
  storage::Sync sync = stored_;
  sync.requests_done = progress.done();
  sync.requests_planned = progress.planned();
  sync.eta_seconds = progress.eta_seconds(house.services.clock.steady());
  sync.waiting_until = waiting_until;
  for (storage::SyncStream& stream : sync.streams) {
    stream.requests = progress.done(stream.name);
    timeline.write(stream);
  }
  return sync;
}

bool SyncContext::has_unsaved_times() const {
  constexpr auto times = [](const storage::SyncStream& row) {
    return std::tuple(row.requests, row.waited_milliseconds, row.finished_at);
  };
  return !std::ranges::equal(snapshot().streams, stored_.streams, {}, times, times);
}

std::optional<RequestBudget> SyncContext::budget() const {
  if (!group_) return std::nullopt;
  return house.gate.standing(account_, *group_);
}

bool SyncContext::is_storage(const Error& error) {
  return error.code.text().starts_with("storage.");
}

Task<void> SyncContext::wait_for_storage(Error error) {
  log::warning("sync waits for the database", {{"sync", stored_.id}, {"code", error.code.text()}});
  co_await bell.wait_for(house.services.clock, 5s);
}

Task<void> SyncContext::foresee() {
  const SteadyTime now = clock().steady();
  if (foreseen_at_ && now - *foreseen_at_ < 5s) co_return;
  // The groups have budgets of their own; the one that takes longest decides.
  std::map<bitbucket::Group, std::int64_t> left;
  for (const bitbucket::Stream& stream : bitbucket::streams()) {
    left[stream.group] += progress.left(stream.name);
  }
  SteadyTime eta = now;
  for (const auto& [group, requests] : left) {
    const std::optional<SteadyTime> through =
        co_await house.gate.foresee(account(), group, requests);
    if (!through) co_return;
    eta = std::max(eta, *through);
  }
  foreseen_at_ = now;
  progress.set_eta(eta);
}

Task<Result<void>> SyncContext::save() {
  auto nothing = [](storage::Connection&, storage::Sync&) -> Result<void> { return {}; };
  Result<void> saved = co_await commit(nothing);
  co_return saved;
}

}  // namespace evidenced::connector
