// Goal: whatever happens in whatever order, the store ends where a few lines of plain code say.
// Method: seeded random walks (full, incremental, cut off, resumed, failed) over a remote side that
// changes all the time, compared with a model in memory after each step.
#include "tests/storage/walker.hpp"

#include <map>

namespace evidenced::storage::tests {

namespace {

/// What the rules make of one object.
struct Known {
  std::string content;
  std::int64_t revision = 0;
  std::int64_t last_seen = 0;  ///< number of the walk
  bool removed = false;
};

/// The rules of collection, written down a second time.
struct Model {
  std::map<std::string, Known> objects;
  std::int64_t complete_full = 0;  ///< number of the last complete full walk
  std::int64_t drop_walk = 0;
  Timestamp drop_at{};

  void see(const std::string& id, const std::string& content, std::int64_t walk) {
    Known& known = objects[id];
    if (known.revision == 0 || known.removed || known.content != content) ++known.revision;
    known.content = content;
    known.removed = false;
    known.last_seen = walk;
  }

  void complete(std::int64_t walk, Timestamp now) {
    std::int64_t live = 0;
    std::int64_t missing = 0;
    for (const auto& [id, known] : objects) {
      if (known.removed) continue;
      ++live;
      if (known.last_seen < walk) ++missing;
    }
    std::int64_t agreed = complete_full;
    complete_full = walk;
    if (missing >= 5 && missing * 10 > live * 3) {
      if (drop_walk == 0) {
        drop_walk = walk;
        drop_at = now;
        return;
      }
      if (now - drop_at < std::chrono::hours(24)) return;
      agreed = drop_walk;
    }
    drop_walk = 0;
    for (auto& [id, known] : objects) {
      if (known.removed || known.last_seen >= agreed) continue;
      known.removed = true;
      ++known.revision;
    }
  }
};

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed), walker_(store_, "pull_request", "{repo-1}") {
    for (int i = 0; i < 12; ++i) add();
  }

  void step() {
    walker_.now += std::chrono::minutes(random_.below(600));
    mutate();
    SyncMode mode = random_.chance(60) ? SyncMode::full : SyncMode::incremental;
    Checkpoint begun = walker_.begin(mode, fmt::format("syn_{}", ++syncs_));
    auto left = listing(mode == SyncMode::full ? 100 : 30);
    while (!left.empty()) {
      std::size_t size = std::min<std::size_t>(1 + random_.below(6), left.size());
      page(begun.walk, {left.begin(), left.begin() + static_cast<std::ptrdiff_t>(size)});
      left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(size));
      if (random_.chance(8)) {
        walker_.fail(random_.chance(50));
        return;
      }
    }
    walker_.complete();
    if (mode == SyncMode::full) model_.complete(begun.walk, walker_.now);
  }

  void compare() {
    ArtifactFilter everything;
    everything.removed = Removed::include;
    everything.limit = 500;
    std::vector<Artifact> artifacts = store_.list(everything);
    REQUIRE(artifacts.size() == model_.objects.size());
    std::int64_t live = 0;
    std::int64_t revisions = 0;
    for (const Artifact& artifact : artifacts) {
      const Known& known = model_.objects.at(artifact.upstream_id);
      CAPTURE(artifact.upstream_id);
      REQUIRE(artifact.content == known.content);
      REQUIRE(artifact.revision == known.revision);
      REQUIRE(artifact.removed_at.has_value() == known.removed);
      live += known.removed ? 0 : 1;
      revisions += known.revision;
    }
    REQUIRE(store_.number("SELECT count(*) FROM revisions") == revisions);
    REQUIRE(store_.number("SELECT count(*) FROM seen_marks") == live);
    REQUIRE(store_.number("SELECT coalesce(sum(live), 0) FROM artifact_counts") == live);
    REQUIRE(miscounted(store_) == 0);
    REQUIRE(store_.number("SELECT count(DISTINCT seq) FROM revisions") == revisions);
    REQUIRE(store_.number("SELECT max(last_seq) FROM feed_marks") == revisions);
  }

 private:
  void add() { remote_[fmt::format("pr-{:04}", ++added_)] = "{\"v\":0}"; }

  void mutate() {
    for (std::uint64_t i = random_.below(4); i > 0; --i) add();
    bool disaster = random_.chance(10);
    for (auto object = remote_.begin(); object != remote_.end();) {
      bool gone = random_.chance(disaster ? 60 : 4);
      if (random_.chance(10)) object->second = fmt::format("{{\"v\":{}}}", random_.below(5));
      object = gone ? remote_.erase(object) : std::next(object);
    }
  }

  std::vector<ArtifactDraft> listing(int percent) {
    std::vector<ArtifactDraft> drafts;
    for (const auto& [id, content] : remote_) {
      if (random_.chance(percent)) drafts.push_back(pull_request(id, "acme/api", content));
    }
    return drafts;
  }

  void page(std::int64_t walk, const std::vector<ArtifactDraft>& drafts) {
    walker_.page(drafts, "next");
    for (const ArtifactDraft& draft : drafts) model_.see(draft.upstream_id, draft.content, walk);
  }

  SeededRandom random_;
  Store store_;
  Walker walker_;
  Model model_;
  std::map<std::string, std::string> remote_;
  int added_ = 0;
  int syncs_ = 0;
};

}  // namespace

TEST_CASE("random walks over a changing remote side end where the rules say") {
  auto seed = GENERATE(1U, 2U, 3U);
  CAPTURE(seed);
  World world(seed);
  for (int i = 0; i < 60; ++i) {
    CAPTURE(i);
    world.step();
    world.compare();
  }
}

}  // namespace evidenced::storage::tests
