// What a list of 100 artifacts of a kilobyte costs through the whole daemon (authentication,
// SQLite, JSON around the stored bytes): CPU per request beside a bare Beast server that sends the
// same bytes, in turns, the median of three rounds. Once for a client that asks for the same page
// again while nothing is written (the daemon sends the page that it kept), once for a client that
// walks through all pages (each is read from the database, and the bare server, too, sends a
// page that it has not just sent). Then the daemon's own
// start and rest: from exec to ready, and resident memory while idle. Argument: [artifacts].
#include "bench/http_load.hpp"
#include "config/clock.hpp"
#include "config/random.hpp"
#include "config/secret.hpp"
#include "server/daemon.hpp"
#include "storage/collection_store.hpp"
#include "storage/key_store.hpp"
#include "storage/source_store.hpp"
#include "storage/sqlite/sqlite_database.hpp"
#include "storage/vault.hpp"

#include <fcntl.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>

namespace {

using namespace evidenced;
using namespace evidenced::storage;

const std::string source_id = "src_01J0000000000000000000000";

Secret master_key() {
  return Secret(std::string(32, 'm'));
}

void run(Task<void> task) {
  boost::asio::io_context io(1);
  boost::asio::co_spawn(io, std::move(task), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.run();
}

std::vector<ArtifactDraft> make_drafts(int first, int count) {
  std::vector<ArtifactDraft> drafts;
  for (int i = first; i < first + count; ++i) {
    ArtifactDraft draft;
    draft.kind = "pull_request";
    draft.upstream_id = fmt::format("{{5f0c7c3e-repo-4000}}/{}", i);
    draft.workspace = "acme";
    draft.project = "PLAT";
    draft.repository = "acme/payments-api";
    draft.title = fmt::format("Change number {}", i);
    draft.content = fmt::format(R"({{"id":{},"state":"MERGED","text":"{}"}})", i,
                                std::string(960, static_cast<char>('a' + i % 26)));
    draft.digest = sha256(draft.content);
    drafts.push_back(std::move(draft));
  }
  return drafts;
}

/// A database with `artifacts` of them; the API key comes back in `key`.
Task<void> fill(Database& database, int artifacts, std::string& key) {
  const TenantScope tenant{std::string(default_tenant)};
  SystemRandom random;
  const Timestamp now = SystemClock().now();
  PageCommit page;
  page.key = {
      .source_id = source_id, .stream = "pull_request", .partition = "{5f0c7c3e-repo-4000}"};
  page.sync_id = "syn_01J0000000000000000000001";
  page.now = now;
  const auto begin = [&](Connection& c) -> Result<std::int64_t> {
    const Result<Vault> vault = Vault::create(c, master_key(), random);
    if (!vault) return fail(vault);
    ApiKey row;
    row.name = "bench";
    row.roles = {Role::admin};
    key = create_key(c, tenant, row, *vault, now, random).text.reveal();
    Source source;
    source.id = source_id;
    source.name = "bench";
    source.state = SourceState::paused;  // nothing is to be synced
    insert_source(c, tenant, source);
    return begin_walk(c, page.key, SyncMode::full, page.sync_id, "").walk;
  };
  Result<std::int64_t> walk = co_await write(database, begin);
  page.walk = walk.value();
  for (int first = 0; first < artifacts; first += 1000) {
    const std::vector<ArtifactDraft> drafts = make_drafts(first, std::min(1000, artifacts - first));
    page.artifacts = drafts;
    page.position = std::to_string(first);
    const auto commit = [&](Connection& c) { return commit_page(c, tenant, page, random); };
    Result<PageResult> committed = co_await write(database, commit);
    committed.value();
  }
  const auto complete = [&](Connection& c) {
    return complete_walk(c, tenant, page.key, page.sync_id, now);
  };
  Result<WalkEnd> end = co_await write(database, complete);
  end.value();
}

Settings settings_for(const std::string& folder) {
  Settings settings;
  settings.server.listen = "127.0.0.1:0";
  settings.server.requests_per_second = 0;
  settings.storage.url = "sqlite:///" + folder + "/evidenced.db";
  settings.connector.base_url = "https://localhost:1";
  return settings;
}

/// The daemon's standard error, read until it says where it listens.
unsigned short port_in(int log_end) {
  const std::string mark = "listening address=127.0.0.1:";
  std::string said;
  std::size_t at = said.find(mark);
  while (at == std::string::npos || said.find(' ', at + mark.size()) == std::string::npos) {
    char bytes[4096];
    const ssize_t got = read(log_end, bytes, sizeof bytes);
    if (got <= 0) throw std::runtime_error("the daemon did not start: " + said);
    said.append(bytes, static_cast<std::size_t>(got));
    at = said.find(mark);
  }
  return static_cast<unsigned short>(std::stoi(said.substr(at + mark.size())));
}

/// A bench::Child that is the daemon: a second process tells the port that its log names.
void serve_daemon(int report, const std::string& folder) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) std::abort();
  const pid_t reader = fork();
  if (reader == 0) {
    close(ends[1]);
    const unsigned short port = port_in(ends[0]);
    if (write(report, &port, sizeof port) != sizeof port) std::abort();
    char scrap[4096];
    while (read(ends[0], scrap, sizeof scrap) > 0) {
    }
    _exit(0);
  }
  close(report);
  dup2(ends[1], STDERR_FILENO);
  close(ends[0]);
  close(ends[1]);
  log::configure(log::Level::info, log::Format::text);
  server::run_daemon(settings_for(folder), master_key());
}

/// Every page of the list by its target, read by following `next`.
std::map<std::string, std::string> walk_list(unsigned short port, const std::string& key) {
  std::map<std::string, std::string> pages;
  std::vector<char> room(512 * 1024);
  const int fd = bench::connect_to(port);
  std::string target = "/v1/artifacts?kind=pull_request&limit=100";
  while (!target.empty()) {
    const std::string request = bench::get(target, key);
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) std::abort();
    const std::string& body = pages[target] = bench::receive(fd, room);
    const std::string mark = R"("next":")";
    const std::size_t next = body.rfind(mark);
    target.clear();
    if (next == std::string::npos) break;
    const std::size_t begin = next + mark.size();
    target = body.substr(begin, body.find('"', begin) - begin);
  }
  close(fd);
  return pages;
}

bool list_of_artifacts(const std::string& folder, const std::string& key) {
  const bench::Child ours([&](int report) { serve_daemon(report, folder); });
  const std::map<std::string, std::string> pages = walk_list(ours.port(), key);
  const bench::Child bare([&](int report) {
    bench::serve_bare(report, [&](std::string_view target) -> const std::string& {
      return pages.at(std::string(target));
    });
  });
  std::vector<std::string> questions;
  for (const auto& [target, body] : pages) questions.push_back(bench::get(target, key));
  const std::vector<std::string> first = {questions.front()};
  fmt::print("a list of 100 artifacts has {} bytes; there are {} of them\n",
             pages.begin()->second.size(), pages.size());
  bool kept = bench::compare("list of 100, asked again (page kept)", ours, bare, first, 3'000, 2.0);
  kept =
      bench::compare("list of 100, paging (every page read)", ours, bare, questions, 3'000, 2.0) &&
      kept;
  return kept;
}

/// The real binary on an idle state: milliseconds from exec to "listening", and its memory then.
bool start_and_rest(const std::string& folder, const std::string& binary) {
  const std::string key_file = folder + "/master.key";
  const std::string config = folder + "/evidenced.toml";
  std::ofstream(key_file) << "bW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW0=\n";
  std::filesystem::permissions(key_file, std::filesystem::perms::owner_read);
  std::ofstream(config) << fmt::format(
      "master_key_file = \"{}\"\n[server]\nlisten = \"127.0.0.1:0\"\n"
      "[storage]\nurl = \"sqlite:///{}/evidenced.db\"\n",
      key_file, folder);
  std::vector<double> starts;
  std::vector<double> rests;
  for (int round = 0; round < bench::rounds; ++round) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) std::abort();
    const auto begin = std::chrono::steady_clock::now();
    const pid_t daemon = fork();
    if (daemon == 0) {
      dup2(ends[1], STDERR_FILENO);
      close(ends[0]);
      execl(binary.c_str(), binary.c_str(), "serve", "--config", config.c_str(), nullptr);
      _exit(127);
    }
    close(ends[1]);
    port_in(ends[0]);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    starts.push_back(took.count());
    sleep(1);
    std::ifstream statm(fmt::format("/proc/{}/statm", daemon));
    std::size_t all = 0;
    std::size_t resident = 0;
    statm >> all >> resident;
    rests.push_back(static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) /
                    1024 / 1024);
    kill(daemon, SIGTERM);
    waitpid(daemon, nullptr, 0);
    close(ends[0]);
  }
  const double start = bench::median(starts);
  const double rest = bench::median(rests);
  fmt::print("{:<40} {:7.1f} ms (at most 100) {}\n", "from exec to ready", start,
             start <= 100 ? "ok" : "MISSED");
  fmt::print("{:<40} {:7.1f} MiB (at most 30) {}\n", "resident memory, idle", rest,
             rest <= 30 ? "ok" : "MISSED");
  return start <= 100 && rest <= 30;
}

}  // namespace

int main(int argc, char** argv) {
  const int artifacts = argc > 1 ? std::atoi(argv[1]) : 20'000;
  log::configure(log::Level::warning, log::Format::text);
  char folder[] = "/tmp/evidenced-bench-XXXXXX";
  if (mkdtemp(folder) == nullptr) return EXIT_FAILURE;
  std::string key;
  {
    SqliteOptions options;
    options.path = std::string(folder) + "/evidenced.db";
    options.create = true;
    const std::unique_ptr<Database> database = std::move(open_sqlite(options).value());
    run(fill(*database, artifacts, key));
  }
  bool kept = list_of_artifacts(folder, key);
  const auto binary = std::filesystem::canonical("/proc/self/exe").parent_path().parent_path();
  kept = start_and_rest(folder, (binary / "evidenced").string()) && kept;
  std::filesystem::remove_all(folder);
  return kept ? EXIT_SUCCESS : EXIT_FAILURE;
}
