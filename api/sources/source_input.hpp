#pragma once

#include "api/exchange.hpp"
#include "connector/sync_control.hpp"
#include "storage/vault.hpp"

#include <optional>
#include <string>
#include <vector>

namespace evidenced::api {

/// A credential as a client sent it.
struct CredentialInput {
  storage::Credential credential;
  std::optional<Timestamp> expires_at;
};

/// What a new source, or a change of one, asks for.
struct SourceInput {
  std::string name;
  storage::WorkspaceSelection workspaces;
  std::chrono::seconds interval{};
  std::vector<std::string> tags;
};

/// Takes e-mail and token out of the body: what stays there is empty.
CredentialInput take_credential(Json& body);

/// Reads what the schema cannot check: the names of workspaces, the range of the interval. All
/// errors at once: request.invalid_field.
Result<SourceInput> read_source(const Json& body, std::chrono::seconds default_interval);

/// Applies a merge patch (RFC 7396) to `source`. Errors: request.invalid_field.
Result<void> apply_patch(storage::Source& source, const Json& patch,
                         std::chrono::seconds default_interval);

/// Refuses a token in what everybody may read: `token` itself, "" where it is not known, and what
/// looks like one. Errors: request.invalid_field, which repeats nothing.
Result<void> refuse_shown_token(const std::string& name, const std::vector<std::string>& tags,
                                std::string_view token);

/// The checks of an expiry date without asking Bitbucket: credential.expiry_past,
/// credential.expiry_too_far.
std::optional<Error> expiry_refusal(const std::optional<Timestamp>& expires_at, Timestamp now);

}  // namespace evidenced::api
