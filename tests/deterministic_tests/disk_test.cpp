// Goal: the disk of the deterministic simulation is as treacherous as it says, and SQLite over it
// keeps its promises: what was committed is there after any crash (T-03, T-05). Method: the
// driver's own connection, crashes at every change, failures of every call.
#include "tests/deterministic/disk.hpp"

#include "storage/sqlite/sqlite_connection.hpp"
#include "tests/catch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <memory>

using namespace evidenced;
using namespace evidenced::deterministic;
using storage::SqliteConnection;

namespace {

const std::string path = "/state/evidenced.db";

/// A writer that adds one row a transaction; how many it has committed.
class Writer {
 public:
  explicit Writer(SqliteConnection::Use use) : connection_(path, use) {
    connection_.script("CREATE TABLE IF NOT EXISTS rows (n INTEGER PRIMARY KEY, filler BLOB)");
  }
  void add() {
    try {
      connection_.begin(true);
      connection_.execute("INSERT INTO rows (filler) VALUES (zeroblob(3000))");
      connection_.commit();
    } catch (const storage::Fault&) {
      connection_.rollback();
      throw;
    }
  }
  std::int64_t count() {
    std::int64_t rows = 0;
    connection_.query("SELECT count(*) FROM rows", {},
                      [&](const storage::Row& row) { rows = row.integer(0); });
    return rows;
  }
  std::string integrity() {
    std::string text;
    connection_.query("PRAGMA integrity_check", {},
                      [&](const storage::Row& row) { text = row.text(0); });
    return text;
  }
  void checkpoint() { connection_.checkpoint(true); }

 private:
  SqliteConnection connection_;
};

/// Adds rows until something fails; how many were acknowledged.
std::int64_t add_rows(Writer& writer, std::int64_t most) {
  std::int64_t done = 0;
  try {
    for (; done < most; ++done) {
      writer.add();
      if (done % 4 == 3) writer.checkpoint();
    }
  } catch (const storage::Fault&) {
    return done;
  }
  return done;
}

}  // namespace

TEST_CASE("whatever was committed survives the loss of power at any change of the disk") {
  const Loss loss = GENERATE(Loss::power, Loss::process);
  for (std::uint64_t change = 1; change <= 90; ++change) {
    Disk disk(change);
    const DiskVfs vfs(disk);
    Writer(SqliteConnection::Use::create).add();
    std::int64_t acknowledged = 1;
    // A second crash hits the recovery from the first one.
    for (const std::uint64_t at : {change, change % 7 + 1}) {
      disk.die_at_change(at);
      try {
        Writer writer(SqliteConnection::Use::write);
        acknowledged = writer.count() + add_rows(writer, 20);
      } catch (const storage::Fault&) {
        // It died while it was opened.
      }
      disk.cut_power();
      disk.restart(loss);
    }
    Writer writer(SqliteConnection::Use::write);
    INFO("change " << change);
    CHECK(writer.count() >= acknowledged);
    CHECK(writer.count() <= acknowledged + 2);
    CHECK(writer.integrity() == "ok");
  }
}

TEST_CASE("what was never synced is lost with the power, and kept without") {
  for (const Loss loss : {Loss::power, Loss::process}) {
    std::size_t kept = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      Disk disk(seed);
      const auto file = disk.make("file");
      disk.write(*file, 0, "synced");
      Disk::sync(*file);
      disk.write(*file, 0, "change");
      disk.restart(loss);
      CHECK((disk.holds("synced") || disk.holds("change")));
      if (disk.holds("change")) ++kept;
    }
    if (loss == Loss::process) CHECK(kept == 40);
    if (loss == Loss::power) CHECK((kept > 5 && kept < 35));
  }
}

TEST_CASE("whichever call fails, nothing acknowledged is lost and the next one goes on") {
  for (const std::uint32_t one_in : {3U, 10U, 40U}) {
    Disk disk(one_in);
    const DiskVfs vfs(disk);
    Writer writer(SqliteConnection::Use::create);
    disk.faults.one_in = one_in;
    disk.faults.burst = 4;
    std::int64_t acknowledged = 0;
    for (int i = 0; i < 200; ++i) acknowledged += add_rows(writer, 3);
    CHECK(disk.faults_met() > 10);
    disk.calm = true;
    writer.add();
    CHECK(writer.count() >= acknowledged + 1);
    CHECK(writer.integrity() == "ok");
  }
}

TEST_CASE("a full disk refuses to grow, and takes more when it has room") {
  Disk disk(1);
  const DiskVfs vfs(disk);
  Writer writer(SqliteConnection::Use::create);
  disk.capacity = disk.size() + 100'000;
  const std::int64_t fitted = add_rows(writer, 1000);
  CHECK(fitted > 0);
  CHECK(fitted < 1000);
  try {
    while (true) writer.add();
  } catch (const storage::Fault& fault) {
    CHECK(fault.error.code == Code("storage.full"));
  }
  disk.capacity.reset();
  writer.add();
  CHECK(writer.integrity() == "ok");
}

TEST_CASE("a sync that fails ends the process with 70, at once") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Disk disk(1);
    const DiskVfs vfs(disk);
    Writer writer(SqliteConnection::Use::create);
    disk.sync_error = SQLITE_IOERR_FSYNC;
    disk.faults.sync_one_in = 1;
    try {
      writer.add();
    } catch (const storage::Fault&) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 70);
}
