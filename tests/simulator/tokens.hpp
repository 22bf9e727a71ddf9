#pragma once

#include "config/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::simulator {

enum class CredentialKind { api_token, unscoped_api_token, workspace_access_token };

/// What the account may do in a workspace.
enum class Role { none, member, admin };

/// The scopes of the read profile, and the two that Atlassian wants for reading controls.
const std::vector<std::string>& read_scopes();
std::vector<std::string> read_and_control_scopes();

struct TokenOptions {
  CredentialKind kind = CredentialKind::api_token;
  std::size_t person = 0;  ///< whose account
  std::string email;       ///< "": the person's own
  std::string token;       ///< "": made up, in the shape of its kind
  std::vector<std::string> scopes = read_and_control_scopes();
  Role role = Role::admin;                           ///< in every workspace without an entry here:
  std::map<std::string, Role> roles;                 ///< by slug
  std::set<std::string> administrated_repositories;  ///< uuids, where the workspace role is less
  std::set<std::string> administrated_projects;      ///< keys: their repositories, too
  std::set<std::string> hidden_repositories;         ///< uuids: not listed, 404
  std::set<std::string> forbidden_repositories;      ///< uuids: listed, 403 on everything below
  std::optional<Timestamp> expires;
  std::uint64_t dies_after = 0;  ///< 401 after so many requests; 0: never
};

/// A credential as issued, and what happened to it.
struct Token : TokenOptions {
  std::string authorization;  ///< the header value that works
  bool revoked = false;
  std::uint64_t requests = 0;

  Role role_in(const std::string& slug) const {
    const auto found = roles.find(slug);
    return found == roles.end() ? role : found->second;
  }
  bool has(std::string_view scope) const;
  /// Whether the account administrates the project (by `key`), or the repository in it. Who
  /// administrates a workspace administrates all in it.
  bool administrates(const std::string& workspace, const std::string& key) const {
    return role_in(workspace) == Role::admin || administrated_projects.contains(key);
  }
  bool administrates(const std::string& workspace, const std::string& key,
                     const std::string& repository) const {
    return administrates(workspace, key) || administrated_repositories.contains(repository);
  }
  std::string_view type_name() const;  ///< of the x-credential-type header
};

/// The classic name of a granular scope: "repository" of "read:repository:bitbucket".
std::string classic_scope(std::string_view scope);

/// A token in the shape of its kind, from `seed`.
std::string made_up_token(CredentialKind kind, std::uint64_t seed);

}  // namespace evidenced::simulator
