#pragma once

#include "connector/http_transport.hpp"
#include "connector/sync_control.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::connector::bitbucket {

/// Sends one GET within the budget; no retries.
using Ask = std::function<Task<Result<HttpResponse>>(std::string target)>;

/// What a credential is and reaches: /user, /user/workspaces, one repository list a workspace until
/// one shows a repository (reference: bitbucket, 1.2 and 14). At most 5 requests, plus one for each
/// workspace that was named.
Task<Result<ProbeReport>> probe(Ask ask, storage::WorkspaceSelection workspaces);

/// The granted scopes that an answer tells: `x-oauth-scopes`, or `error.detail.granted` of a 403;
/// nullopt: it tells none.
std::optional<std::vector<std::string>> granted_scopes(const HttpResponse& response);

/// The scopes of the read profile and of the control profile.
std::span<const std::string_view> read_scopes();
std::span<const std::string_view> control_scopes();

}  // namespace evidenced::connector::bitbucket
