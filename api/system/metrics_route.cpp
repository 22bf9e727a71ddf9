#include "api/system/handlers.hpp"
#include "storage/artifact_store.hpp"

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
};

std::vector<Gauge> gauges_of(const Exchange& exchange, const Counted& counted) {
  const Core& core = exchange.core;
  const auto uptime = core.services.clock.steady() - core.started;
  Values artifacts;
  for (const auto& [kind, count] : counted.artifacts) artifacts.emplace_back(kind, count);
  const auto requests = static_cast<double>(core.services.sync_control.requests_last_hour());
  return {
      {"evidenced_sources", "Sources that are not deleted, by state.", "state",
       values_of(counted.sources.by_state)},
      {"evidenced_sources_health", "Sources that are not deleted, by health.", "health",
       values_of(counted.sources.by_health)},
      {"evidenced_artifacts", "Artifacts that are not removed, by kind.", "kind", artifacts},
      {"evidenced_upstream_requests_last_hour",
       "Requests sent to Bitbucket in the last hour.",
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
  std::vector<std::string> limited_to;
  storage::Window window;
  if (exchange.key) {
    limited_to = exchange.key->key.source_ids;
    window = exchange.window();
  }
  auto work = [&](storage::Connection& connection) -> Result<Counted> {
    return Counted{count_sources(connection, tenant, limited_to, exchange.now),
                   storage::count_by_kind(connection, tenant, limited_to, window)};
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
