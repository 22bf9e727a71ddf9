#include "api/sources/handlers.hpp"
#include "connector/bitbucket/streams.hpp"
#include "storage/collection_store.hpp"

namespace evidenced::api {

Task<Result<Response>> confirm_stream(Call call) {
  Exchange& exchange = *call;
  const std::string& stream = exchange.ids[1];
  if (connector::bitbucket::find_stream(stream) == nullptr) co_return not_found();
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Result<storage::Source> source = find_living_source(connection, exchange);
    if (!source) return fail(source);
    const std::int64_t removed =
        storage::confirm_drops(connection, exchange.tenant(), source->id, stream, exchange.now);
    JsonOut json(exchange.buffer);
    json.begin_object();
    json.member("source_id", source->id);
    json.member("stream", stream);
    json.member("removed", removed);
    json.end_object();
    Response response = exchange.reply(200);
    Result<void> remembered = exchange.remember(connection, response, response.body);
    if (!remembered) return fail(remembered);
    return response;
  };
  co_return co_await writing(call, std::move(work));
}

}  // namespace evidenced::api
