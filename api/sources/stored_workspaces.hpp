#pragma once

#include "connector/bitbucket/parse.hpp"
#include "storage/artifact_store.hpp"

#include <string>
#include <vector>

namespace evidenced::api {

/// The workspaces of a source that were collected and are not removed, by slug and uuid.
std::vector<connector::bitbucket::Partition> stored_workspaces(storage::Connection& connection,
                                                               const storage::TenantScope& tenant,
                                                               const std::string& source_id);

}  // namespace evidenced::api
