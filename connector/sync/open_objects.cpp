#include "connector/sync/open_objects.hpp"

#include "connector/bitbucket/row_notes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace evidenced::connector {

namespace {

constexpr std::string_view kinds[] = {"pull_request", "pipeline", "deployment", "build_status"};
constexpr int page_length = 500;

/// The part of the identity that names the repository: "{uuid}/7".
std::string repository_of(const std::string& upstream_id) {
  return upstream_id.substr(0, upstream_id.find('/'));
}

/// Of pull requests that are merged the heads are kept for so long.
constexpr std::chrono::hours month{30 * 24};

void enter(OpenObjects::Partition& partition, const std::string& id, const bitbucket::RowNote& note,
           Timestamp now) {
  if (note.open) {
    partition.open[id] = note.time;
  } else {
    partition.open.erase(id);
  }
  if (!note.head.empty() && note.time && now - *note.time < month) {
    partition.merged[note.head] = *note.time;
  }
}

void enter(OpenObjects::Partition& partition, const storage::Artifact& artifact, Timestamp now) {
  ++partition.count;
  // Most are neither: they need not be read.
  const bool matters = bitbucket::is_open(artifact.kind, artifact.content) ||
                       bitbucket::is_merged(artifact.kind, artifact.content);
  if (matters) {
    const Result<bitbucket::JsonText> object = bitbucket::read_json(artifact.content);
    if (object) {
      enter(partition, artifact.upstream_id, bitbucket::note_of(artifact.kind, *object), now);
    }
  }
  partition.last_change =
      std::max(artifact.observed_at, partition.last_change.value_or(artifact.observed_at));
}

}  // namespace

Task<Result<OpenObjects::Partitions>> OpenObjects::load_kind(storage::Database& database,
                                                             storage::TenantScope tenant,
                                                             std::string source_id,
                                                             std::string kind, Timestamp now) {
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
      enter(partitions[repository_of(artifact.upstream_id)], artifact, now);
      filter.after_id = artifact.id;
    }
    more = artifacts->size() == static_cast<std::size_t>(page_length);
  }
  co_return partitions;
}

Task<Result<void>> OpenObjects::load(storage::Database& database, storage::TenantScope tenant,
                                     std::string source_id, Timestamp now) {
  if (sources_.contains(source_id)) co_return Result<void>{};
  Kinds loaded;
  for (const std::string_view kind : kinds) {
    std::string name(kind);
    Result<Partitions> partitions = co_await load_kind(database, tenant, source_id, name, now);
    if (!partitions) co_return fail(partitions);
    loaded.emplace(std::move(name), std::move(*partitions));
  }
  sources_.emplace(std::move(source_id), std::move(loaded));
  co_return Result<void>{};
}

void OpenObjects::note(const storage::PartitionKey& key, const bitbucket::ParsedPage& page,
                       Timestamp now, Outcome outcome) {
  if (std::ranges::find(kinds, key.stream) == std::end(kinds)) return;
  Partition& partition = sources_[key.source_id][key.stream][key.partition];
  partition.count += outcome.created;
  for (std::size_t i = 0; i < page.artifacts.size(); ++i) {
    enter(partition, page.artifacts[i].upstream_id, page.notes[i], now);
  }
  if (outcome.changed) partition.last_change = now;
  std::erase_if(partition.merged, [now](const auto& head) { return now - head.second >= month; });
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
