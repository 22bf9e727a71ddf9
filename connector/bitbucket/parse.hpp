#pragma once

#include "config/error.hpp"
#include "connector/bitbucket/page_shape.hpp"
#include "connector/bitbucket/row_notes.hpp"
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
  std::string repository;          ///< workspace/slug
  std::string main_branch;         ///< of the repository; "" for an empty one
  std::string pull_request;        ///< number of one that is open, for streams that look at one
  std::vector<std::string> heads;  ///< commits, for streams that are asked for each
  std::string
      updated_on;  ///< of the repository, as received: decides whether pull requests are looked at
  /// Of an entry of /user/workspaces: what it says beside the workspace ({"administrator":true}),
  /// as JSON; it becomes part of the workspace artifact. "" elsewhere.
  std::string access;
};

/// One page of a list (or one object, for the streams that are not lists), scrubbed and canonical.
struct ParsedPage {
  std::vector<storage::ArtifactDraft> artifacts;
  std::vector<RowNote> notes;        ///< of each of them
  PageShape shape;                   ///< of all of them
  std::optional<std::string> next;   ///< as received; nullopt or "": the last page
  std::optional<std::int64_t> size;  ///< the source's total, where it says
  std::int64_t malformed = 0;        ///< entries that are no objects
  std::int64_t first_malformed = 0;  ///< the place of the first of them, from 1
  std::string
      newest;  ///< greatest updated_on on the page, normalised to RFC 3339 UTC; "" when none
};

/// Reads a body. Pure. Never refuses an entry for its shape: unknown and missing members, nulls
/// and foreign types are kept as they are; an object without any identity is known by the hash of
/// its content. `leg` is the index of the path within the stream (users, groups): it is part of
/// the identity where it must be. Leg 0 of a list_of_objects gives entries for partition_of, not
/// artifacts to store.
///
/// Errors: upstream.invalid_json: not JSON; a list without an array `values` (a bare array will
/// do: 1.0 API), so that a strange answer never passes for an empty list; a `next` that is no
/// string; no object where one is expected.
Result<ParsedPage> parse_page(const Stream& stream, std::size_t leg, const Partition& partition,
                              std::string_view body);

/// The partition that a stored workspace, project or repository (or an entry of leg 0 of
/// "workspace") opens for its child streams; nullopt for other kinds or when the object has no
/// uuid.
std::optional<Partition> partition_of(std::string_view kind, std::string_view content);

}  // namespace evidenced::connector::bitbucket
