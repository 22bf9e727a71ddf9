// Queues syncs for what webhooks hinted at.
#include "connector/sync/service_state.hpp"
#include "storage/hint_store.hpp"
#include "storage/sync_store.hpp"

namespace evidenced::connector {

namespace {

using namespace std::chrono_literals;
using storage::Connection;

/// Syncs that only follow hints get a part of an account's hour, however many hints there are: the
/// scheduled ones find everything, and must get through.
constexpr std::int64_t parts_of_the_budget = 5;
constexpr auto look_again = 1min;

}  // namespace

/// A sync for each source of which hints are due; when the next one will be. The sync takes its
/// hints when it begins: what comes until then goes along.
Task<Result<std::optional<Timestamp>>> SyncService::State::queue_hinted() {
  const Timestamp now = services().clock.now();
  auto look = [&](Connection& connection) -> Result<bool> {
    return !storage::hinted_sources(connection, now).empty();
  };
  const Result<bool> due = co_await storage::read(services().database, std::move(look));
  if (!due) co_return fail(due);
  auto queue = [&](Connection& connection) -> Result<bool> {
    const std::int64_t share =
        services().settings.connector.requests_per_hour / parts_of_the_budget;
    bool queued = false;
    for (const auto& [tenant, source_id, account] : storage::hinted_sources(connection, now)) {
      if (storage::requests_for_hints(connection, account, now - 1h) >= share) {
        storage::postpone_hints(connection, source_id, now + look_again);
        continue;
      }
      storage::SyncRequest request;
      request.source_id = source_id;
      request.trigger = storage::SyncTrigger::hook;
      storage::enqueue_sync(connection, tenant, request, now, services().random);
      queued = true;
    }
    return queued;
  };
  if (*due) {
    const Result<bool> queued = co_await storage::write(services().database, std::move(queue));
    if (!queued) co_return fail(queued);
    if (*queued) changed("");
  }
  auto next = [](Connection& connection) -> Result<std::optional<Timestamp>> {
    return storage::next_hint(connection);
  };
  Result<std::optional<Timestamp>> when =
      co_await storage::read(services().database, std::move(next));
  co_return when;
}

}  // namespace evidenced::connector
