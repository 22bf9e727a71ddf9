#pragma once

#include "config/time.hpp"
#include "connector/bitbucket/json_text.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace evidenced::connector::bitbucket {

/// What a walk wants to know of a row beside the artifact that it becomes.
struct RowNote {
  std::optional<Timestamp> time;  ///< by which its list is in order, where it says
  bool open = false;              ///< it will change yet: an open pull request, a running
                                  ///< pipeline; or it is switched on
  std::string commit{};           ///< that a pull request was merged with, or a pipeline built
};

/// Of kinds without a time or an end: nothing. Deployments have many times: the last one counts.
RowNote note_of(std::string_view kind, const JsonText& object);

/// Whether stored content (canonical) is that of an open pull request, pipeline, deployment or
/// build, or of Pipelines switched on; without reading it.
bool is_open(std::string_view kind, std::string_view content);

/// Whether the note of stored content may have a commit, without reading it.
bool may_tell_commit(std::string_view kind, std::string_view content);

/// Whether rows come newest first, as far as their times tell: those of the first half are on
/// average no older than those of the second. A few rows out of order are none the less in order:
/// what was deployed again shows the time of its first release.
bool newest_first(std::span<const RowNote> rows);

}  // namespace evidenced::connector::bitbucket
