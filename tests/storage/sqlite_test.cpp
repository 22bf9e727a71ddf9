// Goal: the driver keeps the rules that a SQLite file needs to survive in a daemon. Method: real
// files; the driver's own connections; damage done from outside.
#include "storage/database_url.hpp"
#include "storage/migrations.hpp"
#include "storage/sqlite/file_lock.hpp"
#include "storage/sqlite/sqlite_connection.hpp"
#include "storage/sqlite/sqlite_database.hpp"
#include "storage/sqlite/sqlite_schema.hpp"
#include "tests/storage/walker.hpp"

#include <sys/stat.h>

#include <fstream>
#include <set>

namespace evidenced::storage::tests {

namespace {

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

Code open_code(const SqliteOptions& options) {
  Result<std::unique_ptr<Database>> opened = open_sqlite(options);
  REQUIRE_FALSE(opened.has_value());
  return opened.error().code;
}

std::string pragma(Store& store, Access access, const std::string& name) {
  std::string value;
  auto work = [&](Connection& c) {
    c.query("PRAGMA " + name, {}, [&](const Row& row) { value = row.text(0); });
  };
  REQUIRE(run(run_as(access, store.database(), work)).has_value());
  return value;
}

}  // namespace

TEST_CASE("the writer is durable and strict, and readers cannot write") {
  Store store;
  for (auto [name, value] : {std::pair{"page_size", "16384"},
                             {"journal_mode", "wal"},
                             {"synchronous", "2"},
                             {"foreign_keys", "1"},
                             {"wal_autocheckpoint", "0"},
                             {"secure_delete", "1"},
                             {"trusted_schema", "0"},
                             {"cell_size_check", "1"},
                             {"auto_vacuum", "2"},
                             {"query_only", "0"}}) {
    CAPTURE(name);
    CHECK(pragma(store, Access::write, name) == value);
  }
  CHECK(pragma(store, Access::read, "query_only") == "1");
  CHECK(pragma(store, Access::read, "trusted_schema") == "0");
  Result<std::int64_t> written =
      store.try_read([](Connection& c) { return c.execute("DELETE FROM sources"); });
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code == Code("storage.read_only"));
}

TEST_CASE("nobody else can read the file") {
  Store store;
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat status{};
    REQUIRE(::stat((store.path() + suffix).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
}

TEST_CASE("a second daemon on the same file refuses to start") {
  Store store;
  CHECK(open_code(store.options()) == Code("storage.locked"));
  store.close();
  store.open();
  CHECK(store.number("SELECT count(*) FROM sources") == 1);
}

TEST_CASE("init refuses a database that exists and serve one that does not") {
  Store store;
  store.close();
  std::string before = bytes_of(store.path());
  SqliteOptions options = store.options();
  options.create = true;
  CHECK(open_code(options) == Code("storage.exists"));
  CHECK(bytes_of(store.path()) == before);
  options.create = false;
  options.path = store.dir().file("none.db");
  CHECK(open_code(options) == Code("storage.unavailable"));
  options.path = store.dir().file("no/such/folder.db");
  options.create = true;
  CHECK(open_code(options) == Code("storage.not_writable"));
}

TEST_CASE("a newer schema is refused and not a byte of the file changes") {
  Store store;
  store.write([](Connection& c) {
    c.execute("INSERT INTO schema_versions (version, name, applied_at) VALUES (9999, 'later', 0)");
  });
  store.close();
  std::string before = bytes_of(store.path());
  CHECK(open_code(store.options()) == Code("storage.schema_newer"));
  CHECK(bytes_of(store.path()) == before);
}

TEST_CASE("files that are no database of ours are refused") {
  Store store;
  SqliteOptions options = store.options();
  options.path = store.dir().file("other.db");
  write_file(options.path, std::string(40'000, 'x'));
  CHECK(open_code(options) == Code("storage.corrupt"));
  write_file(options.path, "");
  CHECK(open_code(options) == Code("storage.corrupt"));
}

TEST_CASE("a migration that fails half way leaves nothing, and the next try goes on from there") {
  TempDir dir;
  SqliteConnection connection(dir.file("x.db"), SqliteConnection::Use::create);
  std::vector<Migration> steps(migrations().begin(), migrations().end());
  std::string broken = "CREATE TABLE extra (id BIGINT PRIMARY KEY); CREATE TABLE extra (id TEXT);";
  int next = steps.back().version + 1;
  steps.push_back({.version = next, .name = "broken", .sql = broken});
  CHECK_THROWS_AS(migrate(connection, steps), Fault);
  CHECK(schema_version(connection) == next - 1);
  std::string mended = "CREATE TABLE extra (id BIGINT PRIMARY KEY);";
  steps.back().sql = mended;
  migrate(connection, steps);
  CHECK(schema_version(connection) == next);
  migrate(connection, steps);
  CHECK(connection.execute("INSERT INTO extra (id) VALUES (1)") == 1);
}

TEST_CASE("a database is copied whole before a migration changes it, and only then") {
  TempDir dir;
  const std::string path = dir.file("x.db");
  SqliteConnection connection(path, SqliteConnection::Use::create);
  std::vector<Migration> steps(migrations().begin(), migrations().end());
  back_up_before(connection, path, steps);
  migrate(connection, steps);
  connection.execute("INSERT INTO request_minutes VALUES ('account', 'group', 1, 42)");
  back_up_before(connection, path, steps);
  const int version = steps.back().version;
  const std::string copy = backup_path(path, version);
  CHECK_FALSE(std::filesystem::exists(copy));
  steps.push_back({.version = version + 1, .name = "next", .sql = "DROP TABLE request_minutes;"});
  write_file(copy + ".partial", "cut short by a crash");
  back_up_before(connection, path, steps);
  migrate(connection, steps);
  CHECK_FALSE(std::filesystem::exists(copy + ".partial"));
  CHECK(std::filesystem::status(copy).permissions() == std::filesystem::perms(0600));
  SqliteConnection copied(copy, SqliteConnection::Use::inspect);
  CHECK(schema_version(copied) == version);
  std::int64_t requests = 0;
  copied.query("SELECT requests FROM request_minutes", {},
               [&](const Row& row) { requests = row.integer(0); });
  CHECK(requests == 42);
}

TEST_CASE("of the copies made before migrations the newest stays") {
  TempDir dir;
  const std::string path = dir.file("x.db");
  for (const int version : {1, 2, 4}) write_file(backup_path(path, version), "a copy");
  CHECK(backup_copies(path, 4).size() == 2);
  drop_older_copies(path, 5);
  CHECK(backup_copies(path, 5) == std::vector<std::string>{backup_path(path, 4)});
  drop_older_copies(path, 5);
  CHECK(backup_copies(path, 5).size() == 1);
}

TEST_CASE("a database that cannot be copied is not migrated, and no half copy stays") {
  TempDir dir;
  const std::string path = dir.file("x.db");
  SqliteConnection connection(path, SqliteConnection::Use::create);
  std::vector<Migration> steps(migrations().begin(), migrations().end());
  migrate(connection, steps);
  steps.push_back({.version = steps.back().version + 1, .name = "next", .sql = ""});
  const std::string elsewhere = dir.file("missing/x.db");
  CHECK_THROWS_AS(back_up_before(connection, elsewhere, steps), Fault);
  CHECK(schema_version(connection) == steps.back().version - 1);
}

TEST_CASE("migrations are numbered without gaps") {
  int version = 0;
  for (const Migration& step : migrations()) CHECK(step.version == ++version);
  CHECK(version >= 1);
}

TEST_CASE("portable words become SQLite's") {
  CHECK(to_sqlite("num BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,") ==
        "num INTEGER PRIMARY KEY,");
  CHECK(to_sqlite(") /* clustered */;\n) /* clustered */;") ==
        ") WITHOUT ROWID;\n) WITHOUT ROWID;");
}

TEST_CASE("the log is copied into the file and stays small while pages keep coming") {
  Store store(true);
  Walker walker(store, "pull_request", "{repo-1}");
  walker.begin(SyncMode::full, "syn_1");
  std::string large(60'000, 'x');
  for (int i = 0; i < 60; ++i) {
    std::vector<ArtifactDraft> drafts;
    for (int k = 0; k < 20; ++k) {
      drafts.push_back(pull_request(fmt::format("pr-{}-{}", i, k), "acme/api", large));
    }
    walker.page(drafts);
  }
  struct stat status{};
  REQUIRE(::stat((store.path() + "-wal").c_str(), &status) == 0);
  CHECK(status.st_size < 32 << 20);
  store.close();
  CHECK(::stat((store.path() + "-wal").c_str(), &status) != 0);
}

TEST_CASE("a flipped byte never shows content that was not stored, unless its hash tells") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  std::vector<ArtifactDraft> drafts;
  for (int i = 0; i < 200; ++i) {
    drafts.push_back(
        pull_request(fmt::format("pr-{}", i), "acme/api",
                     fmt::format("{{\"n\":{},\"text\":\"{}\"}}", i, std::string(500, 'a'))));
  }
  walker.walk(drafts);
  ArtifactFilter filter;
  filter.limit = 500;
  std::set<std::string> original;
  for (const Artifact& artifact : store.list(filter)) original.insert(artifact.content);
  store.close();
  std::string good = bytes_of(store.path());
  SeededRandom random(5);
  for (int round = 0; round < 60; ++round) {
    std::string damaged = good;
    damaged[random.below(damaged.size())] ^= static_cast<char>(1 << random.below(8));
    write_file(store.path(), damaged);
    Result<std::unique_ptr<Database>> opened = open_sqlite(store.options());
    if (!opened) continue;
    auto list = [&](Connection& c) { return list_artifacts(c, store.tenant, filter); };
    Result<std::vector<Artifact>> listed = run(read(**opened, list));
    if (!listed) continue;
    for (const Artifact& artifact : *listed) {
      bool told = to_hex(sha256(artifact.content)) != artifact.content_sha256;
      CHECK((told || original.contains(artifact.content)));
    }
  }
  write_file(store.path(), good);
}

TEST_CASE("content that is not what was stored is refused") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk({pull_request("pr-1", "acme/api", R"({"approved":false,"by":"nobody-at-all"})")});
  std::string id = store.list({}).front().id;
  auto get = [&](Connection& c) { return find_artifact(c, store.tenant, id); };
  auto get_revision = [&](Connection& c) { return find_revision(c, store.tenant, id, 1); };
  CHECK(store.try_read(get).has_value());
  CHECK(store.try_read(get_revision).has_value());
  store.close();
  std::string bytes = bytes_of(store.path());
  std::size_t place = bytes.find("nobody-at-all");
  REQUIRE(place != std::string::npos);
  bytes[place] = 'N';
  write_file(store.path(), bytes);
  store.open();
  CHECK(store.try_read(get).error().code == Code("storage.corrupt"));
  CHECK(store.try_read(get_revision).error().code == Code("storage.corrupt"));
  auto without = [&](Connection& c) {
    return list_revisions(c, store.tenant, id, 0, 10, false).size();
  };
  CHECK(store.read(without) == 1);
}

TEST_CASE("only an absolute sqlite URL names a file") {
  CHECK(sqlite_path("sqlite:////var/lib/evidenced/db") == "/var/lib/evidenced/db");
  for (const char* wrong : {"", "sqlite://", "sqlite:///relative", "sqlite:////", "/var/lib",
                            "postgres://x", "sqlite:////a?mode=ro"}) {
    CHECK(sqlite_path(wrong).error().code == Code("config.invalid"));
  }
}

}  // namespace evidenced::storage::tests
