#pragma once

#include "storage/collection_store.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <vector>

namespace bench {

/// Pull requests of a kilobyte, numbered from `first`.
inline std::vector<evidenced::storage::ArtifactDraft> make_drafts(int first, int count) {
  std::vector<evidenced::storage::ArtifactDraft> drafts;
  for (int i = first; i < first + count; ++i) {
    evidenced::storage::ArtifactDraft draft;
    draft.kind = "pull_request";
    draft.upstream_id = fmt::format("{{5f0c7c3e-repo-4000}}/{}", i);
    draft.workspace = "acme";
    draft.project = "PLAT";
    draft.repository = "acme/payments-api";
    draft.title = fmt::format("Change number {}", i);
    draft.state = "MERGED";
    draft.dated_at = evidenced::Timestamp(std::chrono::seconds(1'700'000'000 + i));
    draft.content = fmt::format(R"({{"id":{},"state":"MERGED","text":"{}"}})", i,
                                std::string(960, static_cast<char>('a' + i % 26)));
    draft.digest = evidenced::storage::sha256(draft.content);
    drafts.push_back(std::move(draft));
  }
  return drafts;
}

}  // namespace bench
