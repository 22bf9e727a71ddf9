#pragma once

#include "api/exchange.hpp"
#include "storage/artifact_store.hpp"

#include <string>
#include <vector>

namespace evidenced::api {

/// What a list of artifacts asks for.
struct ArtifactQuery {
  storage::ArtifactFilter filter;
  std::vector<std::string> sources;  ///< whose gaps belong to the answer
  std::string sources_state;         ///< differs when one of them has changed, come or gone
};

/// Reads the filters of the request, and what the key is limited to. Errors: request.invalid_field
/// (an unknown kind, a text too
/// short to search for), resource.not_found (a source that the tenant does not have or the key does
/// not see).
Result<ArtifactQuery> read_artifact_query(storage::Connection& connection,
                                          const Exchange& exchange);

/// Makes the filter go on behind the artifact whose place this was; "" begins at the start.
void go_on_after(storage::ArtifactFilter& filter, const std::string& last);

/// The place of an artifact in the filter's order.
std::string place_of(const storage::ArtifactFilter& filter, const storage::ArtifactView& artifact);

/// Every source that the key sees.
std::vector<std::string> seen_sources(storage::Connection& connection, const Exchange& exchange);

}  // namespace evidenced::api
