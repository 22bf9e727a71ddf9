#pragma once

#include "api/exchange.hpp"
#include "api/json_out.hpp"
#include "storage/nouns.hpp"

namespace evidenced::api {

void write_sync(JsonOut& json, const storage::Sync& sync);

/// The member `error`: null, or what went wrong with a sync, a stream or a partition.
void write_sync_error(JsonOut& json, const std::optional<storage::StoredError>& error);

/// Finds the sync that the path names; what the key may not see is not there. Errors:
/// resource.not_found.
Result<storage::Sync> find_named_sync(storage::Connection& connection, const Exchange& exchange);

}  // namespace evidenced::api
