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
/// (an unknown kind), resource.not_found (a source that the tenant does not have or the key does
/// not see).
Result<ArtifactQuery> read_artifact_query(storage::Connection& connection,
                                          const Exchange& exchange);

/// Every source that the key sees.
std::vector<std::string> seen_sources(storage::Connection& connection, const Exchange& exchange);

}  // namespace evidenced::api
