// What the service does beside its syncs: ends those that have no end, asks about credentials that
// died, and removes the evidence of deleted sources.
#include "config/log.hpp"
#include "connector/retry.hpp"
#include "connector/sync/service_state.hpp"
#include "storage/purge.hpp"
#include "storage/sync_store.hpp"

namespace evidenced::connector {

namespace {

using storage::Connection;

constexpr int artifacts_a_step = 500;

}  // namespace

/// A sync whose end could not be stored, or threw, has failed: it must not look as if it ran.
Task<Result<void>> SyncService::State::end_orphans() {
  while (!orphans.empty()) {
    const storage::TenantScope tenant = orphans.back().first;
    const std::string id = orphans.back().second;
    auto end = [&](Connection& connection) -> Result<void> {
      Result<storage::Sync> sync = storage::find_sync(connection, tenant, id);
      if (!sync || sync->state == storage::SyncState::done) return {};
      const Timestamp now = services().clock.now();
      sync->state = storage::SyncState::done;
      sync->result = storage::SyncResult::failed;
      sync->finished_at = now;
      sync->eta_seconds.reset();
      sync->waiting_until.reset();
      sync->error.emplace().code = Code("internal.error").text();
      storage::save_sync(connection, tenant, *sync);
      storage::conclude_sync(connection, tenant, *sync, false, now);
      return {};
    };
    const Result<void> ended = co_await storage::write(services().database, std::move(end));
    if (!ended) co_return ended;
    changed(id);
    std::erase_if(orphans, [&](const auto& orphan) { return orphan.second == id; });
  }
  co_return Result<void>{};
}

/// Asks once whether a source still needs a credential; if not, it is synced again.
Task<void> SyncService::State::knock(storage::OwnedSource owned) {
  const auto& [tenant, source] = owned;
  std::optional<storage::Credential> credential;
  std::int64_t version = 0;
  auto open = [&](Connection& connection) -> Result<void> {
    const Timestamp now = services().clock.now();
    if (storage::was_rejected_within(connection, source.id, now, between_knocks)) return {};
    const auto info = storage::Vault::info(connection, tenant, source.id);
    if (!info) return fail(info);
    auto opened = services().vault.get(connection, tenant, source.id);
    if (!opened) return fail(opened);
    version = info->version;
    credential = std::move(*opened);
    return {};
  };
  const Result<void> opened = co_await storage::read(services().database, std::move(open));
  if (!opened || !credential) co_return;
  const Gate::Visitor visitor{source.budget_account,
                              Budget::Use::probe,
                              [&credential] { return basic_authorization(*credential); },
                              people,
                              [this] { return stopping; },
                              {},
                              patience_of_people};
  Gate::Call call;
  call.target = "/2.0/user";
  const Result<HttpResponse> answer = co_await house.gate.send(visitor, call);
  if (!answer) co_return;
  const std::optional<Error> failure = failure_of(*answer);
  // A 403 that speaks of scopes means that the token lives.
  const bool lives = !failure || failure->code == Code("credential.scope_missing");
  log::info("source asked whether it still needs a credential",
            {{"source", source.id}, {"accepted", lives}});
  const bool rejected = failure && failure->code == Code("upstream.unauthorized");
  if (!lives && !rejected) co_return;
  auto settle = [&](Connection& connection) -> Result<void> {
    const Timestamp now = services().clock.now();
    if (rejected) {
      storage::record_rejection(connection, source.id, now);
      return {};
    }
    const Result<bool> revived = revive_source(connection, tenant, source.id, version, now);
    if (!revived) return fail(revived);
    if (!*revived) return {};
    storage::SyncRequest request;
    request.source_id = source.id;
    request.trigger = storage::SyncTrigger::recovery;
    storage::enqueue_sync(connection, tenant, request, now, services().random);
    return {};
  };
  const Result<void> settled = co_await storage::write(services().database, std::move(settle));
  if (!settled || rejected) co_return;
  changed("");
  work.ring();
}

/// Knocks where that is due, and goes on with what is left of purges.
Task<Result<void>> SyncService::State::start_chores() {
  for (storage::OwnedSource& owned : to_knock) chores.spawn("knock", knock(std::move(owned)));
  to_knock.clear();
  if (purging) co_return Result<void>{};
  auto look = [](Connection& connection) -> Result<bool> {
    return storage::pending_purge(connection).has_value();
  };
  const Result<bool> pending = co_await storage::read(services().database, std::move(look));
  if (!pending) co_return fail(pending);
  purging = *pending;
  if (purging) chores.spawn("purge", purge());
  co_return Result<void>{};
}

Task<void> SyncService::State::purge() {
  bool more = true;
  while (more && !stopping) {
    auto step = [](Connection& connection) -> Result<bool> {
      const auto pending = storage::pending_purge(connection);
      if (!pending) return false;
      storage::purge_some(connection, pending->first, pending->second, artifacts_a_step);
      return true;
    };
    const Result<bool> done = co_await storage::write(services().database, std::move(step));
    more = done && *done;
  }
  purging = false;
}

}  // namespace evidenced::connector
