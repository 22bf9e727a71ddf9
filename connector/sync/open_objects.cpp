#include "connector/sync/open_objects.hpp"

#include "connector/bitbucket/row_notes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace evidenced::connector {

namespace {

constexpr std::string_view kinds[] = {"pull_request", "pipeline", "deployment"};
constexpr int page_length = 500;

/// The part of the identity that names the repository: "{uuid}/7".
std::string repository_of(const std::string& upstream_id) {
  return upstream_id.substr(0, upstream_id.find('/'));
}

std::optional<Timestamp> time_of(std::string_view kind, std::string_view content) {
  const Result<bitbucket::JsonText> object = bitbucket::read_json(content);
  if (!object) return std::nullopt;
  return bitbucket::note_of(kind, *object).time;
}

void enter(OpenObjects::Partition& partition, const storage::Artifact& artifact) {
  partition.known.insert(artifact.upstream_id);
  if (bitbucket::is_open(artifact.kind, artifact.content)) {
    partition.open[artifact.upstream_id] = time_of(artifact.kind, artifact.content);
  }
  partition.last_change =
      std::max(artifact.observed_at, partition.last_change.value_or(artifact.observed_at));
}

}  // namespace

Task<Result<OpenObjects::Partitions>> OpenObjects::load_kind(storage::Database& database,
                                                             storage::TenantScope tenant,
                                                             std::string source_id,
                                                             std::string kind) {
  Partitions partitions;
  storage::ArtifactFilter filter;
  filter.kinds.push_back(std::move(kind));
  filter.source_ids.push_back(std::move(source_id));
  filter.limit = page_length;
  bool more = true;
  while (more) {
    auto list = [&](storage::Connection& connection) -> Result<std::vector<storage::Artifact>> {
      return storage::list_artifacts(connection, tenant, filter);
    };
    const auto artifacts = co_await storage::read(database, std::move(list));
    if (!artifacts) co_return fail(artifacts);
    for (const storage::Artifact& artifact : *artifacts) {
      enter(partitions[repository_of(artifact.upstream_id)], artifact);
      filter.after_id = artifact.id;
    }
    more = artifacts->size() == static_cast<std::size_t>(page_length);
  }
  co_return partitions;
}

Task<Result<void>> OpenObjects::load(storage::Database& database, storage::TenantScope tenant,
                                     std::string source_id) {
  if (sources_.contains(source_id)) co_return Result<void>{};
  Kinds loaded;
  for (const std::string_view kind : kinds) {
    std::string name(kind);
    Result<Partitions> partitions = co_await load_kind(database, tenant, source_id, name);
    if (!partitions) co_return fail(partitions);
    loaded.emplace(std::move(name), std::move(*partitions));
  }
  sources_.emplace(std::move(source_id), std::move(loaded));
  co_return Result<void>{};
}

void OpenObjects::note(const std::string& source_id, std::string_view kind,
                       const std::string& repository_uuid, const bitbucket::ParsedPage& page,
                       std::optional<Timestamp> changed) {
  if (std::ranges::find(kinds, kind) == std::end(kinds)) return;
  Partition& partition = sources_[source_id][std::string(kind)][repository_uuid];
  for (std::size_t i = 0; i < page.artifacts.size(); ++i) {
    const std::string& id = page.artifacts[i].upstream_id;
    partition.known.insert(id);
    if (page.notes[i].open) {
      partition.open[id] = page.notes[i].time;
    } else {
      partition.open.erase(id);
    }
  }
  if (changed) partition.last_change = changed;
}

const OpenObjects::Partition& OpenObjects::find(const std::string& source_id, std::string_view kind,
                                                const std::string& repository_uuid) const {
  static const Partition nothing;
  const auto source = sources_.find(source_id);
  if (source == sources_.end()) return nothing;
  const auto partitions = source->second.find(kind);
  if (partitions == source->second.end()) return nothing;
  const auto found = partitions->second.find(repository_uuid);
  return found == partitions->second.end() ? nothing : found->second;
}

}  // namespace evidenced::connector
