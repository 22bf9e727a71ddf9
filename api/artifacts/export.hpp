#pragma once

#include "api/artifacts/artifact_view.hpp"
#include "api/exchange.hpp"
#include "storage/artifact_store.hpp"

namespace evidenced::api {

/// The answer that streams every artifact of the filter: NDJSON with a trailer line, or CSV; both
/// with the HTTP trailers Evidenced-Count and Content-Digest (RFC 9530). Rows are read page by page
/// in transactions of their own. Errors: quota.exceeded (too many exports of this key at once).
Result<Response> export_artifacts(Call call, storage::ArtifactFilter filter, FieldSet fields);

}  // namespace evidenced::api
