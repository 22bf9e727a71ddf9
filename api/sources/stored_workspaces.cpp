#include "api/sources/stored_workspaces.hpp"

namespace evidenced::api {

std::vector<connector::bitbucket::Partition> stored_workspaces(storage::Connection& connection,
                                                               const storage::TenantScope& tenant,
                                                               const std::string& source_id) {
  std::vector<connector::bitbucket::Partition> workspaces;
  storage::ArtifactFilter filter;
  filter.kinds = {"workspace"};
  filter.source_ids = {source_id};
  filter.limit = 500;
  filter.with_content = false;
  bool more = true;
  while (more) {
    const auto page = storage::list_artifacts(connection, tenant, filter);
    for (const storage::Artifact& artifact : page) {
      connector::bitbucket::Partition& workspace = workspaces.emplace_back();
      workspace.workspace_uuid = artifact.upstream_id;
      workspace.workspace = artifact.workspace;
      filter.after_id = artifact.id;
    }
    more = page.size() == static_cast<std::size_t>(filter.limit);
  }
  return workspaces;
}

}  // namespace evidenced::api
