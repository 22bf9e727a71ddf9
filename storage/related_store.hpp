#pragma once

#include "storage/artifact_store.hpp"
#include "storage/connection.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace evidenced::storage {

/// Artifacts of one kind and source that hang together with another one. Each way to find them is
/// answered by an index, or looks at kinds of which a source has few.
struct RelatedQuery {
  enum class By {
    id,         ///< their upstream ids are `ids`; removed ones are found, too
    id_prefix,  ///< their upstream ids begin with one of `ids`
    partition,  ///< the walk of `stream` in the partition ids[0] lists them
    place,      ///< workspace, project and repository are these; "" is any
    parents,  ///< their upstream ids are those of the artifacts of `parents` in the workspace, each
              ///< followed by one of `ids`
    mention,  ///< in the workspace, with ids[0] in their content
  };
  By by = By::id;
  std::string source_id;
  std::string kind;
  std::vector<std::string> ids = {};
  std::string stream = {};
  std::string parents = {};  ///< kind
  std::string workspace = {};
  std::string project = {};
  std::string repository = {};
};

/// Visits at most `limit` of them, the newest first; how many there are. Within a window, which is
/// the filter's, they are as it left them; nothing else of the filter counts. Throws Fault.
std::int64_t visit_related(Connection& connection, const TenantScope& tenant,
                           const RelatedQuery& query, const ArtifactFilter& filter,
                           const ArtifactVisitor& visit);

/// The {uuid} of a workspace of a source, by its slug; "" when it is not known.
std::string find_workspace_uuid(Connection& connection, const TenantScope& tenant,
                                const std::string& source_id, const std::string& slug);

/// The partition that an artifact was listed in: the {uuid} of its parent; "" when it has none.
std::string partition_of_artifact(Connection& connection, const TenantScope& tenant,
                                  const std::string& id);

}  // namespace evidenced::storage
