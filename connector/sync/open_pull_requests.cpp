#include "connector/sync/open_pull_requests.hpp"

namespace evidenced::connector {

namespace {

constexpr std::string_view kind = "pull_request";
constexpr int page = 500;

/// Stored content is compact with sorted members, and a quote within a string is escaped: these
/// bytes are a member. No object inside a pull request has a state of this name.
bool is_open(std::string_view content) {
  return content.find(R"("state":"OPEN")") != std::string_view::npos;
}

/// The part of the identity that names the repository: "{uuid}/7".
std::string repository_of(const std::string& upstream_id) {
  return upstream_id.substr(0, upstream_id.rfind('/'));
}

void enter(OpenPullRequests::Repository& repository, const std::string& upstream_id, bool open) {
  repository.known.insert(upstream_id);
  if (open) {
    repository.open.insert(upstream_id);
  } else {
    repository.open.erase(upstream_id);
  }
}

}  // namespace

Task<Result<void>> OpenPullRequests::load(storage::Database& database, storage::TenantScope tenant,
                                          std::string source_id) {
  if (sources_.contains(source_id)) co_return Result<void>{};
  Repositories repositories;
  storage::ArtifactFilter filter;
  filter.kinds.emplace_back(kind);
  filter.source_ids.push_back(source_id);
  filter.limit = page;
  bool more = true;
  while (more) {
    auto list = [&](storage::Connection& connection) -> Result<std::vector<storage::Artifact>> {
      return storage::list_artifacts(connection, tenant, filter);
    };
    const auto artifacts = co_await storage::read(database, std::move(list));
    if (!artifacts) co_return fail(artifacts);
    for (const storage::Artifact& artifact : *artifacts) {
      enter(repositories[repository_of(artifact.upstream_id)], artifact.upstream_id,
            is_open(artifact.content));
      filter.after_id = artifact.id;
    }
    more = artifacts->size() == static_cast<std::size_t>(page);
  }
  sources_.emplace(std::move(source_id), std::move(repositories));
  co_return Result<void>{};
}

void OpenPullRequests::note(const std::string& source_id, const std::string& repository_uuid,
                            std::span<const storage::ArtifactDraft> drafts) {
  Repository& repository = sources_[source_id][repository_uuid];
  for (const storage::ArtifactDraft& draft : drafts) {
    enter(repository, draft.upstream_id, is_open(draft.content));
  }
}

const OpenPullRequests::Repository* OpenPullRequests::find(
    const std::string& source_id, const std::string& repository_uuid) const {
  const auto source = sources_.find(source_id);
  if (source == sources_.end()) return nullptr;
  const auto repository = source->second.find(repository_uuid);
  return repository == source->second.end() ? nullptr : &repository->second;
}

bool OpenPullRequests::has_open(const std::string& source_id,
                                const std::string& repository_uuid) const {
  const Repository* repository = find(source_id, repository_uuid);
  return repository != nullptr && !repository->open.empty();
}

std::int64_t OpenPullRequests::count(const std::string& source_id,
                                     const std::string& repository_uuid) const {
  const Repository* repository = find(source_id, repository_uuid);
  return repository == nullptr ? 0 : static_cast<std::int64_t>(repository->known.size());
}

}  // namespace evidenced::connector
