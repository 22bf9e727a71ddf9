#include "api/etag.hpp"
#include "api/sources/handlers.hpp"
#include "api/sources/source_view.hpp"
#include "storage/artifact_store.hpp"
#include "storage/names.hpp"

namespace evidenced::api {
namespace {

storage::SourceFilter source_filter_of(const Exchange& exchange, const Paging& paging) {
  storage::SourceFilter filter;
  filter.states = storage::values_of<storage::SourceState>(exchange.query.all("state"));
  filter.tags = exchange.query.all("tag");
  filter.workspaces = exchange.query.all("workspace");
  filter.expires_before = exchange.query.time("expires_before");
  filter.ids = exchange.key->key.source_ids;
  filter.after_id = paging.position.last;
  filter.limit = paging.limit + 1;  // one more tells whether there are more
  return filter;
}

}  // namespace

Result<storage::Source> find_named_source(storage::Connection& connection,
                                          const Exchange& exchange) {
  if (!exchange.sees_source(exchange.ids[0])) return not_found();
  return storage::find_source(connection, exchange.tenant(), exchange.ids[0]);
}

Result<storage::Source> find_living_source(storage::Connection& connection,
                                           const Exchange& exchange) {
  Result<storage::Source> source = find_named_source(connection, exchange);
  if (source && source->state == storage::SourceState::deleted) return fail("source.deleted");
  return source;
}

void tell_of_source(storage::Connection& connection, const Exchange& exchange,
                    storage::EventType type, const storage::Source& source) {
  storage::record_event(
      connection, exchange.tenant(),
      {.type = type,
       .source_id = source.id,
       .subject_id = source.id,
       .at = exchange.now,
       .facts = {{"name", source.name}, {"state", std::string(storage::name_of(source.state))}}});
}

Task<Result<Response>> list_sources(Call call) {
  Result<Paging> paging = read_paging(*call);
  if (!paging) co_return fail(paging);
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Exchange& exchange = *call;
    if (paging->first) {
      paging->position.as_of_seq = storage::current_seq(connection, exchange.tenant());
    }
    auto sources =
        storage::list_sources(connection, exchange.tenant(), source_filter_of(exchange, *paging));
    const bool more = sources.size() > static_cast<std::size_t>(paging->limit);
    if (more) sources.pop_back();
    const std::string last = more ? sources.back().id : "";
    JsonOut json(exchange.buffer);
    json.begin_object().key("items").begin_array();
    for (storage::Source& source : sources) {
      const SourceView view =
          load_view(connection, exchange, std::move(source), exchange.sees_email());
      write_source(json, view, Email::shown, exchange.now);
    }
    json.end_array();
    Response response;
    write_paging(exchange, json, response, *paging, last);
    json.end_object();
    Response whole = exchange.reply(200);
    std::ranges::move(response.headers, std::back_inserter(whole.headers));
    return whole;
  };
  co_return co_await reading(call, std::move(work));
}

Task<Result<Response>> get_source(Call call) {
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Exchange& exchange = *call;
    Result<storage::Source> source = find_named_source(connection, exchange);
    if (!source) return fail(source);
    const SourceView view =
        load_view(connection, exchange, std::move(*source), exchange.sees_email());
    JsonOut json(exchange.buffer);
    write_source(json, view, Email::shown, exchange.now);
    Response response = exchange.reply(200);
    response.set("ETag", version_etag(view.source.version, response.body));
    return response;
  };
  co_return co_await reading(call, std::move(work));
}

Task<Result<Response>> get_credential(Call call) {
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Exchange& exchange = *call;
    Result<storage::Source> source = find_named_source(connection, exchange);
    if (!source) return fail(source);
    // A deleted source has none any more, and so no such resource.
    const SourceView view = load_view(connection, exchange, std::move(*source), true);
    if (!view.credential) return not_found();
    JsonOut json(exchange.buffer);
    write_credential(json, *view.credential, view.email.reveal(), exchange.now);
    Response response = exchange.reply(200);
    response.set("ETag", version_etag(view.credential->version, response.body));
    return response;
  };
  co_return co_await reading(call, std::move(work));
}

}  // namespace evidenced::api
