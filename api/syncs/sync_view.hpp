#pragma once

#include "api/exchange.hpp"
#include "api/json_out.hpp"
#include "connector/budget.hpp"
#include "storage/nouns.hpp"

#include <map>
#include <string>

namespace evidenced::api {

/// By sync: what those that run now may still ask (SyncControl::budgets, of the io thread).
using RunningBudgets = std::map<std::string, connector::RequestBudget>;

void write_sync(JsonOut& json, const storage::Sync& sync, const RunningBudgets& running);

/// The members of a stream's object that a sync and its report share: all but name and question.
void write_stream_members(JsonOut& json, const storage::SyncStream& stream);

/// The member `error`: null, or what went wrong with a sync, a stream or a partition.
void write_sync_error(JsonOut& json, const std::optional<storage::StoredError>& error);

/// Finds the sync that the path names; what the key may not see is not there. Errors:
/// resource.not_found.
Result<storage::Sync> find_named_sync(storage::Connection& connection, const Exchange& exchange);

}  // namespace evidenced::api
