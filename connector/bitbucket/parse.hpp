#pragma once

#include "config/error.hpp"
#include "connector/bitbucket/streams.hpp"
#include "storage/collection_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::connector::bitbucket {

/// Where a stream is walked: the workspace, project or repository that its paths name. Fields that
/// the parent does not have are empty.
struct Partition {
  std::string id;  ///< the {uuid} of the parent; "" for streams without one
  std::string workspace_uuid;
  std::string workspace;  ///< slug
  std::string project;    ///< key
  std::string repository_uuid;
  std::string repository;  ///< workspace/slug
  std::string
      updated_on;  ///< of the repository, as received: decides whether pull requests are looked at
};

/// One page of a list (or one object, for the streams that are not lists), scrubbed and canonical.
struct ParsedPage {
  std::vector<storage::ArtifactDraft> artifacts;
  std::optional<std::string> next;
  std::optional<std::int64_t> size;
  std::int64_t malformed =
      0;  ///< entries of `values` that are no objects, or have no identity even by content
  std::string
      newest;  ///< greatest updated_on on the page, normalised to RFC 3339 UTC; "" when none
};

/// Reads a body. Pure. Never refuses an object for its shape: unknown and missing members, nulls
/// and foreign types are kept as they are. Errors: upstream.invalid_json (not JSON, or neither a
/// page, an array nor an object). `leg` is the index of the path within the stream (users, groups):
/// it is part of the identity where it must be.
Result<ParsedPage> parse_page(const Stream& stream, std::size_t leg, const Partition& partition,
                              std::string_view body);

/// The partition that a stored workspace, project or repository opens for its child streams;
/// nullopt for other kinds or when the object has no uuid.
std::optional<Partition> partition_of(std::string_view kind, std::string_view content);

/// The first target of a walk: path with the partition's uuids (braces encoded), page length,
/// constant query, and for an incremental walk the filter on updated_on (minus the overlap). ""
/// when the partition lacks what the path needs: a path with an empty segment is never built.
std::string first_target(const Stream& stream, std::size_t leg, const Partition& partition,
                         std::string_view updated_since);

}  // namespace evidenced::connector::bitbucket
