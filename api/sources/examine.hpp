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

/// What a check says that failed with this error.
connector::ProbeCheck failed_check(std::string id, const Error& error);

/// What a probe warned of.
std::vector<Warning> warnings_of(const connector::ProbeReport& report);

/// The metadata that a probe tells of a credential.
storage::CredentialInfo info_of(const connector::ProbeReport& report,
                                std::optional<Timestamp> expires_at, Timestamp now);

/// Whether two accounts are the same: by their uuids where both are known, else by their e-mail
/// addresses, whatever their case. What is empty is unknown and equals nothing.
bool same_account(std::string_view uuid, std::string_view email, std::string_view other_uuid,
                  std::string_view other_email);

/// Looks for other sources of the same account in the tenant; `email` is that of `source`, "" when
/// it is not known. Errors: source.duplicate, when an active one covers the same set of workspaces;
/// overlapping ones become warnings.
Result<void> check_overlap(storage::Connection& connection, const Exchange& exchange,
                           const storage::Source& source, std::string_view email,
                           std::vector<Warning>& warnings);

/// The e-mail of the source's stored credential; empty when there is none or it does not open.
Secret stored_email(storage::Connection& connection, const Exchange& exchange,
                    const std::string& source_id);

/// Gives workspaces that were named in other ways (another case, a {uuid}) the slugs that the probe
/// saw; each stays once.
void use_slugs_seen(storage::WorkspaceSelection& selection, const connector::ProbeReport& report);

/// Bitbucket answers alike for a wrong and for an expired token; a stored one has worked before:
/// credential.token_rejected becomes credential.expired_or_revoked.
void tell_worked_before(connector::ProbeReport& report);

}  // namespace evidenced::api
