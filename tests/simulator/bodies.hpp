#pragma once

#include "tests/simulator/world.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace evidenced::simulator {

namespace json = boost::json;

/// The JSON that Bitbucket shows of a World's things: full bodies, with the members in them that
/// some endpoints show only when `fields` asks (fields.hpp hides those). References stay valid
/// until the thing changes or goes.
class Bodies {
 public:
  explicit Bodies(const World& world) : world_(world) {}

  /// The embedded form; null for an erased person.
  json::value account(std::size_t person) const;
  /// What /user and /users/{id} show.
  json::value full_account(std::size_t person, bool self) const;

  const json::value& workspace(const Workspace& workspace) const;
  json::value workspace_short(const Workspace& workspace) const;
  /// One entry of /user/workspaces; `second_shape`: the one with `permission`.
  json::value workspace_access(const Workspace& workspace, bool administrator,
                               bool second_shape) const;
  json::value membership(const Workspace& workspace, const Membership& member,
                         bool with_permission) const;
  const json::value& project(const Workspace& workspace, const Project& project) const;
  const json::value& repository(const Workspace& workspace, const Repository& repository) const;
  json::value repository_short(const Workspace& workspace, const Repository& repository) const;
  /// An entry of permissions-config; `scope` is "repository" or "project", `base` the path of what
  /// it is granted on ("repositories/acme/x").
  json::value grant(const Workspace& workspace, const Grant& grant, std::string_view scope,
                    std::string_view base) const;
  json::value group(const Workspace& workspace, std::size_t group) const;
  const json::value& restriction(const Workspace& workspace, const Repository& repository,
                                 const Restriction& restriction) const;
  const json::value& pull_request(const Workspace& workspace, const Repository& repository,
                                  const PullRequest& pull_request) const;
  /// The bare array of 1.0/groups/{ws}.
  json::value old_groups(const Workspace& workspace) const;

 private:
  /// A workspace as the account that owns: what a person made who is gone is the workspace's.
  static json::value team(const Workspace& workspace);
  json::value end(const Workspace& workspace, const Repository& repository,
                  const PullRequest& pull_request, bool source) const;
  json::value participants(const PullRequest& pull_request) const;
  json::value reviewers(const PullRequest& pull_request) const;
  json::value merge_commit(const Workspace& workspace, const Repository& repository,
                           const PullRequest& pull_request) const;

  const World& world_;
};

/// {"href": "https://api.bitbucket.org/2.0/" + path}. Links in bodies name Bitbucket's own host
/// whatever host was called; only `next` follows the called one.
/// The path of a repository below the version: "repositories/acme/tool".
std::string path_of(const Workspace& workspace, const Repository& repository);

json::value api_link(std::string_view path);
json::value web_link(std::string_view path);

/// Uuids in links are percent-encoded: %7B…%7D.
std::string encode_uuid(std::string_view uuid);

}  // namespace evidenced::simulator
