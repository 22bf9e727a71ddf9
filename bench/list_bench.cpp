// What a list of 100 artifacts of a kilobyte costs through the whole daemon (authentication,
// SQLite, JSON around the stored bytes), in CPU per request beside a bare Beast server that sends
// the same bytes, in turns, the median of three rounds. Once for a client that asks for the same
// page again while nothing is written (the daemon sends the page that it kept). Once for a client
// that walks through all pages: here the bare server, too, reads the rows of each page from the
// database with one prepared statement, since nobody can send what was not read; what the
// reading costs is shown by the last, ungated line. Then the daemon's own start and rest: from exec
// to ready, and resident memory while idle. Argument: [artifacts].
#include "bench/daemon.hpp"

#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>

namespace {

using namespace evidenced;

constexpr int rows_a_page = 100;

struct Page {
  int number = 0;  ///< 0, 1, … in the order of the list
  std::string body;
};
using Pages = std::map<std::string, Page, std::less<>>;  // by target

/// Every page of the list, read by following `next`.
Pages walk_list(unsigned short port, const std::string& key) {
  Pages pages;
  std::vector<char> room(512 * 1024);
  const int fd = bench::connect_to(port);
  std::string target = "/v1/artifacts?kind=pull_request&limit=100";
  while (!target.empty()) {
    const std::string request = bench::get(target, key);
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) std::abort();
    Page& page = pages[target];
    page.number = static_cast<int>(pages.size()) - 1;
    page.body = bench::receive(fd, room);
    const std::string& body = page.body;
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

/// The rows of a page as bare SQLite gives them: the same join over the same index, every column
/// looked at.
class BareRows {
 public:
  explicit BareRows(const std::string& folder) {
    const std::string path = folder + "/evidenced.db";
    constexpr const char* sql =
        "SELECT a.id, a.kind, a.source_id, a.workspace, a.project, a.repository, a.upstream_id,"
        "   a.title, a.revision, a.seq, a.observed_at, a.first_observed_at, a.removed_at,"
        "   a.removed_reason, a.sync_id, r.content_sha256, r.content"
        " FROM artifacts a JOIN revisions r ON r.artifact_num = a.num AND r.number = a.revision"
        " WHERE a.tenant_id = ?1 AND a.kind = 'pull_request' AND a.num > ?2"
        " ORDER BY a.num LIMIT ?3";
    const bool ready =
        sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
        sqlite3_prepare_v2(database_, sql, -1, &statement_, nullptr) == SQLITE_OK;
    if (!ready) std::abort();
  }
  ~BareRows() {
    sqlite3_finalize(statement_);
    sqlite3_close(database_);
  }
  BareRows(const BareRows&) = delete;
  BareRows& operator=(const BareRows&) = delete;

  void read(int page) {
    const std::string_view tenant = storage::default_tenant;
    sqlite3_bind_text(statement_, 1, tenant.data(), static_cast<int>(tenant.size()), SQLITE_STATIC);
    sqlite3_bind_int(statement_, 2, page * rows_a_page);
    sqlite3_bind_int(statement_, 3, rows_a_page);
    int rows = 0;
    while (sqlite3_step(statement_) == SQLITE_ROW) {
      ++rows;
      for (int column = 0; column < sqlite3_column_count(statement_); ++column) {
        sqlite3_column_blob(statement_, column);
      }
    }
    sqlite3_reset(statement_);
    if (rows == 0) std::abort();
  }

 private:
  sqlite3* database_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
};

bool list_of_artifacts(const std::string& folder, const std::string& key) {
  const bench::Child ours([&](int report) { bench::serve_daemon(report, folder); });
  const Pages pages = walk_list(ours.port(), key);
  const bench::Child bare([&](int report) {
    bench::serve_bare(report, [&](std::string_view target) -> const std::string& {
      return pages.find(target)->second.body;
    });
  });
  const bench::Child bare_reading([&](int report) {
    BareRows rows(folder);
    bench::serve_bare(report, [&](std::string_view target) -> const std::string& {
      const Page& page = pages.find(target)->second;
      rows.read(page.number);
      return page.body;
    });
  });
  std::vector<std::string> questions;
  for (const auto& [target, page] : pages) questions.push_back(bench::get(target, key));
  const std::vector<std::string> first = {questions.front()};
  fmt::print("a list of 100 artifacts has {} bytes; there are {} of them\n",
             pages.begin()->second.body.size(), pages.size());
  constexpr int requests = 3'000;
  bool kept = bench::compare("asked again (page kept)", ours, bare, first, requests, 2.0);
  kept = bench::compare("paging, bare server reads too", ours, bare_reading, questions, requests,
                        2.0) &&
         kept;
  bench::compare("paging, bare server reads nothing", ours, bare, questions, requests);
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
    bench::port_in(ends[0]);
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
  const bench::Folder folder;
  const std::string key = bench::fill_database(folder.path(), artifacts);
  bool kept = list_of_artifacts(folder.path(), key);
  const auto binary = std::filesystem::canonical("/proc/self/exe").parent_path().parent_path();
  kept = start_and_rest(folder.path(), (binary / "evidenced").string()) && kept;
  return kept ? EXIT_SUCCESS : EXIT_FAILURE;
}
