#pragma once

#include "api/exchange.hpp"

namespace evidenced::api {

// The handlers of the routes in report_routes.cpp.

Task<Result<Response>> report_access(Call call);
Task<Result<Response>> report_access_paths(Call call);
Task<Result<Response>> report_changes(Call call);
Task<Result<Response>> report_change_summary(Call call);

}  // namespace evidenced::api
