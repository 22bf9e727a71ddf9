// Goal: absence is concluded only from complete walks, sudden drops wait, and what hangs on a
// parent goes, moves and comes back with it. Method: walks of a few drafts on a real file, then the
// lists and history.
#include "storage/purge.hpp"
#include "tests/storage/walker.hpp"

namespace evidenced::storage::tests {

TEST_CASE("absence is concluded only when two complete full walks agree") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk(pull_requests(1, 10));
  WalkEnd once = walker.walk(pull_requests(1, 9));
  CHECK(once.removed == 0);
  CHECK(once.missing == 1);
  CHECK(store.list({}).size() == 10);
  WalkEnd twice = walker.walk(pull_requests(1, 9));
  CHECK(twice.removed == 1);
  CHECK(twice.missing == 0);
  CHECK(store.list({}).size() == 9);
  ArtifactFilter removed_only;
  removed_only.removed = Removed::only;
  std::vector<Artifact> removed = store.list(removed_only);
  REQUIRE(ids_upstream(removed) == Strings{"pr-010"});
  CHECK(removed[0].removed_reason == "not_listed");
  CHECK(removed[0].removed_at == walker.now);
  CHECK(removed[0].content == "{}");
  CHECK(changes(store, removed[0]) == Strings{"created", "removed"});
}

TEST_CASE("an object that a walk between saw is not removed by the next full walk") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk(pull_requests(1, 10));
  walker.walk(pull_requests(1, 9));
  walker.walk(pull_requests(10, 10), SyncMode::incremental);
  CHECK(walker.walk(pull_requests(1, 9)).removed == 0);
  CHECK(walker.walk(pull_requests(1, 9)).removed == 1);
}

TEST_CASE("a walk that failed or was incremental removes nothing") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk(pull_requests(1, 10));
  for (int i = 0; i < 3; ++i) {
    walker.begin(SyncMode::full, fmt::format("syn_failed_{}", i));
    walker.page(pull_requests(1, 2), "https://next");
    walker.fail(true);
  }
  walker.walk(pull_requests(1, 1), SyncMode::incremental);
  walker.walk(pull_requests(1, 1), SyncMode::incremental);
  CHECK(store.list({}).size() == 10);
  Checkpoint checkpoint = walker.checkpoint();
  CHECK(checkpoint.generation == 1);
  CHECK(checkpoint.observed_at == walker.now);
  CHECK(checkpoint.complete_at != walker.now);
}

TEST_CASE("an object that comes back is restored under its id") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk(pull_requests(1, 4));
  std::string id = store.list({}).at(3).id;
  walker.walk(pull_requests(1, 3));
  walker.walk(pull_requests(1, 3));
  REQUIRE(store.list({}).size() == 3);
  walker.walk(pull_requests(1, 4));
  std::vector<Artifact> artifacts = store.list({});
  REQUIRE(artifacts.size() == 4);
  CHECK(artifacts[3].id == id);
  CHECK(artifacts[3].revision == 3);
  CHECK_FALSE(artifacts[3].removed_at.has_value());
  CHECK(artifacts[3].content == "{}");
  CHECK(changes(store, artifacts[3]) == Strings{"created", "removed", "restored"});
  CHECK(store.number("SELECT count(*) FROM revisions WHERE content IS NOT NULL") == 4);
}

TEST_CASE("a sudden drop is held back until complete walks over a day agree") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk(pull_requests(1, 10));
  WalkEnd first = walker.walk(pull_requests(1, 4));
  CHECK(first.suspicious_drop);
  CHECK(first.missing == 6);
  CHECK(walker.checkpoint().generation == 1);
  CHECK(walker.walk(pull_requests(1, 4), SyncMode::full, std::chrono::hours(23)).suspicious_drop);
  CHECK(store.list({}).size() == 10);
  WalkEnd last = walker.walk(pull_requests(1, 4), SyncMode::full, std::chrono::hours(1));
  CHECK_FALSE(last.suspicious_drop);
  CHECK(last.removed == 6);
  CHECK(store.list({}).size() == 4);
}

TEST_CASE("a drop that heals is forgotten, and the next one waits its own day") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk(pull_requests(1, 10));
  CHECK(walker.walk({}).suspicious_drop);
  CHECK_FALSE(walker.walk(pull_requests(1, 10)).suspicious_drop);
  CHECK(walker.walk({}, SyncMode::full, std::chrono::hours(30)).suspicious_drop);
  CHECK(store.list({}).size() == 10);
}

TEST_CASE("an operator can confirm a sudden drop") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk(pull_requests(1, 10));
  CHECK(walker.walk(pull_requests(1, 4)).suspicious_drop);
  std::int64_t removed = store.write([&](Connection& c) {
    return confirm_drops(c, store.tenant, store.source_id, "pull_request", walker.now);
  });
  CHECK(removed == 6);
  CHECK(store.list({}).size() == 4);
  CHECK_FALSE(walker.walk(pull_requests(1, 4)).suspicious_drop);
}

TEST_CASE("fewer than five missing objects are no sudden drop") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk(pull_requests(1, 4));
  CHECK_FALSE(walker.walk({}).suspicious_drop);
  CHECK(walker.walk({}).removed == 4);
}

TEST_CASE("a removed repository takes along what hangs on it, and it all comes back") {
  Store store;
  Walker repositories(store, "repository", "{ws-1}");
  Walker requests(store, "pull_request", "{repo-1}");
  repositories.walk({repository("{repo-1}", "acme/api"), repository("{repo-2}", "acme/web")});
  requests.now = repositories.now;
  requests.walk(pull_requests(1, 3));
  repositories.now = requests.now;
  repositories.walk({repository("{repo-2}", "acme/web")});
  WalkEnd end = repositories.walk({repository("{repo-2}", "acme/web")});
  CHECK(end.removed == 4);
  CHECK(store.list({}).size() == 1);
  ArtifactFilter all;
  all.removed = Removed::include;
  CHECK(store.list(all).at(3).removed_reason == "parent_removed");
  CHECK(requests.checkpoint().watermark.empty());

  repositories.walk({repository("{repo-1}", "acme/api"), repository("{repo-2}", "acme/web")});
  requests.now = repositories.now;
  requests.walk(pull_requests(1, 3));
  CHECK(store.list({}).size() == 5);
  auto counts = store.read([&](Connection& c) { return count_by_kind(c, store.tenant, {}); });
  CHECK(counts == decltype(counts){{"pull_request", 3}, {"repository", 2}});
}

TEST_CASE("a renamed repository takes along the location of what hangs on it, without revisions") {
  Store store;
  Walker repositories(store, "repository", "{ws-1}");
  Walker requests(store, "pull_request", "{repo-1}");
  repositories.walk({repository("{repo-1}", "acme/api"), repository("{repo-2}", "acme/web")});
  requests.walk(pull_requests(1, 2));
  repositories.walk({repository("{repo-1}", "acme/web"), repository("{repo-2}", "acme/api")});
  ArtifactFilter filter;
  filter.kinds = {"pull_request"};
  for (const Artifact& artifact : store.list(filter)) {
    CHECK(artifact.repository == "acme/web");
    CHECK(artifact.revision == 1);
    CHECK(artifact.seq > 4);
  }
  filter.repositories = {"{repo-1}"};
  CHECK(store.list(filter).size() == 2);
  filter.repositories = {"acme/api"};
  CHECK(store.list(filter).empty());
}

TEST_CASE("a renamed workspace renames everything below it") {
  Store store;
  Walker workspaces(store, "workspace", "");
  Walker repositories(store, "repository", "{ws-1}");
  workspaces.walk({workspace("{ws-1}", "acme"), workspace("{ws-2}", "acme-labs")});
  repositories.walk({repository("{repo-1}", "acme/api"), repository("{repo-2}", "acme-labs/x")});
  workspaces.walk({workspace("{ws-1}", "initech"), workspace("{ws-2}", "acme-labs")});
  ArtifactFilter filter;
  filter.kinds = {"repository"};
  std::vector<Artifact> artifacts = store.list(filter);
  CHECK(artifacts[0].workspace == "initech");
  CHECK(artifacts[0].repository == "initech/api");
  CHECK(artifacts[1].repository == "acme-labs/x");
}

TEST_CASE("purging a source leaves nothing of it and nothing else out") {
  Store store;
  store.add_source("src_2");
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk(pull_requests(1, 5));
  const auto purge = [&](const std::string& source_id) {
    store.write([&](Connection& c) { request_purge(c, store.tenant, source_id, at(0)); });
    int steps = 1;
    while (store.write([&](Connection& c) { return purge_some(c, store.tenant, source_id, 2); })) {
      ++steps;
      // What a crash leaves behind between two steps is found and gone on with.
      store.close();
      store.open();
      CHECK(store.read([](Connection& c) { return pending_purge(c); })->second == source_id);
    }
    return steps;
  };
  purge("src_2");
  CHECK(store.list({}).size() == 5);
  CHECK(purge(store.source_id) > 1);
  CHECK_FALSE(store.read([](Connection& c) { return pending_purge(c); }));
  for (const char* table :
       {"artifacts", "revisions", "seen_marks", "checkpoints", "artifact_counts"}) {
    CHECK(store.number(fmt::format("SELECT count(*) FROM {}", table)) == 0);
  }
}

TEST_CASE("what a walk leaves out on purpose is not missed, and is removed once it is asked for") {
  Store store;
  Walker walker(store, "workspace", "");
  walker.walk({workspace("{a}", "acme"), workspace("{b}", "blue")});
  const std::vector<std::string> deselected = {"{b}", "{unknown}"};
  for (int i = 0; i < 3; ++i) {
    walker.now += std::chrono::hours(24);
    walker.begin(SyncMode::full, fmt::format("syn_narrow_{}", i));
    walker.page({workspace("{a}", "acme")});
    store.write([&](Connection& c) { spare_unasked(c, walker.key(), "workspace", deselected); });
    const WalkEnd end = walker.complete();
    CHECK(end.missing == 0);
    CHECK(end.removed == 0);
  }
  CHECK(walker.walk({workspace("{a}", "acme")}).missing == 1);
  CHECK(walker.walk({workspace("{a}", "acme")}).removed == 1);
}

}  // namespace evidenced::storage::tests
