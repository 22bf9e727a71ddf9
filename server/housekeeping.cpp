#include "server/housekeeping.hpp"

#include "config/log.hpp"
#include "storage/event_store.hpp"
#include "storage/expiry_store.hpp"
#include "storage/hint_store.hpp"
#include "storage/hook_store.hpp"
#include "storage/idempotency_store.hpp"
#include "storage/session_store.hpp"

namespace evidenced::server {

Task<void> keep_house(storage::Database& database, Clock& clock, const Settings& settings) {
  const Timestamp now = clock.now();
  const std::chrono::hours events_kept{24 * settings.storage.events_kept_days};
  auto drop = [now, events_kept](storage::Connection& connection) -> Result<void> {
    storage::expire_idempotency(connection, now - storage::idempotency_lifetime);
    storage::expire_events(connection, now - events_kept);
    storage::forget_ended(connection, now - ended_credentials_kept);
    storage::forget_deliveries(connection, now - storage::deliveries_remembered);
    storage::forget_hints(connection, now - storage::deliveries_remembered);
    storage::expire_sessions(connection, now);
    return {};
  };
  const Result<void> dropped = co_await storage::write(database, std::move(drop));
  if (!dropped) log::warning("housekeeping failed", {{"code", dropped.error().code.text()}});
}

}  // namespace evidenced::server
