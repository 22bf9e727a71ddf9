#include "connector/bitbucket/identity.hpp"

#include "config/utf8.hpp"
#include "connector/bitbucket/naming.hpp"

#include <fmt/format.h>

#include <utility>

namespace evidenced::connector::bitbucket {

namespace {

constexpr std::size_t longest_id = 200;
constexpr std::size_t longest_name = 1000;

/// One line of at most longest_name bytes, for columns that people and files get to see.
std::string one_line(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    const bool shown = point.valid && !is_unprintable(point.value);
    if (out.size() + point.size > longest_name) break;
    if (shown) {
      out += text.substr(0, point.size);
    } else {
      out += ' ';
    }
    text.remove_prefix(point.size);
  }
  return out;
}

storage::Extract extract_from(const Found& found) {
  const Naming& naming = naming_of(found.kind);
  storage::Extract extract;
  extract.title = one_line(naming.title(found));
  if (naming.state != nullptr) extract.state = one_line(naming.state(found.object));
  if (naming.dated_at != nullptr) extract.dated_at = naming.dated_at(found.object);
  if (naming.commit_hash != nullptr) {
    extract.commit_hash = one_line(naming.commit_hash(found.object));
  }
  return extract;
}

/// The repository that the columns are read from, where the object is one or says its own.
const JsonText* home_of(const Found& found) {
  if (found.kind == "repository") return &found.object;
  for (const JsonText* home :
       {found.object.find("repository"), found.object.at("destination", "repository")}) {
    if (home != nullptr && home->is_object()) return home;
  }
  return nullptr;
}

void locate(const Found& found, storage::ArtifactDraft& draft) {
  const Partition& partition = found.partition;
  const JsonText* repository = home_of(found);
  const JsonText& home = repository == nullptr ? found.object : *repository;
  // An object knows best where it is; what only belongs to it does not always say.
  if (found.kind == "workspace") {
    draft.workspace = first_of({text_at(found.object, "slug"), workspace_slug(found.object)});
  } else if (found.kind == "project" || found.kind == "repository") {
    draft.workspace = first_of({workspace_slug(found.object), partition.workspace});
  } else if (found.kind != "account") {
    draft.workspace = first_of({partition.workspace, workspace_slug(home)});
  }
  if (found.kind == "project") {
    draft.project = text_at(found.object, "key");
  } else {
    draft.project = first_of({text_at(home, "project", "key"), partition.project});
  }
  if (found.kind == "repository") {
    draft.repository = repository_name(found.object, draft.workspace);
  } else if (!partition.repository.empty()) {
    draft.repository = partition.repository;
  } else if (repository != nullptr) {
    draft.repository = repository_name(*repository, draft.workspace);
  }
}

}  // namespace

std::string workspace_slug(const JsonText& object) {
  const std::string slug = text_at(object, "workspace", "slug");
  if (!slug.empty()) return slug;
  const std::string full_name = text_at(object, "full_name");
  const std::size_t slash = full_name.find('/');
  return slash == std::string::npos ? std::string() : full_name.substr(0, slash);
}

std::string repository_name(const JsonText& repository, std::string_view workspace) {
  const std::string full_name = text_at(repository, "full_name");
  if (full_name.find('/') != std::string::npos) return full_name;
  const std::string slug = text_at(repository, "slug");
  if (slug.empty() || workspace.empty()) return {};
  return fmt::format("{}/{}", workspace, slug);
}

storage::Extract extract_of(std::string_view kind, std::string_view content) {
  const Result<JsonText> object = read_json(content);
  if (!object || !object->is_object()) return {};
  const Partition nowhere;  // what is extracted is in the objects themselves
  return extract_from({kind, 0, nowhere, *object});
}

storage::Extractor extractor() {
  return {.kinds = kinds_with_extracts(), .read = extract_of};
}

void identify(const Found& found, storage::ArtifactDraft& draft) {
  const Naming& naming = naming_of(found.kind);
  std::string id = naming.id(found);
  const bool usable = !id.empty() && id.size() <= longest_id && one_line(id) == id;
  if (!usable) {
    const storage::Digest hash = id.empty() ? draft.digest : storage::sha256(id);
    id = joined(found.partition.id, "sha256:" + storage::to_hex(hash));
  }
  draft.upstream_id = std::move(id);
  storage::Extract extract = extract_from(found);
  draft.title = std::move(extract.title);
  draft.state = std::move(extract.state);
  draft.dated_at = extract.dated_at;
  draft.commit_hash = std::move(extract.commit_hash);
  locate(found, draft);
  for (std::string* column : {&draft.workspace, &draft.project, &draft.repository}) {
    *column = one_line(*column);
  }
}

}  // namespace evidenced::connector::bitbucket
