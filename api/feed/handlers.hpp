#pragma once

#include "api/exchange.hpp"
#include "storage/event_store.hpp"

namespace evidenced::api {

Task<Result<Response>> list_changes(Call call);
Task<Result<Response>> stream_events(Call call);

/// What the query and the key narrow the feed to; `after` and `limit` are left to the caller.
/// Errors: request.invalid_field, resource.not_found (a source that the key does not see).
Result<storage::EventFilter> read_event_filter(storage::Connection& connection,
                                               const Exchange& exchange);

void write_event(JsonOut& json, const storage::Event& event);

}  // namespace evidenced::api
