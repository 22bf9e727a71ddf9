// Goal: states and times stand beside the artifacts, count with them, and are filled in for those
// that an older version stored. Method: walks that change, move and remove; a database of schema 12
// on a real file, migrated and read in steps.
#include "storage/extract_store.hpp"
#include "storage/migrations.hpp"
#include "storage/sqlite/sqlite_schema.hpp"
#include "tests/storage/walker.hpp"

namespace evidenced::storage::tests {

namespace {

ArtifactDraft in_state(const std::string& id, const std::string& state, std::int64_t seconds) {
  ArtifactDraft made = pull_request(id, "acme/api", fmt::format(R"({{"state":"{}"}})", state));
  made.state = state;
  made.dated_at = at(seconds);
  return made;
}

std::int64_t live(Store& store, std::string_view state) {
  return store.number(
      fmt::format("SELECT coalesce(sum(live), 0) FROM artifact_counts WHERE state = '{}'", state));
}

/// The content is the state; it happened at a second for each of its letters.
Extract read_letters(std::string_view, std::string_view content) {
  Extract extract;
  extract.state = content;
  extract.dated_at = at(static_cast<std::int64_t>(content.size()));
  return extract;
}
constexpr std::string_view lettered[] = {"pull_request", "pipeline"};
constexpr Extractor letters{.kinds = lettered, .read = read_letters};

/// A database as version 12 of the schema left it: artifacts that know nothing of states.
class OldStore {
 public:
  OldStore() : connection_(dir.file("evidenced.db"), SqliteConnection::Use::create) {
    std::vector<Migration> steps;
    for (const Migration& step : migrations()) {
      if (step.version <= 12) steps.push_back(step);
    }
    migrate(connection_, steps);
    connection_.script(
        "INSERT INTO sources VALUES ('src_1', 'default', 'bitbucket_cloud', 'one', 'active', '',"
        " '', '', 1, '[]', 3600, NULL, '[]', 0, 0, NULL, 1, '')");
  }

  void add(std::int64_t num, std::string_view kind, std::string_view content) {
    connection_.execute(
        "INSERT INTO artifacts (num, tenant_id, id, source_id, kind, upstream_id, checkpoint_num,"
        "   workspace, project, repository, title, revision, digest, seq, observed_at,"
        "   first_observed_at, removed_reason, sync_id)"
        " VALUES ($1, 'default', 'art_' || $1, 'src_1', $2, 'u' || $1, 1, 'acme', 'PLAT',"
        "   'acme/api', '', 1, x'00', $1, 0, 0, '', 'syn_1')",
        {num, kind});
    connection_.execute(
        "INSERT INTO revisions (artifact_num, number, change, observed_at, sync_id, seq,"
        "   content_sha256, content) VALUES ($1, 1, 'created', 0, 'syn_1', $1, x'00', $2)",
        {num, content});
  }
  void remove(std::int64_t num) {
    connection_.execute("UPDATE artifacts SET removed_at = 1 WHERE num = $1", {num});
  }
  void to_newest() { migrate(connection_, migrations()); }

  bool extract(int artifacts) {
    connection_.begin(true);
    const bool more = extract_some(connection_, letters, artifacts);
    connection_.commit();
    return more;
  }

  std::string text(std::string_view sql) {
    std::string value;
    connection_.query(sql, {}, [&](const Row& row) { value = row.text(0); });
    return value;
  }

  TempDir dir;

 private:
  SqliteConnection connection_;
};

}  // namespace

TEST_CASE("state and time of a draft stand beside the artifact and follow its revisions") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk({in_state("pr-1", "OPEN", 1), in_state("pr-2", "OPEN", 2)});
  walker.walk({in_state("pr-1", "MERGED", 9), in_state("pr-2", "OPEN", 2)});
  const std::vector<Artifact> artifacts = store.list({});
  REQUIRE(artifacts.size() == 2);
  CHECK(artifacts[0].state == "MERGED");
  CHECK(artifacts[0].dated_at == at(9));
  CHECK(artifacts[1].state == "OPEN");
  CHECK(artifacts[1].dated_at == at(2));
  CHECK(live(store, "OPEN") == 1);
  CHECK(live(store, "MERGED") == 1);
  CHECK(miscounted(store) == 0);
}

TEST_CASE("a parser that reads another state from the same content makes no revision") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  ArtifactDraft made = in_state("pr-1", "OPEN", 1);
  walker.walk({made});
  made.state = "REOPENED";
  made.dated_at.reset();
  walker.walk({made});
  const Artifact artifact = store.list({}).at(0);
  CHECK(artifact.state == "REOPENED");
  CHECK_FALSE(artifact.dated_at);
  CHECK(artifact.revision == 1);
  CHECK(live(store, "OPEN") == 0);
  CHECK(miscounted(store) == 0);
}

TEST_CASE("what is renamed, removed and restored counts where it is, and nowhere else") {
  Store store;
  Walker repositories(store, "repository", "{ws-1}");
  repositories.walk({repository("{repo-1}", "acme/api")});
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk({in_state("pr-1", "OPEN", 1), in_state("pr-2", "MERGED", 2)});
  repositories.walk({repository("{repo-1}", "acme/renamed", "CORE")});
  CHECK(store.number("SELECT sum(live) FROM artifact_counts WHERE repository = 'acme/renamed'") ==
        3);
  CHECK(miscounted(store) == 0);
  walker.walk({in_state("pr-1", "OPEN", 1)});
  walker.walk({in_state("pr-1", "OPEN", 1)});
  CHECK(live(store, "MERGED") == 0);
  CHECK(store.number("SELECT count(*) FROM artifact_counts WHERE live = 0") == 0);
  CHECK(miscounted(store) == 0);
  walker.walk({in_state("pr-1", "OPEN", 1), in_state("pr-2", "DECLINED", 3)});
  CHECK(live(store, "DECLINED") == 1);
  CHECK(miscounted(store) == 0);
}

TEST_CASE("artifacts of an older version are read in steps, each once, and count by state then") {
  OldStore store;
  store.add(1, "pull_request", "OPEN");
  store.add(2, "repository", "{}");
  store.add(3, "pipeline", "FAILED");
  store.add(7, "pull_request", "OPEN");
  store.remove(7);
  store.to_newest();
  CHECK(store.text("SELECT sum(live) FROM artifact_counts") == "3");
  CHECK(store.extract(2));
  CHECK(store.text("SELECT after_num FROM unread_extracts") == "2");
  while (store.extract(2)) {
  }
  CHECK(store.text("SELECT group_concat(num || state || coalesce(dated_at, '-'), ' ')"
                   " FROM (SELECT * FROM artifacts ORDER BY num)") ==
        "1OPEN1800000004000 2- 3FAILED1800000006000 7OPEN1800000004000");
  CHECK(store.text("SELECT group_concat(kind || state || live, ' ')"
                   " FROM (SELECT * FROM artifact_counts ORDER BY kind)") ==
        "pipelineFAILED1 pull_requestOPEN1 repository1");
  CHECK_FALSE(store.extract(2));
}

TEST_CASE("a new database has nothing to read again") {
  Store store;
  CHECK(store.number("SELECT count(*) FROM unread_extracts") == 0);
  CHECK_FALSE(store.write([](Connection& c) { return extract_some(c, letters, 10); }));
}

}  // namespace evidenced::storage::tests
