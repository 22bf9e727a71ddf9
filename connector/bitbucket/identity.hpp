#pragma once

#include "connector/bitbucket/json_text.hpp"
#include "connector/bitbucket/parse.hpp"
#include "storage/collection_store.hpp"
#include "storage/extract_store.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace evidenced::connector::bitbucket {

/// An object and where it was found.
struct Found {
  std::string_view kind;
  std::size_t leg;
  const Partition& partition;
  const JsonText& object;
};

/// Fills what stands beside the content: upstream_id (the {uuid}; else a composite that survives
/// renames; else the hash of the digest, which the draft has already), title, state,
/// time, workspace, project, repository. All of them are one line and bounded, whatever the source
/// sends.
void identify(const Found& found, storage::ArtifactDraft& draft);

/// Title, state and time as `identify` gives them to an object of this kind, from its stored
/// content; nothing when the content is no object.
storage::Extract extract_of(std::string_view kind, std::string_view content);

/// The same for what was stored before they were kept beside the content.
storage::Extractor extractor();

/// The workspace slug that a project or repository names, "" when it names none.
std::string workspace_slug(const JsonText& object);

/// "workspace/slug" of a repository object, "" when it cannot be told.
std::string repository_name(const JsonText& repository, std::string_view workspace);

}  // namespace evidenced::connector::bitbucket
