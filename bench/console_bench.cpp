// The list of artifacts in a browser, over a million of them and a daemon on the same machine: how
// long until the page can be used, until a facet has narrowed it, how scrolling holds and what the
// browser takes for it (bench/browse.mjs measures and holds the bars). Argument: [artifacts].
#include "bench/many_artifacts.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace {

/// Exit status of the measuring script in Chromium.
int browse(unsigned short port, const std::string& key) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) std::abort();
  const pid_t browser = fork();
  if (browser == 0) {
    setenv("EVIDENCED_URL", fmt::format("http://127.0.0.1:{}", port).c_str(), 1);
    dup2(ends[0], STDIN_FILENO);
    close(ends[1]);
    execl(BROWSER_RUN, BROWSER_RUN, BROWSE_SCRIPT, nullptr);
    _exit(127);
  }
  close(ends[0]);
  if (write(ends[1], key.data(), key.size()) < 0) std::abort();
  close(ends[1]);
  int status = 0;
  waitpid(browser, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  const int artifacts = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  evidenced::log::configure(evidenced::log::Level::warning, evidenced::log::Format::text);
  const bench::Folder folder;
  const std::string key = bench::fill_many(folder.path(), artifacts);
  sync();  // what was just written is not to be waited for by whoever looks
  const bench::Child daemon([&](int report) { bench::serve_daemon(report, folder.path()); });
  return browse(daemon.port(), key);
}
