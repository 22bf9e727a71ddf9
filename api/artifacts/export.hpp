#pragma once

#include "api/artifacts/artifact_view.hpp"
#include "api/artifacts/gaps.hpp"
#include "api/exchange.hpp"
#include "storage/artifact_store.hpp"

namespace evidenced::api {

/// The answer that streams every artifact of the filter: NDJSON with a trailer line, or CSV; both
/// coded with zstd for who asks for that, and with the HTTP trailers Evidenced-Count and
/// Content-Digest (RFC 9530: of the bytes that are sent). What is missing is said in
/// front: Evidenced-Gap-Count, and Evidenced-Gaps as a list of source, kind and status (RFC 9651),
/// cut off where it would be too long for a header. Rows are read page by page
/// in transactions of their own. Errors: quota.exceeded (too many exports of this key at once).
Result<Response> export_artifacts(Call call, storage::ArtifactFilter filter, FieldSet fields,
                                  const std::vector<Gap>& gaps);

}  // namespace evidenced::api
