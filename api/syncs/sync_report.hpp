#pragma once

#include "api/exchange.hpp"

namespace evidenced::api {

/// GET /v1/syncs/{id}/report: how a collection was made, stream by stream, and what does not add
/// up.
Task<Result<Response>> get_sync_report(Call call);

}  // namespace evidenced::api
