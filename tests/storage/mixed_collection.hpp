#pragma once

#include "tests/storage/walker.hpp"

namespace evidenced::storage::tests {

/// Four repositories in two workspaces, with pull requests and restrictions, some removed.
inline void fill_mixed(Store& store) {
  for (int r = 0; r < 4; ++r) {
    std::string name = fmt::format("{}/repo-{}", r < 2 ? "acme" : "initech", r);
    Walker repositories(store, "repository", r < 2 ? "{ws-1}" : "{ws-2}");
    repositories.begin(SyncMode::incremental, "syn_1");
    repositories.page({repository(fmt::format("{{repo-{}}}", r), name, r % 2 ? "PLAT" : "WEB")});
    for (const char* kind : {"pull_request", "branch_restriction"}) {
      Walker walker(store, kind, fmt::format("{{repo-{}}}", r));
      std::vector<ArtifactDraft> drafts;
      for (int i = 0; i < 12; ++i) {
        ArtifactDraft made = pull_request(fmt::format("{}-{}-{}", kind, r, i), name);
        made.kind = kind;
        made.project = r % 2 ? "PLAT" : "WEB";
        if (made.kind == "pull_request") made.state = i % 3 == 0 ? "OPEN" : "MERGED";
        drafts.push_back(made);
      }
      walker.walk(drafts);
      drafts.resize(static_cast<std::size_t>(11 - r % 2));
      walker.walk(drafts);
      walker.walk(drafts);
    }
  }
}

}  // namespace evidenced::storage::tests
