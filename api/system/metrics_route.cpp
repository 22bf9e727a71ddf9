#include "api/limits.hpp"
#include "api/system/handlers.hpp"
#include "storage/artifact_store.hpp"
#include "storage/drift_store.hpp"
#include "storage/expiry_store.hpp"

#include <algorithm>
#include <iterator>

namespace evidenced::api {
namespace {

using Values = std::vector<std::pair<std::string, double>>;

Values values_of(const std::map<std::string, std::int64_t>& counts) {
  Values values;
  for (const auto& [word, count] : counts) values.emplace_back(word, count);
  return values;
}

/// What the database knows: the tenant of the key, or of this machine where none is asked for.
struct Counted {
  SourceCounts sources;
  std::vector<std::pair<std::string, std::int64_t>> artifacts;
  std::vector<storage::Expiry> expiries;  ///< the next ones
  std::vector<std::pair<int, std::int64_t>> notices;
  Values drifts;  ///< by stream and what
};

Values drifts_found(storage::Connection& connection, const storage::TenantScope& tenant,
                    const std::vector<std::string>& source_ids) {
  Values values;
  for (const auto& [what, times] : storage::count_drifts(connection, tenant, source_ids)) {
    values.emplace_back(what.first + ' ' + what.second, times);
  }
  return values;
}

Counted count(storage::Connection& connection, const Exchange& exchange,
              const storage::TenantScope& tenant) {
  storage::Window window;
  storage::ExpiryFilter expiries;
  expiries.limit = limits::expiry_series;
  if (exchange.key) {
    expiries.source_ids = exchange.key->key.source_ids;
    window = exchange.window();
  }
  const std::vector<std::string>& limited_to = expiries.source_ids;
  return {count_sources(connection, tenant, limited_to, exchange.now),
          storage::count_by_kind(connection, tenant, limited_to, window),
          storage::list_expiries(connection, tenant, expiries),
          storage::count_notices(connection, tenant, limited_to),
          drifts_found(connection, tenant, limited_to)};
}

Values seconds_left(const std::vector<storage::Expiry>& expiries, Timestamp now) {
  Values values;
  for (const storage::Expiry& expiry : expiries) {
    const std::chrono::duration<double> left = expiry.expires_at - now;
    values.emplace_back(expiry.source_id, left.count());
  }
  return values;
}

std::vector<Gauge> gauges_of(const Exchange& exchange, const Counted& counted) {
  const Core& core = exchange.core;
  const auto uptime = core.services.clock.steady() - core.started;
  Values artifacts;
  for (const auto& [kind, count] : counted.artifacts) artifacts.emplace_back(kind, count);
  Values notices;
  for (const auto& [threshold, given] : counted.notices) {
    notices.emplace_back(std::to_string(threshold), given);
  }
  const auto requests =
      static_cast<double>(core.services.sync_control.requests_last_hour(counted.sources.accounts));
  return {
      {"evidenced_sources", "Sources that are not deleted, by state.", "state",
       values_of(counted.sources.by_state)},
      {"evidenced_sources_health", "Sources that are not deleted, by health.", "health",
       values_of(counted.sources.by_health)},
      {"evidenced_artifacts", "Artifacts that are not removed, by kind.", "kind", artifacts},
      {"evidenced_credential_expiry_seconds",
       "Time until the credential of a source expires, negative once it has; of the next ones.",
       "source", seconds_left(counted.expiries, exchange.now)},
      {"evidenced_credential_notices_total",
       "Reminders that credentials expire, by days before; 0: at the expiry.", "threshold_days",
       notices, true},
      {"evidenced_upstream_drift_total",
       "Drifts of Bitbucket's answers that were found, by stream and what.", "stream",
       counted.drifts, true, "what"},
      {"evidenced_upstream_requests_last_hour",
       "Requests sent to Bitbucket in the last hour by the accounts of the sources.",
       "",
       {{"", requests}}},
      {"evidenced_uptime_seconds",
       "Time since the start.",
       "",
       {{"", std::chrono::duration<double>(uptime).count()}}},
      {"evidenced_resident_memory_bytes",
       "Resident memory.",
       "",
       {{"", static_cast<double>(resident_bytes())}}},
      {"evidenced_list_cache_bytes",
       "Pages of lists that are kept as they were sent, until something is written.",
       "",
       {{"", static_cast<double>(core.list_cache.bytes())}}},
      {"evidenced_list_cache_hits",
       "Lists that were answered from them since the start.",
       "",
       {{"", static_cast<double>(core.list_cache.hits())}}},
      {"evidenced_storage_writable",
       "1 unless the last write was refused.",
       "",
       {{"", core.services.database.write_fault() ? 0.0 : 1.0}}},
  };
}

}  // namespace

Task<Result<Response>> get_metrics(Call call) {
  Exchange& exchange = *call;
  const storage::TenantScope tenant =
      exchange.key ? exchange.tenant() : storage::TenantScope(std::string(storage::default_tenant));
  auto work = [&](storage::Connection& connection) -> Result<Counted> {
    return count(connection, exchange, tenant);
  };
  Result<Counted> counted = co_await reading(call, std::move(work));
  // A database that does not answer must not blind whoever watches.
  std::vector<Gauge> gauges = gauges_of(exchange, counted ? *counted : Counted{});
  const auto& server_gauges = exchange.core.services.server_gauges;
  if (server_gauges) std::ranges::move(server_gauges(), std::back_inserter(gauges));
  Response response;
  response.body = exchange.core.metrics.text(gauges);
  response.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  co_return response;
}

}  // namespace evidenced::api
