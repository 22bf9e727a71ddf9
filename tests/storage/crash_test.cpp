// Goal: what was acknowledged survives kill -9 and a full disk; nothing is there twice or by half.
// Method: a child process that collects until it is killed at a random moment, and goes on where
// the file says; a small tmpfs that is filled up (needs the right to mount, else skipped).
#include "tests/storage/walker.hpp"

#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <iostream>

namespace evidenced::storage::tests {

namespace {

constexpr int kills = 50;
constexpr int rows_a_page = 25;

std::vector<ArtifactDraft> page_number(int number) {
  std::vector<ArtifactDraft> drafts;
  for (int i = 0; i < rows_a_page; ++i) {
    drafts.push_back(pull_request(fmt::format("pr-{}-{}", number, i), "acme/api",
                                  fmt::format("{{\"page\":{}}}", number)));
  }
  return drafts;
}

/// The child: commits page after page from the stored position on, and says so after each.
[[noreturn]] void collect(const SqliteOptions& options, int acknowledge) {
  Result<std::unique_ptr<Database>> database = open_sqlite(options);
  if (!database) _exit(1);
  SystemRandom random;
  TenantScope tenant{std::string(default_tenant)};
  PageCommit page;
  page.key = {.source_id = "src_1", .stream = "pull_request", .partition = "{repo-1}"};
  page.sync_id = "syn_1";
  while (true) {
    int number = 0;
    auto step = [&](Connection& c) {
      Checkpoint checkpoint = begin_walk(c, page.key, SyncMode::full, page.sync_id, "");
      number = checkpoint.position.empty() ? 0 : std::stoi(checkpoint.position);
      std::vector<ArtifactDraft> drafts = page_number(number);
      page.walk = checkpoint.walk;
      page.position = std::to_string(number + 1);
      page.artifacts = drafts;
      return commit_page(c, tenant, page, random);
    };
    if (!run(write(**database, step))) _exit(2);
    int acknowledged = number + 1;
    if (::write(acknowledge, &acknowledged, sizeof acknowledged) < 0) _exit(3);
  }
}

/// Kills a child some time after it acknowledged `after` pages; the last page acknowledged.
int kill_collector(const SqliteOptions& options, int after, std::chrono::microseconds delay) {
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(pipe_ends[0]);
    collect(options, pipe_ends[1]);
  }
  ::close(pipe_ends[1]);
  int acknowledged = 0;
  int last = 0;
  auto next = [&] {
    bool got = ::read(pipe_ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged;
    if (got) last = acknowledged;
    return got;
  };
  for (int i = 0; i < after && next(); ++i) {
  }
  ::usleep(static_cast<useconds_t>(delay.count()));
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  while (next()) {
  }
  ::close(pipe_ends[0]);
  return last;
}

/// A small file system of its own, as long as it lives.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& path) : path_(path) {
    std::filesystem::create_directory(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=8m") == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_ = false;
};

}  // namespace

TEST_CASE("kill -9 at fifty random moments loses nothing acknowledged and repeats nothing") {
  Store store;
  SeededRandom random(std::random_device{}());
  int before = 0;
  for (int i = 0; i < kills; ++i) {
    store.close();
    int after = static_cast<int>(random.below(3));
    int acknowledged =
        kill_collector(store.options(), after, std::chrono::microseconds(random.below(20'000)));
    store.open();
    Checkpoint checkpoint;
    store.read([&](Connection& c) {
      PartitionKey key{.source_id = "src_1", .stream = "pull_request", .partition = "{repo-1}"};
      checkpoint = find_checkpoint(c, key).value_or(Checkpoint{});
    });
    int pages = checkpoint.position.empty() ? 0 : std::stoi(checkpoint.position);
    CAPTURE(i, acknowledged, pages);
    CHECK(pages >= std::max(acknowledged, before));
    before = pages;
    std::int64_t rows = std::int64_t{pages} * rows_a_page;
    CHECK(checkpoint.rows == rows);
    CHECK(store.number("SELECT count(*) FROM artifacts") == rows);
    CHECK(store.number("SELECT count(*) FROM revisions") == rows);
    CHECK(store.number("SELECT count(*) FROM seen_marks") == rows);
    CHECK(store.number("SELECT coalesce(sum(live), 0) FROM artifact_counts") == rows);
    CHECK(store.number("SELECT coalesce(max(last_seq), 0) FROM feed_marks") == rows);
  }
  CHECK(before > 0);
  CHECK(store.text("PRAGMA integrity_check") == "ok");
  CHECK(store.number("SELECT count(*) FROM pragma_foreign_key_check") == 0);
}

TEST_CASE("on a full disk reads go on, and writes come back with the space") {
  Store home;
  SmallDisk disk(home.dir().file("disk"));
  if (!disk.mounted()) {
    std::cout << "skipped: no right to mount a tmpfs\n";
    return;
  }
  SqliteOptions options;
  options.path = home.dir().file("disk/evidenced.db");
  options.create = true;
  std::unique_ptr<Database> database = std::move(open_sqlite(options).value());
  std::string filler = home.dir().file("disk/filler");
  std::ofstream(filler) << std::string(3 << 20, 'x');
  int rows = 0;
  auto insert = [&](Connection& c) {
    c.execute("INSERT INTO idempotency_records VALUES ($1, 'k', 'm', 'f', 200, '', $2, 0)",
              {std::to_string(rows), std::string(100'000, 'y')});
  };
  Result<void> inserted;
  while (inserted && rows < 200) {
    inserted = run(write(*database, insert));
    if (inserted) ++rows;
  }
  REQUIRE_FALSE(inserted.has_value());
  CHECK(inserted.error().code == Code("storage.full"));
  auto count = [](Connection& c) {
    std::int64_t counted = 0;
    c.query("SELECT count(*) FROM idempotency_records", {},
            [&](const Row& row) { counted = row.integer(0); });
    return counted;
  };
  CHECK(run(read(*database, count)).value() == rows);
  std::filesystem::remove(filler);
  CHECK(run(write(*database, insert)).has_value());
  CHECK(run(read(*database, count)).value() == rows + 1);
}

}  // namespace evidenced::storage::tests
