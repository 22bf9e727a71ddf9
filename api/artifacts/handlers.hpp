#pragma once

#include "api/exchange.hpp"

namespace evidenced::api {

// The handlers of the routes in artifact_routes.cpp.

Task<Result<Response>> list_artifacts(Call call);
Task<Result<Response>> get_facets(Call call);
Task<Result<Response>> get_artifact(Call call);
Task<Result<Response>> list_related(Call call);
Task<Result<Response>> get_raw(Call call);
Task<Result<Response>> list_revisions(Call call);
Task<Result<Response>> get_revision(Call call);
Task<Result<Response>> list_kinds(Call call);
Task<Result<Response>> get_kind(Call call);

}  // namespace evidenced::api
