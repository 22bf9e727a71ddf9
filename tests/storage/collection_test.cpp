// Goal: pages, walks and tombstones keep what Bitbucket listed, and conclude absence only from
// complete walks. Method: walks of a few drafts on a real file, then the lists and history.
#include "storage/purge.hpp"
#include "tests/storage/walker.hpp"

#include <algorithm>

namespace evidenced::storage::tests {

namespace {

std::vector<std::string> ids_upstream(const std::vector<Artifact>& artifacts) {
  std::vector<std::string> ids;
  for (const Artifact& artifact : artifacts) ids.push_back(artifact.upstream_id);
  return ids;
}

std::vector<ArtifactDraft> pull_requests(int first, int last) {
  std::vector<ArtifactDraft> drafts;
  for (int i = first; i <= last; ++i) {
    drafts.push_back(pull_request(fmt::format("pr-{:03}", i), "acme/api"));
  }
  return drafts;
}

std::vector<std::string> changes(Store& store, const Artifact& artifact) {
  std::vector<Revision> revisions = store.read(
      [&](Connection& c) { return list_revisions(c, store.tenant, artifact.id, 0, 100, false); });
  std::vector<std::string> words;
  for (const Revision& revision : revisions) words.push_back(revision.change);
  return words;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("a page stores artifacts with their first revision and the place to go on") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  Checkpoint begun = walker.begin(SyncMode::full, "syn_1");
  CHECK(begun.walk == 1);
  CHECK(begun.running);
  PageResult result = walker.page(pull_requests(1, 3), "https://next");
  CHECK(result.created == 3);
  Checkpoint checkpoint = walker.checkpoint();
  CHECK(checkpoint.position == "https://next");
  CHECK(checkpoint.pages == 1);
  CHECK(checkpoint.rows == 3);

  std::vector<Artifact> artifacts = store.list({});
  REQUIRE(ids_upstream(artifacts) == Strings{"pr-001", "pr-002", "pr-003"});
  CHECK(artifacts[0].content == "{}");
  CHECK(artifacts[0].content_sha256 == to_hex(sha256("{}")));
  CHECK(artifacts[0].seq == 1);
  CHECK(artifacts[2].seq == 3);
  CHECK(artifacts[0].repository == "acme/api");
  CHECK(changes(store, artifacts[0]) == Strings{"created"});
}

TEST_CASE("an unchanged object makes no revision, a changed one exactly one") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk(
      {pull_request("pr-1", "acme/api", "{\"state\":\"OPEN\"}"), pull_request("pr-2", "acme/api")});
  walker.walk({pull_request("pr-1", "acme/api", "{\"state\":\"MERGED\"}"),
               pull_request("pr-2", "acme/api")});
  CHECK(walker.last.revised == 1);
  CHECK(walker.last.unchanged == 1);
  std::vector<Artifact> artifacts = store.list({});
  CHECK(artifacts[0].revision == 2);
  CHECK(artifacts[0].content == "{\"state\":\"MERGED\"}");
  CHECK(artifacts[1].revision == 1);
  Revision first =
      store.read([&](Connection& c) { return find_revision(c, store.tenant, artifacts[0].id, 1); });
  CHECK(first.content == "{\"state\":\"OPEN\"}");
}

TEST_CASE("rows in another order, with new ones among them or twice are taken for what they are") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk(pull_requests(1, 60));
  std::vector<ArtifactDraft> drafts = pull_requests(1, 60);
  drafts.insert(drafts.begin() + 20, pull_request("pr-new", "acme/api"));
  std::swap(drafts[5], drafts[40]);
  drafts[30].content = "{\"changed\":1}";
  drafts[30].digest = sha256(drafts[30].content);
  drafts.erase(drafts.begin() + 50);
  drafts.push_back(drafts[10]);
  drafts.push_back(drafts[30]);
  drafts.push_back(drafts[20]);
  walker.walk(drafts);
  CHECK(walker.last.created == 1);
  CHECK(walker.last.revised == 1);
  CHECK(walker.last.unchanged == 58);
  CHECK(walker.last.repeated == 3);
  CHECK(walker.checkpoint().rows == 60);
  CHECK(store.number("SELECT count(*) FROM seen_marks WHERE walk < 2") == 1);
  drafts = pull_requests(1, 60);
  std::ranges::reverse(drafts);
  walker.walk(drafts);
  CHECK(walker.last.unchanged == 59);
  CHECK(walker.last.revised == 1);
  CHECK(walker.last.repeated == 0);
  CHECK(store.number("SELECT count(*) FROM seen_marks WHERE walk < 3") == 1);
}

TEST_CASE("a page tells how much of its end was known when the last complete walk ended") {
  Store store;
  Walker walker(store, "pull_request_activity", "{repo-1}");
  walker.walk(pull_requests(10, 20));
  CHECK(walker.last.known_tail == 0);
  walker.now += std::chrono::minutes(10);
  walker.begin(SyncMode::incremental, "syn_a");
  CHECK(walker.page(pull_requests(8, 14)).known_tail == 5);
  // The walk fails: what it stored is not known before a complete walk has passed it.
  walker.fail(true);
  walker.now += std::chrono::minutes(10);
  walker.begin(SyncMode::incremental, "syn_b");
  CHECK(walker.page(pull_requests(6, 9)).known_tail == 0);
  CHECK(walker.page(pull_requests(9, 12)).known_tail == 3);
  walker.complete();
  walker.walk(pull_requests(5, 9), SyncMode::incremental);
  CHECK(walker.last.known_tail == 4);
}

TEST_CASE("a watermark can be learnt from a page, and a list of some things misses none") {
  Store store;
  Walker walker(store, "commit", "{repo-1}");
  walker.walk(pull_requests(1, 3));
  walker.now += std::chrono::minutes(10);
  for (const char* sync : {"syn_a", "syn_b"}) {
    walker.begin(SyncMode::full, sync);
    store.write([&](Connection& c) {
      const std::vector<ArtifactDraft> drafts = pull_requests(3, 3);
      PageCommit page = walker.page_of(drafts);
      page.next_watermark = "c0ffee";
      return commit_page(c, store.tenant, page, store.random);
    });
    walker.page(pull_requests(2, 2));
    const WalkEnd end = store.write([&](Connection& c) {
      return complete_walk(c, store.tenant, walker.key(), sync, walker.now, Listed::some);
    });
    CHECK(end.removed == 0);
    CHECK(end.missing == 0);
  }
  CHECK(walker.checkpoint().watermark == "c0ffee");
  CHECK(store.list({}).size() == 3);
}

TEST_CASE("volatile members that are not digested make no revision and change no stored byte") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  ArtifactDraft member = draft("workspace_member", "m-1", "{\"last_accessed\":1}");
  walker.walk({member});
  member.content = "{\"last_accessed\":2}";
  walker.walk({member});
  CHECK(walker.last.unchanged == 1);
  CHECK(store.list({}).at(0).content == "{\"last_accessed\":1}");
}

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

TEST_CASE("a row that moved to a later page of the same walk is seen once") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.begin(SyncMode::full, "syn_1");
  walker.page(pull_requests(1, 3), "2");
  PageResult second = walker.page(pull_requests(3, 5), "");
  CHECK(second.repeated == 1);
  CHECK(second.created == 2);
  CHECK(walker.checkpoint().rows == 5);
}

TEST_CASE("a walk goes on for the sync that left it, and for the next one after a failure") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.begin(SyncMode::full, "syn_1");
  walker.page(pull_requests(1, 3), "page 2");
  CHECK(walker.begin(SyncMode::full, "syn_1").walk == 1);
  walker.fail(false);
  CHECK(walker.checkpoint().error->code == "upstream.timeout");
  Checkpoint resumed = walker.begin(SyncMode::full, "syn_2");
  CHECK(resumed.walk == 1);
  CHECK(resumed.position == "page 2");
  CHECK(resumed.next_watermark == "watermark of syn_1");
  CHECK_FALSE(resumed.error.has_value());
  walker.fail(true);
  CHECK(walker.begin(SyncMode::full, "syn_3").walk == 2);
  CHECK(walker.begin(SyncMode::incremental, "syn_3").walk == 3);
  CHECK(walker.begin(SyncMode::incremental, "syn_4").walk == 4);
}

TEST_CASE("a page of a walk that does not run any more is refused whole") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.begin(SyncMode::full, "syn_1");
  std::vector<ArtifactDraft> drafts = pull_requests(1, 3);
  PageCommit late = walker.page_of(drafts);
  walker.begin(SyncMode::full, "syn_2");
  Result<PageResult> result = store.try_write(
      [&](Connection& c) { return commit_page(c, store.tenant, late, store.random); });
  REQUIRE_FALSE(result.has_value());
  CHECK(store.list({}).empty());
}

TEST_CASE("a failure after a page undoes the page, its checkpoint and its feed positions") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.begin(SyncMode::full, "syn_1");
  std::vector<ArtifactDraft> drafts = pull_requests(1, 3);
  Result<PageResult> result = store.try_write([&](Connection& c) -> Result<PageResult> {
    commit_page(c, store.tenant, walker.page_of(drafts, "2"), store.random);
    return fail("storage.busy");
  });
  CHECK_FALSE(result.has_value());
  CHECK(store.list({}).empty());
  CHECK(walker.checkpoint().position.empty());
  CHECK(store.read([&](Connection& c) { return current_seq(c, store.tenant); }) == 0);
}

TEST_CASE("revisions cannot be updated, not even by SQL") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk(pull_requests(1, 1));
  Result<std::int64_t> changed = store.try_write(
      [&](Connection& c) { return c.execute("UPDATE revisions SET content = '{\"x\":1}'"); });
  CHECK_FALSE(changed.has_value());
  CHECK(store.list({}).at(0).content == "{}");
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
