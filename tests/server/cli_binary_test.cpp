// Goal: the real binary makes a state that works, refuses what it must, and says why.
// Method: runs the program with folders of the test's own.
#include "config/clock.hpp"
#include "config/master_key.hpp"
#include "config/settings.hpp"
#include "console/assets.hpp"
#include "storage/key_store.hpp"
#include "storage/session_store.hpp"
#include "storage/sqlite/sqlite_connection.hpp"
#include "storage/vault.hpp"
#include "tests/catch.hpp"
#include "tests/folder.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

namespace evidenced {
namespace {

namespace fs = std::filesystem;

struct World {
  test::Folder folder;

  struct Ran {
    int exit_code;
    std::string out;
    std::string err;
  };
  /// Runs the program in the folder; `arguments` are words without blanks or quotes.
  Ran run(const std::string& arguments, const std::string& variables = "") const {
    const char* binary = std::getenv("EVIDENCED_BINARY");
    REQUIRE(binary != nullptr);
    const std::string command =
        fmt::format("cd {0} && env -u EVIDENCED_CONFIG {3} {1} {2} >{0}/.out 2>{0}/.err </dev/null",
                    folder.path(), binary, arguments, variables);
    const int status = std::system(command.c_str());
    return {WEXITSTATUS(status), test::read_file(folder.file(".out")),
            test::read_file(folder.file(".err"))};
  }
  /// Nothing listens where evidenced.toml says Bitbucket is.
  void point_nowhere() const {
    std::string config = test::read_file(folder.file("evidenced.toml"));
    config.insert(config.find("[connector]\n") + 12, "base_url = \"https://127.0.0.1:1\"\n");
    folder.write("evidenced.toml", config);
  }
  unsigned mode(const std::string& name) const {
    struct stat status{};
    REQUIRE(::stat(folder.file(name).c_str(), &status) == 0);
    return status.st_mode & 07777U;
  }
  std::vector<std::string> tree() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
      const std::string name = entry.path().filename().string();
      if (name != ".out" && name != ".err") names.push_back(entry.path().string());
    }
    std::ranges::sort(names);
    return names;
  }
};

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  const std::size_t start = text.rfind('\n', end);
  return text.substr(start + 1, end - start);
}

TEST_CASE("init makes configuration, key and database, private, and prints a key that works") {
  const World world;
  const World::Ran made = world.run("init --config conf/evidenced.toml --state state");
  CAPTURE(made.out, made.err);
  REQUIRE(made.exit_code == 0);
  CHECK(made.err.empty());
  CHECK(world.mode("state") == 0700);
  CHECK(world.mode("conf") == 0700);
  CHECK(world.mode("state/master.key") == 0400);
  CHECK(world.mode("state/evidenced.db") == 0600);
  CHECK(world.mode("conf/evidenced.toml") == 0600);

  SettingsInput input;
  input.config_file = world.folder.file("conf/evidenced.toml");
  const auto loaded = load_settings(input);
  REQUIRE(loaded.has_value());
  CHECK(loaded->settings.storage.url == "sqlite:///" + world.folder.file("state/evidenced.db"));
  const Result<Secret> master_key = load_master_key(loaded->settings);
  REQUIRE(master_key.has_value());

  storage::SqliteConnection database(world.folder.file("state/evidenced.db"),
                                     storage::SqliteConnection::Use::inspect);
  const auto vault = storage::Vault::open(database, *master_key);
  REQUIRE(vault.has_value());
  const std::string key = last_line(made.out);
  REQUIRE(key.starts_with("ev_"));
  const auto who = storage::authenticate(database, key, *vault, SystemClock().now());
  REQUIRE(who.has_value());
  CHECK(who->key.roles.size() == 4);
  for (const std::string& name : world.tree()) {
    if (fs::is_regular_file(name)) CHECK_FALSE(test::read_file(name).contains(key));
  }

  // The link, where there is a console to sign in to.
  const std::string link = "http://127.0.0.1:8080/ui/sign-in#code=";
  const std::size_t link_at = made.out.find(link);
  CHECK((link_at != std::string::npos) == !console::assets().empty());
  if (link_at == std::string::npos) return;
  const std::string code = made.out.substr(link_at + link.size(), 64);
  storage::SqliteConnection writer(world.folder.file("state/evidenced.db"),
                                   storage::SqliteConnection::Use::write);
  const auto linked = storage::use_sign_in_link(writer, code, *vault,
                                                SystemClock().now() + std::chrono::minutes(59));
  REQUIRE(linked.has_value());
  CHECK(linked->key.id == who->key.id);
}

TEST_CASE("init never overwrites: exit code 73, nothing touched") {
  const World world;
  REQUIRE(world.run("init --config a.toml --state state").exit_code == 0);
  const std::vector<std::string> before = world.tree();
  const std::string key = test::read_file(world.folder.file("state/master.key"));
  for (const char* arguments :
       {"init --config b.toml --state state", "init --config a.toml --state other"}) {
    const World::Ran again = world.run(arguments);
    CHECK(again.exit_code == 73);
    CHECK(again.out.empty());
    CHECK(again.err.contains("(storage.exists)"));
  }
  CHECK(world.tree() == before);
  CHECK(test::read_file(world.folder.file("state/master.key")) == key);
}

TEST_CASE("init that cannot finish leaves nothing behind") {
  const World world;
  world.folder.write("file", "not a folder");
  const World::Ran failed = world.run("init --config file/a.toml --state new/state");
  CHECK(failed.exit_code == 73);
  CHECK(failed.err.contains("(storage.not_writable)"));
  CHECK(world.tree() == std::vector<std::string>{world.folder.file("file")});
}

TEST_CASE("serve tells in one line what keeps it from starting, with its exit code") {
  const World world;
  REQUIRE(world.run("init --config evidenced.toml --state state").exit_code == 0);
  const World::Ran no_file = world.run("serve --config none.toml");
  CHECK(no_file.exit_code == 78);
  CHECK(std::ranges::count(no_file.err, '\n') == 1);
  CHECK(no_file.err.contains("none.toml: No such file or directory (config.unreadable)"));
  CHECK(world.run("serve --no-such-flag").exit_code == 64);
  CHECK(world.run("serve --config evidenced.toml --server-listen 0.0.0.0:1").exit_code == 78);

  ::chmod(world.folder.file("state/master.key").c_str(), 0644);
  const World::Ran open_key = world.run("serve --config evidenced.toml");
  CHECK(open_key.exit_code == 77);
  CHECK(std::ranges::count(open_key.err, '\n') == 1);
  CHECK(open_key.err.contains("(key.mode)"));
  CHECK(open_key.err.contains("chmod 0400"));
  fs::remove(world.folder.file("state/master.key"));
  CHECK(world.run("serve --config evidenced.toml").exit_code == 77);
}

TEST_CASE("serve does not start on a state folder that it may not write") {
  const World world;
  REQUIRE(world.run("init --config evidenced.toml --state state").exit_code == 0);
  ::chmod(world.folder.file("state").c_str(), 0500);
  // Root may write everywhere, but without the capability to.
  const std::string somebody = ::geteuid() == 0 ? "setpriv --bounding-set=-dac_override --" : "";
  const World::Ran refused = world.run("serve --config evidenced.toml", somebody);
  ::chmod(world.folder.file("state").c_str(), 0700);
  CHECK(refused.exit_code == 73);
  CHECK(std::ranges::count(refused.err, '\n') == 1);
  CHECK(refused.err.contains("(storage.not_writable)"));
}

TEST_CASE("config check names every mistake with its place and ends with 78") {
  const World world;
  world.folder.write("bad.toml", "[server]\nlistn = 1\n[log]\nlevel = \"loud\"\n");
  const World::Ran bad = world.run("config check --config bad.toml", "EVIDENCED_STORAGE_READERS=x");
  CHECK(bad.exit_code == 78);
  CHECK(bad.err.contains(
      "bad.toml:2:1: there is no setting server.listn; did you mean server.listen?"));
  CHECK(bad.err.contains("bad.toml:4:1: log.level must be one of"));
  CHECK(bad.err.contains("EVIDENCED_STORAGE_READERS: storage.readers must be an integer"));
  world.folder.write("good.toml", "[log]\nlevel = \"debug\"\n");
  CHECK(world.run("config check --config good.toml").exit_code == 0);
  const World::Ran shown = world.run("config show --origin --config good.toml --log-format json",
                                     "EVIDENCED_STORAGE_READERS=5");
  const World::Ran json = world.run("config show --config good.toml -o json");
  CHECK(std::ranges::count(json.out, '\n') == 1);
  CHECK(json.out.starts_with("[{"));
  for (const char* member : {R"({"setting":"log.level","value":"debug"})",
                             R"({"setting":"server.behind_proxy","value":false})",
                             R"({"setting":"storage.readers","value":2})",
                             R"({"setting":"server.trusted_proxies","value":[]})",
                             R"({"setting":"connector.default_interval","value":"PT1H"})"}) {
    CAPTURE(member, json.out);
    CHECK(json.out.contains(member));
  }
  CHECK(shown.out.contains("good.toml:2:1"));
  CHECK(shown.out.contains("environment EVIDENCED_STORAGE_READERS"));
  CHECK(shown.out.contains("flag --log-format"));
}

TEST_CASE("config sample prints a file that is valid, config manual the manual") {
  const World world;
  const World::Ran sample = world.run("config sample");
  CHECK(sample.exit_code == 0);
  world.folder.write("sample.toml", sample.out);
  CHECK(world.run("config check --config sample.toml").exit_code == 0);
  CHECK(world.run("config manual").out.starts_with("# Settings\n"));
  CHECK(world.run("version").out == fmt::format("evidenced {}\n", EVIDENCED_VERSION));
}

TEST_CASE("doctor looks at everything, finds what is wrong and says what to do") {
  const World world;
  REQUIRE(world.run("init --config evidenced.toml --state state").exit_code == 0);
  world.point_nowhere();
  const World::Ran sound = world.run("doctor --config evidenced.toml");
  CAPTURE(sound.out, sound.err);
  CHECK(sound.exit_code == 1);  // nothing listens at port 1
  CHECK(sound.out.contains("ok       database"));
  CHECK(sound.out.contains("ok       seal"));
  CHECK(sound.out.contains("FAILED   Bitbucket        No connection to Bitbucket"));

  ::chmod(world.folder.file("state").c_str(), 0755);
  ::chmod(world.folder.file("state/master.key").c_str(), 0644);
  const World::Ran ill = world.run("doctor --config evidenced.toml");
  CHECK(ill.out.contains("warning  state folder"));
  CHECK(ill.out.contains("chmod 0700"));
  CHECK(ill.out.contains("FAILED   master key"));
  const World::Ran wrong = world.run("doctor --config evidenced.toml --storage-readers 0");
  CHECK(wrong.exit_code == 1);
  CHECK(wrong.out.contains("--storage-readers: storage.readers must be 1 to 64"));
}

TEST_CASE("doctor loads the certificate as the daemon does, and speaks to programs, too") {
  const World world;
  REQUIRE(world.run("init --config evidenced.toml --state state").exit_code == 0);
  world.point_nowhere();
  for (const char* name : {"cert.pem", "key.pem"}) std::ofstream(world.folder.file(name)) << "?\n";
  const World::Ran ran = world.run(
      "doctor --config evidenced.toml -o jsonl --server-tls-certificate cert.pem"
      " --server-tls-key key.pem");
  CAPTURE(ran.out, ran.err);
  CHECK(ran.exit_code == 1);
  CHECK(ran.out.contains(R"({"check":"TLS certificate","status":"FAILED")"));
  CHECK(ran.out.contains(R"({"check":"seal","status":"ok")"));
  CHECK(world.run("version -o csv").out.starts_with("version\r\n"));
  CHECK(world.run("config show --config evidenced.toml -o jsonl")
            .out.contains(R"({"setting":"server.listen")"));
}

/// Names, sizes and times of last change of all that is in the folder.
std::map<std::string, std::string> listing(const World& world) {
  std::map<std::string, std::string> entries;
  for (const std::string& name : world.tree()) {
    struct stat status{};
    REQUIRE(::stat(name.c_str(), &status) == 0);
    entries[name] =
        fmt::format("{} {}.{}", status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  }
  return entries;
}

TEST_CASE("doctor leaves the folder as it found it") {
  const World world;
  REQUIRE(world.run("init --config evidenced.toml --state state").exit_code == 0);
  const std::string database = world.folder.file("state/evidenced.db");
  world.point_nowhere();
  for (const char* left : {".lock", "-wal", "-shm"}) fs::remove(database + left);
  const auto check_unchanged = [&] {
    const auto before = listing(world);
    const World::Ran ran = world.run("doctor --config evidenced.toml");
    CAPTURE(ran.out, ran.err);
    CHECK(ran.out.contains("evidenced.db: intact"));
    CHECK(ran.out.contains("ok       seal"));
    CHECK(listing(world) == before);
  };
  SECTION("of a database that was closed") {
    check_unchanged();
  }
  SECTION("of a database whose log is empty") {
    world.folder.write("state/evidenced.db-wal", "");
    check_unchanged();
  }
  SECTION("of a database with a log that a crash left") {
    const std::string copy = world.folder.file("state/copy.db");
    {
      storage::SqliteConnection writer(database, storage::SqliteConnection::Use::write);
      writer.begin(true);
      writer.execute("UPDATE api_keys SET name = 'renamed'");
      writer.commit();
      fs::copy(database, copy);
      fs::copy(database + "-wal", copy + "-wal");
    }
    for (const char* left : {"", "-wal", "-shm"}) fs::remove(database + left);
    fs::rename(copy, database);
    fs::rename(copy + "-wal", database + "-wal");
    REQUIRE(fs::file_size(database + "-wal") > 0);
    check_unchanged();
    const storage::SqliteConnection::Use use = storage::SqliteConnection::Use::examine;
    storage::SqliteConnection examined(database, use);
    std::string name;
    examined.query("SELECT name FROM api_keys", {},
                   [&](const storage::Row& row) { name = row.text(0); });
    CHECK(name == "renamed");
  }
}

TEST_CASE("init that fails at any step takes everything away again") {
  const World world;
  const std::string long_name(300, 'x');
  const auto fails = [&](const std::string& arguments, const std::string& variables = "") {
    CAPTURE(arguments);
    const World::Ran failed = world.run(arguments, variables);
    CHECK(failed.exit_code == 73);
    CHECK(failed.out.empty());
    CHECK(failed.err.contains("(storage.not_writable)"));
    CHECK(world.tree().empty());
  };
  fails("init --state new/state --config conf/" + long_name + ".toml");  // the last file
  // SQLite takes no path as long as this one: its lock is there already when it refuses.
  std::string deep = "state";
  for (int i = 0; i < 5; ++i) deep += "/" + std::string(200, 'd');
  const World::Ran failed = world.run("init --config evidenced.toml --state " + deep);
  CHECK(failed.exit_code != 0);
  CHECK(world.tree().empty());
}

TEST_CASE("init whose key nobody can read makes nothing") {
  const World world;
  const char* binary = std::getenv("EVIDENCED_BINARY");
  REQUIRE(binary != nullptr);
  const std::string command =
      fmt::format("cd {} && {} init --config a.toml --state state >/dev/full 2>.err </dev/null",
                  world.folder.path(), binary);
  CHECK(WEXITSTATUS(std::system(command.c_str())) == 1);
  CHECK(world.tree().empty());
}

}  // namespace
}  // namespace evidenced
