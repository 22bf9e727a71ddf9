#include "api/exchange.hpp"
#include "api/sources/source_view.hpp"
#include "api/system/handlers.hpp"
#include "config/version.hpp"
#include "storage/artifact_store.hpp"
#include "storage/names.hpp"
#include "storage/sync_store.hpp"

#include <map>

namespace evidenced::api {
namespace {

using CountsByName = std::map<std::string, std::int64_t>;

struct Check {
  std::string id;
  bool passed = false;
  std::string detail;
  std::optional<Error> error;
};

/// What must hold for requests to be served well.
Task<std::vector<Check>> check_readiness(Call call) {
  Core& core = call->core;
  auto ask = [](storage::Connection& connection) -> Result<void> {
    connection.query("SELECT 1", {}, [](const storage::Row&) {});
    return {};
  };
  Result<void> reads = co_await storage::query(core.services.database, std::move(ask));
  std::vector<Check> checks(3);
  checks[0].id = "database";
  checks[0].passed = reads.has_value();
  checks[0].detail = reads ? "The database answers" : reads.error().code.problem().title;
  if (!reads) checks[0].error = reads.error();
  checks[1].id = "writes";
  const std::optional<Error> refused = core.services.database.write_fault();
  checks[1].passed = !refused;
  checks[1].detail =
      refused ? refused->code.problem().title : std::string_view("The last write went well");
  checks[1].error = refused;
  checks[2].id = "draining";
  checks[2].passed = !core.draining;
  checks[2].detail = core.draining ? "The server is shutting down" : "The server stays";
  if (core.draining) checks[2].error = fail("capacity.draining").error();
  co_return checks;
}

/// A write that was refused is tried again here: the daemon becomes ready by itself.
Task<void> retry_write(Call call) {
  storage::Database& database = call->core.services.database;
  if (!database.write_fault()) co_return;
  Result<void> written = co_await storage::try_write(database);
  static_cast<void>(written);
}

void write_counts(JsonOut& json, std::string_view name, const CountsByName& counts) {
  json.key(name).begin_object();
  for (const auto& [word, count] : counts) json.member(word, count);
  json.end_object();
}

std::int64_t count_syncs(storage::Connection& connection, const Exchange& exchange,
                         storage::SyncState state) {
  storage::SyncFilter filter;
  filter.states = {state};
  filter.source_ids = exchange.key->key.source_ids;
  filter.window = exchange.window();
  return storage::count_syncs(connection, exchange.tenant(), filter);
}

/// What the database knows, of all that the key may see.
struct Standing {
  SourceCounts sources;
  std::int64_t running = 0;
  std::int64_t queued = 0;
  std::int64_t artifacts = 0;
  std::int64_t as_of_seq = 0;
};

Standing load_standing(storage::Connection& connection, const Exchange& exchange) {
  const auto& limited_to = exchange.key->key.source_ids;
  Standing standing;
  standing.sources = count_sources(connection, exchange.tenant(), limited_to, exchange.now);
  standing.running = count_syncs(connection, exchange, storage::SyncState::running);
  standing.queued = count_syncs(connection, exchange, storage::SyncState::queued);
  for (const auto& [kind, count] :
       storage::count_by_kind(connection, exchange.tenant(), limited_to, exchange.window())) {
    standing.artifacts += count;
  }
  standing.as_of_seq = storage::current_seq(connection, exchange.tenant());
  return standing;
}

/// On the io thread, where the connector lives.
void write_status(Exchange& exchange, const Standing& standing) {
  const Services& services = exchange.core.services;
  const auto uptime = services.clock.steady() - exchange.core.started;
  JsonOut json(exchange.buffer);
  json.begin_object();
  json.member("version", version);
  json.member("started_at", exchange.core.started_at);
  json.member("uptime_seconds", std::chrono::duration_cast<std::chrono::seconds>(uptime).count());
  json.key("sources").begin_object();
  json.member("total", standing.sources.total);
  write_counts(json, "by_state", standing.sources.by_state);
  write_counts(json, "by_health", standing.sources.by_health);
  json.end_object();
  json.key("syncs").begin_object();
  json.member("running", standing.running);
  json.member("queued", standing.queued);
  json.end_object();
  json.member("artifacts", standing.artifacts);
  json.key("upstream").begin_object();
  json.member("requests_last_hour",
              services.sync_control.requests_last_hour(standing.sources.accounts));
  json.member("requests_per_hour", services.settings.connector.requests_per_hour);
  json.end_object();
  json.member("as_of_seq", standing.as_of_seq);
  json.end_object();
}

}  // namespace

SourceCounts count_sources(storage::Connection& connection, const storage::TenantScope& tenant,
                           const std::vector<std::string>& ids, Timestamp now) {
  SourceCounts counts;
  storage::SourceFilter filter;
  filter.ids = ids;
  filter.limit = 500;
  while (true) {
    const auto page = storage::list_sources(connection, tenant, filter);
    for (const storage::Source& source : page) {
      const SourceFacts facts = load_facts(connection, tenant, source);
      ++counts.total;
      counts.accounts.insert(source.budget_account);
      ++counts.by_state[std::string(storage::name_of(source.state))];
      ++counts.by_health[std::string(health_of(facts, now).status)];
    }
    if (page.size() < static_cast<std::size_t>(filter.limit)) return counts;
    filter.after_id = page.back().id;
  }
}

Task<Result<Response>> get_livez(Call call) {
  JsonOut json(call->buffer);
  json.begin_object().member("status", "ok").end_object();
  co_return call->reply(200);
}

Task<Result<Response>> get_readyz(Call call) {
  Exchange& exchange = *call;
  co_await retry_write(call);
  std::vector<Check> checks = co_await check_readiness(call);
  for (const Check& check : checks) {
    if (check.passed) continue;
    Error unready = *check.error;
    unready.http_status = 503;  // the one that load balancers take for "not now"
    co_return std::unexpected(std::move(unready));
  }
  JsonOut json(exchange.buffer);
  json.begin_object().member("status", "ready");
  if (exchange.query.flag("verbose")) {
    json.key("checks").begin_array();
    for (const Check& check : checks) {
      json.begin_object();
      json.member("id", check.id);
      json.member("status", check.passed ? "passed" : "failed");
      json.member("detail", check.detail);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  co_return exchange.reply(200);
}

Task<Result<Response>> get_status(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Standing {
    return load_standing(connection, exchange);
  };
  Result<Standing> standing = co_await reading(call, std::move(work));
  if (!standing) co_return fail(standing);
  write_status(exchange, *standing);
  co_return exchange.reply(200);
}

}  // namespace evidenced::api
