#pragma once

#include "api/exchange.hpp"
#include "storage/event_store.hpp"

namespace evidenced::api {

// The handlers of the routes in source_routes.cpp.

Task<Result<Response>> list_sources(Call call);
Task<Result<Response>> get_source(Call call);
Task<Result<Response>> create_source(Call call);
Task<Result<Response>> change_source(Call call);
Task<Result<Response>> delete_source(Call call);
Task<Result<Response>> pause_source(Call call);
Task<Result<Response>> resume_source(Call call);
Task<Result<Response>> start_sync(Call call);
Task<Result<Response>> get_credential(Call call);
Task<Result<Response>> rotate_credential(Call call);
Task<Result<Response>> validate_source(Call call);
Task<Result<Response>> confirm_stream(Call call);
Task<Result<Response>> get_overview(Call call);
Task<Result<Response>> get_coverage(Call call);
Task<Result<Response>> get_drift(Call call);

/// Finds the source that the path names; what the key may not see is not there. Errors:
/// resource.not_found.
Result<storage::Source> find_named_source(storage::Connection& connection,
                                          const Exchange& exchange);

/// Finds it for a change: errors also source.deleted.
Result<storage::Source> find_living_source(storage::Connection& connection,
                                           const Exchange& exchange);

/// Tells the feed what happened to a source.
void tell_of_source(storage::Connection& connection, const Exchange& exchange,
                    storage::EventType type, const storage::Source& source);

}  // namespace evidenced::api
