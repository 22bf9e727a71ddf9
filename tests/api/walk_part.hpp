#pragma once

#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <vector>

namespace evidenced::api::tests {

/// One complete walk of a partition, as a sync makes it.
inline void walk_part(World& world, const storage::PartitionKey& key,
                      const std::vector<storage::ArtifactDraft>& drafts) {
  auto done = world.write([&](storage::Connection& connection) -> Result<void> {
    storage::PageCommit page;
    page.key = key;
    page.walk =
        storage::begin_walk(connection, key, storage::SyncMode::full, "syn_collect", "").walk;
    page.sync_id = "syn_collect";
    page.artifacts = drafts;
    page.now = world.clock.now();
    storage::commit_page(connection, tenant, page, world.random);
    storage::complete_walk(connection, tenant, key, "syn_collect", world.clock.now());
    return {};
  });
  REQUIRE(done);
}

/// A walk of a partition that Bitbucket refuses.
inline void refuse_part(World& world, const storage::PartitionKey& key) {
  auto failed = world.write([&](storage::Connection& connection) -> Result<void> {
    storage::begin_walk(connection, key, storage::SyncMode::full, "syn_collect", "");
    storage::fail_walk(connection, key, {"stream.forbidden", "no", {}, 0}, true);
    return {};
  });
  REQUIRE(failed);
}

}  // namespace evidenced::api::tests
