#pragma once

#include "api/exchange.hpp"

namespace evidenced::api {

// The handlers of the routes in hook_routes.cpp.

Task<Result<Response>> create_inbound_hook(Call call);
Task<Result<Response>> list_inbound_hooks(Call call);
Task<Result<Response>> get_inbound_hook(Call call);
Task<Result<Response>> delete_inbound_hook(Call call);
Task<Result<Response>> renew_hook_secret(Call call);
Task<Result<Response>> receive_delivery(Call call);

}  // namespace evidenced::api
