// What a list of 100 artifacts of a kilobyte costs through the whole daemon (authentication,
// SQLite, JSON around the stored bytes): CPU per request beside a bare Beast server that sends the
// same bytes, in turns, the median of three rounds. Once for a client that asks for the same page
// again while nothing is written (the daemon sends the page that it kept), once for a client that
// walks through all pages (each is read from the database, and the bare server, too, sends a
// page that it has not just sent). Then the daemon's own
// start and rest: from exec to ready, and resident memory while idle. Argument: [artifacts].
#include "bench/daemon.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>

namespace {

using namespace evidenced;

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
  const bench::Child ours([&](int report) { bench::serve_daemon(report, folder); });
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
