// Goal: pages and walks keep what Bitbucket listed, each object once, each change as a revision.
// Method: walks of a few drafts on a real file, then the lists and history.
#include "tests/storage/walker.hpp"

#include <algorithm>

namespace evidenced::storage::tests {

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

TEST_CASE("a walk that is to begin afresh does so, whatever was left") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.begin(SyncMode::full, "syn_1");
  walker.page(pull_requests(1, 3), "page 2");
  const Checkpoint same_sync = walker.begin(SyncMode::full, "syn_1", WalkStart::afresh);
  CHECK(same_sync.walk == 2);
  CHECK(same_sync.position.empty());
  CHECK(same_sync.rows == 0);
  walker.page(pull_requests(1, 3), "page 2");
  walker.fail(false);
  const Checkpoint next_sync = walker.begin(SyncMode::full, "syn_2", WalkStart::afresh);
  CHECK(next_sync.walk == 3);
  CHECK(next_sync.position.empty());
  CHECK(next_sync.next_watermark == "watermark of syn_2");
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

}  // namespace evidenced::storage::tests
