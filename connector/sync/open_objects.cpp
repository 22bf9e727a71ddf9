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

constexpr std::chrono::hours one_day{24};

/// What was merged within a month may have been built some time before.
std::chrono::hours memory_of(std::string_view kind) {
  constexpr auto month = 30 * one_day;
  return kind == "pipeline" ? 2 * month : month;
}

void enter(OpenObjects::Partition& partition, std::string_view kind, const std::string& id,
           const bitbucket::RowNote& note, Timestamp now) {
  if (note.open) {
    partition.open[id] = note.time;
  } else {
    partition.open.erase(id);
  }
  if (!note.commit.empty() && note.time && now - *note.time < memory_of(kind)) {
    partition.commits[note.commit] = *note.time;
  }
}

/// When what is seen at `seen` for the first time has anything to say to lists that were read
/// since: what is new only to us, as old rows are, has not. What came of it (a deployment of a
/// pipeline) may be younger than its own time.
Timestamp wake_of(const bitbucket::RowNote& row, Timestamp seen) {
  return row.time ? std::min(seen, *row.time + one_day) : seen;
}

std::optional<Timestamp> change_of(const bitbucket::ParsedPage& page, Timestamp now,
                                   OpenObjects::Outcome outcome) {
  if (outcome.created + outcome.revised == 0) return std::nullopt;
  if (!outcome.first || outcome.revised > 0 || page.notes.empty()) return now;
  Timestamp last = wake_of(page.notes.front(), now);
  for (const bitbucket::RowNote& row : page.notes) last = std::max(last, wake_of(row, now));
  return last;
}

void change(OpenObjects::Partition& partition, Timestamp at) {
  partition.last_change = std::max(at, partition.last_change.value_or(at));
}

void enter(OpenObjects::Partition& partition, const storage::Artifact& artifact, Timestamp now) {
  ++partition.count;
  const auto known_for = now - artifact.observed_at;
  const bool fresh = artifact.revision == 1 && known_for < 2 * one_day;
  // Most tell nothing of this: they need not be read.
  const bool matters = fresh || bitbucket::is_open(artifact.kind, artifact.content) ||
                       (known_for < memory_of(artifact.kind) + one_day &&
                        bitbucket::may_tell_commit(artifact.kind, artifact.content));
  Timestamp changed = artifact.observed_at;
  if (matters) {
    const Result<bitbucket::JsonText> object = bitbucket::read_json(artifact.content);
    if (object) {
      const bitbucket::RowNote note = bitbucket::note_of(artifact.kind, *object);
      enter(partition, artifact.kind, artifact.upstream_id, note, now);
      if (fresh) changed = wake_of(note, artifact.observed_at);
    }
  }
  change(partition, changed);
}

}  // namespace

bool OpenObjects::Partition::has_commit(std::string_view hash) const {
  const auto found = commits.lower_bound(hash);
  if (found != commits.end() && found->first.starts_with(hash)) return true;
  return found != commits.begin() && hash.starts_with(std::prev(found)->first);
}

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
    enter(partition, key.stream, page.artifacts[i].upstream_id, page.notes[i], now);
  }
  if (const auto changed = change_of(page, now, outcome)) change(partition, *changed);
  const std::chrono::hours memory = memory_of(key.stream);
  std::erase_if(partition.commits,
                [&](const auto& commit) { return now - commit.second >= memory; });
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
