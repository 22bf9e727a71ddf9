#pragma once

// A state folder with a million artifacts: 500 repositories of two workspaces, five kinds, some in
// states, one in a thousand in a rare one.

#include "bench/daemon.hpp"

#include <array>

namespace bench {

inline constexpr int many_repositories = 500;

struct Many {
  std::string_view kind;
  int percent;
  std::array<std::string_view, 4> states;
};
inline constexpr Many mixture[] = {
    {"pull_request", 25, {"MERGED", "MERGED", "DECLINED", "OPEN"}},
    {"commit", 40, {"", "", "", ""}},
    {"pipeline", 20, {"SUCCESSFUL", "SUCCESSFUL", "FAILED", "STOPPED"}},
    {"repository_access", 10, {"", "", "", ""}},
    {"branch_restriction", 5, {"", "", "", ""}}};

inline const Many& kind_of(int number) {
  int part = number % 100;
  for (const Many& many : mixture) {
    if (part < many.percent) return many;
    part -= many.percent;
  }
  return mixture[0];
}

/// A repository's artifacts, of all kinds.
inline std::vector<ArtifactDraft> drafts_of(int repository, int artifacts) {
  std::vector<ArtifactDraft> drafts;
  for (int i = 0; i < artifacts; ++i) {
    const Many& many = kind_of(i);
    ArtifactDraft& draft = drafts.emplace_back();
    draft.kind = many.kind;
    draft.upstream_id = fmt::format("{{5f0c7c3e-{:04}}}/{}", repository, i);
    draft.workspace = repository % 2 == 0 ? "acme" : "initech";
    draft.project = fmt::format("P{:02}", repository % 40);
    draft.repository = fmt::format("{}/service-{:03}", draft.workspace, repository);
    draft.title = fmt::format("Change number {} of {}", i, repository);
    // One in a thousand is open.
    draft.state = many.states[i % 1000 == 0 ? 3 : static_cast<std::size_t>(i / 100) % 3];
    draft.content = fmt::format(R"({{"id":{},"text":"{}"}})", i, std::string(200, 'x'));
    draft.digest = sha256(draft.content);
  }
  return drafts;
}

inline Task<void> fill_repository(Database& database, int repository, int artifacts) {
  const TenantScope tenant{std::string(default_tenant)};
  const std::vector<ArtifactDraft> drafts = drafts_of(repository, artifacts);
  SystemRandom random;
  PageCommit page;
  page.key = {.source_id = source_id,
              .stream = "pull_request",
              .partition = fmt::format("{{5f0c7c3e-{:04}}}", repository)};
  page.sync_id = "syn_01J0000000000000000000002";
  page.now = SystemClock().now();
  page.artifacts = drafts;
  const auto commit = [&](Connection& c) {
    page.walk = begin_walk(c, page.key, SyncMode::full, page.sync_id, "").walk;
    commit_page(c, tenant, page, random);
    return complete_walk(c, tenant, page.key, page.sync_id, page.now);
  };
  Result<WalkEnd> end = co_await write(database, commit);
  end.value();
}

/// Creates the database of `serve_daemon` in `folder` with so many artifacts; an admin's API key.
inline std::string fill_many(const std::string& folder, int artifacts) {
  std::string key = fill_database(folder, 0);
  SqliteOptions options;
  options.path = folder + "/evidenced.db";
  const std::unique_ptr<Database> database = std::move(open_sqlite(options).value());
  for (int i = 0; i < many_repositories; ++i) {
    run(fill_repository(*database, i, artifacts / many_repositories));
  }
  return key;
}

}  // namespace bench
