#pragma once

#include "connector/sync_control.hpp"

#include <span>
#include <string>
#include <vector>

namespace evidenced::connector::bitbucket {

/// What a sync will collect, kind by kind in the order of the table of streams, with a token of
/// these scopes (of an API token: "read:user:bitbucket") whose account sees these workspaces. Who
/// administrates no workspace may still administrate a project or a repository: only the sync
/// learns that. A kind of several streams is as its first one that is not available.
std::vector<ForeseenCoverage> foreseen_coverage(std::span<const std::string> granted,
                                                std::span<const VisibleWorkspace> workspaces);

}  // namespace evidenced::connector::bitbucket
