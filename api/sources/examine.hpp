#pragma once

#include "api/exchange.hpp"
#include "api/sources/source_view.hpp"
#include "connector/sync_control.hpp"

#include <optional>
#include <string>
#include <vector>

namespace evidenced::api {

/// Probes a credential: its shape and its expiry first, which costs no request, then Bitbucket.
/// Whatever is wrong is in the report; when Bitbucket cannot be asked, `report.error` is
/// upstream.*. Never stores anything.
Task<connector::ProbeReport> examine(Call call, storage::Credential credential,
                                     storage::WorkspaceSelection workspaces,
                                     std::optional<Timestamp> expires_at);

/// What a probe warned of.
std::vector<Warning> warnings_of(const connector::ProbeReport& report);

/// The metadata that a probe tells of a credential.
storage::CredentialInfo info_of(const connector::ProbeReport& report,
                                std::optional<Timestamp> expires_at, Timestamp now);

/// Looks for other sources of the same account in the tenant. Errors: source.duplicate, when an
/// active one covers the same set of workspaces; overlapping ones become warnings.
Result<void> check_overlap(storage::Connection& connection, const storage::TenantScope& tenant,
                           const storage::Source& source, std::vector<Warning>& warnings);

}  // namespace evidenced::api
