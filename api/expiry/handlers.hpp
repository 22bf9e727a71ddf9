#pragma once

#include "api/exchange.hpp"

namespace evidenced::api {

// The handlers of the routes in expiry_routes.cpp.

Task<Result<Response>> list_expirations(Call call);
Task<Result<Response>> create_calendar_feed(Call call);
Task<Result<Response>> list_calendar_feeds(Call call);
Task<Result<Response>> get_calendar_feed(Call call);
Task<Result<Response>> revoke_calendar_feed(Call call);
Task<Result<Response>> get_calendar(Call call);

}  // namespace evidenced::api
