#pragma once

#include "tests/storage/store.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace evidenced::storage::tests {

using Strings = std::vector<std::string>;

inline ArtifactDraft draft(std::string kind, std::string upstream_id, std::string content = "{}") {
  ArtifactDraft made;
  made.kind = std::move(kind);
  made.upstream_id = std::move(upstream_id);
  made.title = made.upstream_id;
  made.content = std::move(content);
  made.digest = sha256(made.content);
  return made;
}

inline ArtifactDraft workspace(const std::string& uuid, const std::string& slug) {
  ArtifactDraft made = draft("workspace", uuid, fmt::format(R"({{"slug":"{}"}})", slug));
  made.workspace = slug;
  return made;
}

inline ArtifactDraft project(const std::string& uuid, const std::string& slug,
                             const std::string& key) {
  ArtifactDraft made = draft("project", uuid, fmt::format(R"({{"key":"{}"}})", key));
  made.workspace = slug;
  made.project = key;
  return made;
}

/// `full_name` is "workspace/slug".
inline ArtifactDraft repository(const std::string& uuid, const std::string& full_name,
                                const std::string& project = "PLAT") {
  ArtifactDraft made = draft("repository", uuid, fmt::format(R"({{"name":"{}"}})", full_name));
  made.workspace = full_name.substr(0, full_name.find('/'));
  made.project = project;
  made.repository = full_name;
  return made;
}

inline ArtifactDraft pull_request(const std::string& id, const std::string& full_name,
                                  const std::string& content = "{}") {
  ArtifactDraft made = draft("pull_request", id, content);
  made.workspace = full_name.substr(0, full_name.find('/'));
  made.project = "PLAT";
  made.repository = full_name;
  return made;
}

/// Pull requests of acme/api, from one number to another.
inline std::vector<ArtifactDraft> pull_requests(int first, int last) {
  std::vector<ArtifactDraft> drafts;
  for (int i = first; i <= last; ++i) {
    drafts.push_back(pull_request(fmt::format("pr-{:03}", i), "acme/api"));
  }
  return drafts;
}

inline std::vector<std::string> ids_upstream(const std::vector<Artifact>& artifacts) {
  std::vector<std::string> ids;
  for (const Artifact& artifact : artifacts) ids.push_back(artifact.upstream_id);
  return ids;
}

/// Places and states whose count is not that of the live rows.
inline std::int64_t miscounted(Store& store) {
  return store.number(
      "SELECT count(*) FROM (SELECT 1 FROM (SELECT source_id, kind, workspace, project, repository,"
      "   state, live FROM artifact_counts UNION ALL SELECT source_id, kind, workspace, project,"
      "   repository, state, -1 FROM artifacts WHERE removed_at IS NULL) b"
      " GROUP BY source_id, kind, workspace, project, repository, state HAVING sum(live) <> 0) w");
}

/// What happened to an artifact, revision by revision.
inline std::vector<std::string> changes(Store& store, const Artifact& artifact) {
  std::vector<Revision> revisions = store.read(
      [&](Connection& c) { return list_revisions(c, store.tenant, artifact.id, 0, 100, false); });
  std::vector<std::string> words;
  for (const Revision& revision : revisions) words.push_back(revision.change);
  return words;
}

/// Walks one partition the way the sync runner does, with a clock that is turned by hand.
class Walker {
 public:
  Walker(Store& store, std::string stream, std::string partition)
      : Walker(store, store.source_id, std::move(stream), std::move(partition)) {}
  Walker(Store& store, std::string source_id, std::string stream, std::string partition)
      : store_(store),
        key_{.source_id = std::move(source_id),
             .stream = std::move(stream),
             .partition = std::move(partition)} {}

  Checkpoint begin(SyncMode mode, const std::string& sync_id,
                   WalkStart start = WalkStart::where_left) {
    sync_id_ = sync_id;
    return checkpoint_ = store_.write([&](Connection& c) {
      return begin_walk(c, key_, mode, sync_id, fmt::format("watermark of {}", sync_id), start);
    });
  }

  PageResult page(const std::vector<ArtifactDraft>& drafts, const std::string& next = "") {
    return store_.write([&](Connection& c) {
      return commit_page(c, store_.tenant, page_of(drafts, next), store_.random);
    });
  }

  PageCommit page_of(const std::vector<ArtifactDraft>& drafts, const std::string& next = "") const {
    PageCommit commit;
    commit.key = key_;
    commit.walk = checkpoint_.walk;
    commit.sync_id = sync_id_;
    commit.position = next;
    commit.artifacts = drafts;
    commit.now = now;
    return commit;
  }

  WalkEnd complete() {
    return store_.write(
        [&](Connection& c) { return complete_walk(c, store_.tenant, key_, sync_id_, now); });
  }

  void fail(bool restart) {
    StoredError error{.code = "upstream.timeout", .detail = "", .scopes = {}};
    store_.write([&](Connection& c) { fail_walk(c, key_, error, restart); });
  }

  /// A whole walk in one page; time moves on by `step`.
  WalkEnd walk(const std::vector<ArtifactDraft>& drafts, SyncMode mode = SyncMode::full,
               std::chrono::seconds step = std::chrono::minutes(10)) {
    now += step;
    begin(mode, fmt::format("syn_{}", ++syncs_));
    last = page(drafts);
    return complete();
  }

  Checkpoint checkpoint() {
    return *store_.read([&](Connection& c) { return find_checkpoint(c, key_); });
  }
  const PartitionKey& key() const { return key_; }

  Timestamp now = at(0);
  PageResult last;

 private:
  Store& store_;
  PartitionKey key_;
  Checkpoint checkpoint_;
  std::string sync_id_;
  int syncs_ = 0;
};

}  // namespace evidenced::storage::tests
