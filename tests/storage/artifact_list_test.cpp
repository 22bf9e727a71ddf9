// Goal: a list holds exactly what its filters say, in order, in pages that neither lose nor repeat.
// Method: a mixed collection with a plain filter in C++ as the oracle.
#include "tests/storage/mixed_collection.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace evidenced::storage::tests {

namespace {

bool contains(const std::vector<std::string>& values, const std::string& value) {
  return values.empty() || std::ranges::find(values, value) != values.end();
}

bool matches(const ArtifactFilter& filter, const Artifact& artifact) {
  bool since = filter.changed_since_seq.has_value();
  bool removed = artifact.removed_at.has_value();
  if (filter.removed == Removed::only && !removed) return false;
  if (filter.removed == Removed::hide && removed) return false;
  if (since && artifact.seq < *filter.changed_since_seq) return false;
  if (filter.as_of_seq > 0 && artifact.seq > filter.as_of_seq) return false;
  return contains(filter.kinds, artifact.kind) && contains(filter.source_ids, artifact.source_id) &&
         contains(filter.workspaces, artifact.workspace) &&
         contains(filter.projects, artifact.project) &&
         contains(filter.repositories, artifact.repository) &&
         contains(filter.states, artifact.state) &&
         (artifact.title.find(filter.text) != std::string::npos ||
          artifact.upstream_id.find(filter.text) != std::string::npos);
}

/// Makes the filter go on behind the page.
void turn(ArtifactFilter& filter, const std::vector<Artifact>& page) {
  if (filter.order == ArtifactOrder::last_changed) {
    filter.before_seq = page.back().seq;
  } else {
    filter.after_id = page.back().id;
  }
}

/// The ids of those that match, in the order of the filter.
std::vector<std::string> expected_of(std::vector<Artifact> all, const ArtifactFilter& filter) {
  std::erase_if(all, [&](const Artifact& artifact) { return !matches(filter, artifact); });
  if (filter.order == ArtifactOrder::newest) std::ranges::reverse(all);
  if (filter.order == ArtifactOrder::last_changed) {
    std::ranges::sort(all, std::greater{}, &Artifact::seq);
  }
  std::vector<std::string> ids;
  for (const Artifact& artifact : all) ids.push_back(artifact.id);
  return ids;
}

}  // namespace

TEST_CASE("every combination of filters lists what a plain comparison would, page by page") {
  Store store;
  fill_mixed(store);
  ArtifactFilter everything;
  everything.removed = Removed::include;
  everything.limit = 500;
  std::vector<Artifact> all = store.list(everything);
  REQUIRE(all.size() == 4 + 4 * 24);
  SeededRandom random(7);
  for (int round = 0; round < 300; ++round) {
    ArtifactFilter filter;
    if (random.chance(50)) filter.kinds.push_back("pull_request");
    if (random.chance(20)) filter.kinds.push_back("repository");
    if (random.chance(30)) filter.source_ids = {store.source_id};
    if (random.chance(30)) filter.workspaces = {"initech"};
    if (random.chance(30)) filter.projects = {"PLAT"};
    if (random.chance(30)) filter.repositories = {"acme/repo-1", "initech/repo-2", "acme/none"};
    if (random.chance(30)) filter.changed_since_seq = static_cast<std::int64_t>(random.below(140));
    if (random.chance(30)) filter.as_of_seq = 1 + static_cast<std::int64_t>(random.below(140));
    if (random.chance(30)) filter.states = {"OPEN", "DECLINED"};
    if (random.chance(20)) filter.states.push_back("MERGED");
    if (random.chance(20)) filter.text = "request-1";
    filter.removed = static_cast<Removed>(random.below(3));
    filter.order = static_cast<ArtifactOrder>(random.below(3));
    filter.limit = 1 + static_cast<int>(random.below(9));
    const std::vector<std::string> expected = expected_of(all, filter);
    std::vector<std::string> listed;
    while (true) {
      std::vector<Artifact> page = store.list(filter);
      for (const Artifact& artifact : page) listed.push_back(artifact.id);
      if (page.size() < static_cast<std::size_t>(filter.limit)) break;
      turn(filter, page);
    }
    CAPTURE(round, filter.order);
    REQUIRE(listed == expected);
  }
}

TEST_CASE("ids rise in the order in which artifacts were first seen, whatever the clock does") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk({pull_request("pr-1", "acme/api"), pull_request("pr-2", "acme/api")});
  walker.walk({pull_request("pr-3", "acme/api")}, SyncMode::incremental, std::chrono::hours(-5));
  walker.walk({pull_request("pr-4", "acme/api")}, SyncMode::incremental, std::chrono::hours(0));
  std::vector<Artifact> artifacts = store.list({});
  REQUIRE(artifacts.size() == 4);
  for (std::size_t i = 0; i < artifacts.size(); ++i) {
    CHECK(artifacts[i].upstream_id == fmt::format("pr-{}", i + 1));
    if (i > 0) CHECK(artifacts[i - 1].id < artifacts[i].id);
  }
}

TEST_CASE("workspaces, projects and repositories are found by their uuid, too") {
  Store store;
  Walker projects(store, "project", "{ws-1}");
  projects.walk({project("{prj-1}", "acme", "PLAT"), project("{prj-2}", "initech", "PLAT")});
  Walker workspaces(store, "workspace", "");
  workspaces.walk({workspace("{ws-1}", "acme"), workspace("{ws-2}", "initech")});
  Walker repositories(store, "repository", "{ws-1}");
  repositories.walk({repository("{repo-1}", "acme/api"), repository("{repo-2}", "initech/api")});
  ArtifactFilter filter;
  filter.projects = {"{prj-2}"};
  CHECK(store.list(filter).size() == 2);
  filter.projects = {"PLAT"};
  CHECK(store.list(filter).size() == 4);
  filter = {};
  filter.repositories = {"{repo-2}", "acme/api"};
  CHECK(store.list(filter).size() == 2);
  filter.repositories = {"{repo-9}"};
  CHECK(store.list(filter).empty());
  filter = {};
  filter.workspaces = {"{ws-1}"};
  CHECK(store.list(filter).size() == 3);
}

TEST_CASE("what changed since a moment holds the moment itself, revisions and removals") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  std::vector<ArtifactDraft> drafts{pull_request("pr-1", "acme/api"),
                                    pull_request("pr-2", "acme/api"),
                                    pull_request("pr-3", "acme/api")};
  walker.walk(drafts);
  drafts.pop_back();
  drafts[0] = pull_request("pr-1", "acme/api", "{\"state\":\"MERGED\"}");
  walker.walk(drafts);
  Timestamp second = walker.now;
  walker.walk(drafts);
  ArtifactFilter filter;
  filter.changed_since = second;
  CHECK(store.list(filter).size() == 1);
  filter.removed = Removed::include;
  std::vector<Artifact> changed = store.list(filter);
  REQUIRE(changed.size() == 2);
  CHECK(changed[0].upstream_id == "pr-1");
  CHECK(changed[1].removed_at.has_value());
  filter.changed_since = walker.now;
  CHECK(store.list(filter).size() == 1);
  filter.changed_since = walker.now + std::chrono::milliseconds(1);
  CHECK(store.list(filter).empty());
}

TEST_CASE("a clock that was set back hides no change from those who ask since a moment") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk({pull_request("pr-1", "acme/api")});
  Timestamp before = walker.now;
  walker.walk({pull_request("pr-2", "acme/api")}, SyncMode::incremental, std::chrono::hours(-2));
  ArtifactFilter filter;
  filter.changed_since = before;
  std::vector<Artifact> changed = store.list(filter);
  REQUIRE_FALSE(changed.empty());
  CHECK(changed.back().upstream_id == "pr-2");
}

TEST_CASE("a list without content carries everything else") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk({pull_request("pr-1", "acme/api")});
  ArtifactFilter filter;
  filter.with_content = false;
  Artifact artifact = store.list(filter).at(0);
  CHECK(artifact.content.empty());
  CHECK(artifact.content_sha256 == to_hex(sha256("{}")));
}

TEST_CASE("a tenant sees nothing of another's") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk({pull_request("pr-1", "acme/api")});
  std::string id = store.list({}).at(0).id;
  TenantScope other("other");
  store.read([&](Connection& c) {
    CHECK(list_artifacts(c, other, {}).empty());
    CHECK(list_revisions(c, other, id, 0, 10, true).empty());
    CHECK(count_by_kind(c, other, {}).empty());
    CHECK(current_seq(c, other) == 0);
    CHECK(find_artifact(c, other, id).error().code == Code("resource.not_found"));
    CHECK(find_revision(c, other, id, 1).error().code == Code("resource.not_found"));
  });
}

TEST_CASE("a text is searched for as it is, whatever the case of its letters") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  std::vector<ArtifactDraft> drafts = pull_requests(1, 4);
  drafts[0].title = "Pay 100% of_it";
  drafts[1].title = "Pay 1000 ofXit";
  drafts[2].title = "back\\slash";
  drafts[3].title = "ÄRGER";
  walker.walk(drafts);
  const auto found = [&](const std::string& text) {
    ArtifactFilter filter;
    filter.text = text;
    return ids_upstream(store.list(filter));
  };
  CHECK(found("100%") == Strings{"pr-001"});
  CHECK(found("OF_IT") == Strings{"pr-001"});
  CHECK(found("k\\s") == Strings{"pr-003"});
  CHECK(found("RGER") == Strings{"pr-004"});
  CHECK(found("PR-00") == Strings{"pr-001", "pr-002", "pr-003", "pr-004"});
  CHECK(found("'; --").empty());
}

TEST_CASE("what changed last comes first, and what changes meanwhile is left to the next list") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  std::vector<ArtifactDraft> drafts = pull_requests(1, 4);
  walker.walk(drafts);
  ArtifactFilter filter;
  filter.order = ArtifactOrder::last_changed;
  filter.as_of_seq = store.read([&](Connection& c) { return current_seq(c, store.tenant); });
  filter.limit = 2;
  const std::vector<Artifact> first = store.list(filter);
  CHECK(ids_upstream(first) == Strings{"pr-004", "pr-003"});
  drafts[0] = pull_request("pr-001", "acme/api", "{\"new\":1}");
  drafts[3] = pull_request("pr-004", "acme/api", "{\"new\":1}");
  walker.walk(drafts);
  turn(filter, first);
  CHECK(ids_upstream(store.list(filter)) == Strings{"pr-002"});
}

TEST_CASE("a purged artifact's place is where the newest first go on") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk(pull_requests(1, 4));
  ArtifactFilter filter;
  filter.order = ArtifactOrder::newest;
  filter.kinds = {"pull_request"};
  const std::vector<Artifact> all = store.list(filter);
  store.write([&](Connection& c) -> void {
    c.execute("DELETE FROM revisions WHERE artifact_num = 3");
    c.execute("DELETE FROM seen_marks WHERE artifact_num = 3");
    c.execute("DELETE FROM artifacts WHERE num = 3");
  });
  filter.after_id = all.at(1).id;
  CHECK(ids_upstream(store.list(filter)) == Strings{"pr-002", "pr-001"});
  filter.kinds.clear();
  CHECK(ids_upstream(store.list(filter)) == Strings{"pr-002", "pr-001"});
}

TEST_CASE("in a window states and titles are those of then") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  std::vector<ArtifactDraft> drafts;
  for (int i = 0; i < 30; ++i) {
    ArtifactDraft made = pull_request(fmt::format("pr-{:02}", i), "acme/api", "OPEN");
    made.title = made.state = "OPEN";
    drafts.push_back(made);
  }
  walker.walk(drafts);
  Window window;
  window.to = walker.now;
  for (int i = 0; i < 30; i += 2) {
    ArtifactDraft& made = drafts[static_cast<std::size_t>(i)];
    made.content = made.title = made.state = "MERGED";
    made.digest = sha256(made.content);
  }
  walker.walk(drafts);
  ArtifactFilter filter;
  filter.window = window;
  filter.limit = 500;
  // The content is the state and the title.
  filter.read = [](std::string_view, std::string_view content) {
    Extract extract;
    extract.title = extract.state = std::string(content);
    return extract;
  };
  filter.states = {"MERGED"};
  CHECK(store.list(filter).empty());
  filter.states = {"OPEN"};
  CHECK(store.list(filter).size() == 30);
  filter.limit = 7;
  CHECK(store.list(filter).size() == 7);
  filter.states.clear();
  filter.text = "merg";
  CHECK(store.list(filter).empty());
  filter.text = "PR-2";
  CHECK(store.list(filter).size() == 7);
  filter.order = ArtifactOrder::last_changed;
  CHECK(store.list(filter).front().upstream_id == "pr-29");
}

}  // namespace evidenced::storage::tests
