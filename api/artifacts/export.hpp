#pragma once

#include "api/artifacts/artifact_view.hpp"
#include "api/artifacts/gaps.hpp"
#include "api/exchange.hpp"
#include "storage/artifact_store.hpp"

namespace evidenced::api {

/// The answer that streams every artifact of the filter, as export_rows does. Errors:
/// quota.exceeded.
Result<Response> export_artifacts(Call call, storage::ArtifactFilter filter, FieldSet fields,
                                  const std::vector<Gap>& gaps);

}  // namespace evidenced::api
