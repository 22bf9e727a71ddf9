#include "api/artifacts/gaps.hpp"
#include "api/limits.hpp"
#include "api/sources/handlers.hpp"
#include "api/sources/source_view.hpp"
#include "connector/expiry.hpp"
#include "storage/artifact_store.hpp"
#include "storage/expiry_store.hpp"
#include "storage/names.hpp"
#include "storage/overview_store.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

namespace evidenced::api {
namespace {

/// A source of the page.
struct SourceRow {
  SourceView view;
  StreamStanding streams;
  std::int64_t artifacts = 0;
  std::vector<storage::SyncMark> syncs;
};

/// Of all sources that the key sees.
struct Totals {
  std::int64_t sources = 0;
  std::map<std::string, std::int64_t> by_status;
  std::int64_t artifacts = 0;
  std::int64_t gaps = 0;
  std::optional<storage::Expiry> next_expiry;
  std::set<std::string> accounts;
};

struct Overview {
  std::vector<SourceRow> rows;
  std::string last;              ///< of the page, when there are more
  std::optional<Totals> totals;  ///< on the first page
};

storage::SourceFilter seen_by(const Exchange& exchange) {
  storage::SourceFilter filter;
  filter.ids = exchange.key->key.source_ids;
  return filter;
}

void load_rows(storage::Connection& connection, const Exchange& exchange, const Paging& paging,
               Overview& overview) {
  storage::SourceFilter filter = seen_by(exchange);
  filter.after_id = paging.position.last;
  filter.limit = paging.limit + 1;
  auto sources = storage::list_sources(connection, exchange.tenant(), filter);
  if (sources.size() > static_cast<std::size_t>(paging.limit)) {
    sources.pop_back();
    overview.last = sources.back().id;
  }
  for (storage::Source& source : sources) {
    SourceRow row;
    row.streams = stand_of_streams(connection, exchange.tenant(), source.id, exchange.window());
    row.syncs = storage::last_syncs(connection, exchange.tenant(), source.id, exchange.window(),
                                    limits::overview_syncs);
    row.view = load_view(connection, exchange, std::move(source), false);
    overview.rows.push_back(std::move(row));
  }
}

void add_source(storage::Connection& connection, const Exchange& exchange,
                const storage::Source& source, Totals& totals) {
  const SourceFacts facts = load_facts(connection, exchange.tenant(), source);
  ++totals.sources;
  ++totals.by_status[std::string(health_of(facts, exchange.now).status)];
  totals.accounts.insert(source.budget_account);
  const StreamStanding standing =
      stand_of_streams(connection, exchange.tenant(), source.id, exchange.window());
  totals.gaps += std::ssize(standing.gaps);
}

Totals load_totals(storage::Connection& connection, const Exchange& exchange) {
  Totals totals;
  storage::SourceFilter filter = seen_by(exchange);
  filter.limit = static_cast<int>(limits::page_maximum);
  bool more = true;
  while (more) {
    const auto sources = storage::list_sources(connection, exchange.tenant(), filter);
    for (const storage::Source& source : sources) {
      add_source(connection, exchange, source, totals);
    }
    more = sources.size() == static_cast<std::size_t>(filter.limit);
    if (more) filter.after_id = sources.back().id;
  }
  storage::ExpiryFilter next;
  next.source_ids = exchange.key->key.source_ids;
  next.limit = 1;
  auto expiries = storage::list_expiries(connection, exchange.tenant(), next);
  if (!expiries.empty()) totals.next_expiry = std::move(expiries.front());
  return totals;
}

Overview load_overview(storage::Connection& connection, const Exchange& exchange, Paging& paging) {
  if (paging.first) {
    paging.position.as_of_seq = storage::current_seq(connection, exchange.tenant());
  }
  Overview overview;
  load_rows(connection, exchange, paging, overview);
  if (paging.first) overview.totals = load_totals(connection, exchange);
  const auto counts = storage::count_by_source(connection, exchange.tenant(), exchange.window());
  for (SourceRow& row : overview.rows) {
    const auto found = counts.find(row.view.source.id);
    row.artifacts = found == counts.end() ? 0 : found->second;
  }
  for (const auto& [source_id, count] : counts) {
    if (overview.totals && exchange.sees_source(source_id)) overview.totals->artifacts += count;
  }
  return overview;
}

void write_days(JsonOut& json, const std::optional<Timestamp>& expires_at, Timestamp now) {
  json.member("expires_at", expires_at);
  json.key("days_left");
  if (expires_at) {
    json.value(connector::days_left(*expires_at, now));
  } else {
    json.null();
  }
}

void write_syncs(JsonOut& json, const std::vector<storage::SyncMark>& syncs) {
  json.key("recent_syncs").begin_array();
  for (const storage::SyncMark& sync : syncs) {
    json.begin_object();
    json.member("id", sync.id);
    json.member("state", storage::name_of(sync.state));
    json.text_or_null("result", storage::name_of(sync.result));
    json.member("trigger", storage::name_of(sync.trigger));
    json.member("queued_at", sync.queued_at);
    json.member("started_at", sync.started_at);
    json.member("finished_at", sync.finished_at);
    json.end_object();
  }
  json.end_array();
}

void write_source_gaps(JsonOut& json, const std::vector<Gap>& gaps) {
  json.key("gaps").begin_array();
  for (const Gap& gap : gaps) {
    json.begin_object();
    json.member("kind", gap.kind);
    json.member("status", gap.status);
    json.member("missing_scopes", gap.missing_scopes);
    json.member("reason", gap.reason);
    json.end_object();
  }
  json.end_array();
}

void write_row(JsonOut& json, const Exchange& exchange, const SourceRow& row) {
  const storage::Source& source = row.view.source;
  const Health health = health_of(row.view.facts, exchange.now);
  const auto& credential = row.view.credential;
  json.begin_object();
  json.member("id", source.id);
  json.member("name", source.name);
  json.member("state", storage::name_of(source.state));
  json.key("health").begin_object();
  json.member("status", health.status);
  json.text_or_null("reason", health.reason);
  json.end_object();
  json.member("artifacts", row.artifacts);
  json.member("streams_ok", row.streams.ok);
  json.member("streams_total", row.streams.total);
  json.member("next_run_at", source.next_run_at);
  write_last_sync(json, row.view.facts.latest);
  write_days(json, credential ? credential->expires_at : std::nullopt, exchange.now);
  std::string_view expiry_source;
  if (credential) expiry_source = credential->expiry_declared ? "declared" : "assumed";
  json.text_or_null("expiry_source", expiry_source);
  json.member("requests_last_hour",
              exchange.core.services.sync_control.requests_last_hour({source.budget_account}));
  write_syncs(json, row.syncs);
  write_source_gaps(json, row.streams.gaps);
  json.end_object();
}

void write_totals(JsonOut& json, const Exchange& exchange, const std::optional<Totals>& totals) {
  json.key("totals");
  if (!totals) {
    json.null();
    return;
  }
  const Services& services = exchange.core.services;
  json.begin_object();
  json.member("sources", totals->sources);
  json.key("by_status").begin_object();
  for (const auto& [status, count] : totals->by_status) json.member(status, count);
  json.end_object();
  json.member("artifacts", totals->artifacts);
  json.member("gaps", totals->gaps);
  json.key("next_expiry");
  if (totals->next_expiry) {
    json.begin_object();
    json.member("source_id", totals->next_expiry->source_id);
    json.member("source_name", totals->next_expiry->source_name);
    write_days(json, totals->next_expiry->expires_at, exchange.now);
    json.end_object();
  } else {
    json.null();
  }
  json.member("requests_last_hour", services.sync_control.requests_last_hour(totals->accounts));
  json.member("requests_per_hour", services.settings.connector.requests_per_hour);
  json.end_object();
}

}  // namespace

Task<Result<Response>> get_overview(Call call) {
  Exchange& exchange = *call;
  Result<Paging> paging = read_paging(exchange);
  if (!paging) co_return fail(paging);
  auto work = [&](storage::Connection& connection) -> Overview {
    return load_overview(connection, exchange, *paging);
  };
  const Result<Overview> overview = co_await reading(call, std::move(work));
  if (!overview) co_return fail(overview);
  // On the io thread, where the connector lives that counts requests.
  JsonOut json(exchange.buffer);
  json.begin_object();
  write_totals(json, exchange, overview->totals);
  json.key("items").begin_array();
  for (const SourceRow& row : overview->rows) write_row(json, exchange, row);
  json.end_array();
  Response links;
  write_paging(exchange, json, links, *paging, overview->last);
  json.end_object();
  Response response = exchange.reply(200);
  std::ranges::move(links.headers, std::back_inserter(response.headers));
  co_return response;
}

}  // namespace evidenced::api
