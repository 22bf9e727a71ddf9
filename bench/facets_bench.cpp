// What a page over a million artifacts waits for: facets of filters that people choose, and the
// first page of the list behind each, through the whole daemon, in wall time of one request at a
// time; the slower of two for each question, since none is asked twice in a row. Searches look at
// every title, and have no bar but the limit of a statement. Argument: [artifacts].
#include "bench/many_artifacts.hpp"

#include <chrono>
#include <cstdlib>

namespace {

using namespace evidenced;

struct Question {
  std::string_view name;
  std::string_view target;
  double bar_ms;  ///< 0: none
};
constexpr Question questions[] = {
    {"facets of everything", "/v1/facets", 100},
    {"facets of a kind", "/v1/facets?kind=pull_request", 100},
    {"facets of a kind in two states", "/v1/facets?kind=pull_request&state=OPEN&state=DECLINED",
     100},
    {"facets of a repository", "/v1/facets?repository=acme/service-222", 100},
    {"facets of a project and a kind", "/v1/facets?project=P07&kind=pipeline", 100},
    {"facets of a search", "/v1/facets?q=number%20777%20", 0},
    {"first page of everything", "/v1/artifacts?limit=100", 50},
    {"the newest page of everything", "/v1/artifacts?limit=100&sort=-id", 50},
    {"what changed last", "/v1/artifacts?limit=100&sort=-changed", 50},
    {"of a kind, newest", "/v1/artifacts?kind=commit&limit=100&sort=-id", 50},
    {"of a kind, changed last", "/v1/artifacts?kind=commit&limit=100&sort=-changed", 50},
    {"in a rare state", "/v1/artifacts?state=OPEN&limit=100&sort=-id", 50},
    {"of a kind in a state", "/v1/artifacts?kind=pull_request&state=DECLINED&limit=100", 50},
    {"of a kind in a state it never has", "/v1/artifacts?kind=commit&state=MERGED&limit=100", 50},
    {"of a repository, changed last",
     "/v1/artifacts?repository=acme/service-222&limit=100&sort=-changed", 50},
    {"of a repository, a kind and a state",
     "/v1/artifacts?repository=acme/service-222&kind=pull_request&state=OPEN&limit=100", 50},
    {"of a project and a kind", "/v1/artifacts?project=P07&kind=branch_restriction&limit=100", 50},
    {"a search that finds many", "/v1/artifacts?q=change&limit=100", 50},
    {"a search that finds few", "/v1/artifacts?q=number%20777%20of%20499&limit=100", 0},
    {"a search in a repository", "/v1/artifacts?repository=acme/service-222&q=777&limit=100", 50},
};

bool ask_all(unsigned short port, const std::string& key) {
  std::vector<char> room(4 * 1024 * 1024);
  const int fd = bench::connect_to(port);
  bool kept = true;
  std::vector<double> slowest(std::size(questions));
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < std::size(questions); ++i) {
      const std::string request = bench::get(std::string(questions[i].target), key);
      const auto begin = std::chrono::steady_clock::now();
      if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) std::abort();
      const std::string_view body = bench::receive(fd, room);
      const std::chrono::duration<double, std::milli> took =
          std::chrono::steady_clock::now() - begin;
      if (body.find(R"("as_of_seq")") == std::string::npos) {
        fmt::print("{}: {}\n", questions[i].target, body.substr(0, 300));
        kept = false;
      }
      slowest[i] = std::max(slowest[i], took.count());
    }
  }
  close(fd);
  for (std::size_t i = 0; i < std::size(questions); ++i) {
    const double bar = questions[i].bar_ms;
    const bool ok = bar == 0 || slowest[i] <= bar;
    const std::string verdict =
        bar == 0 ? "" : fmt::format("(at most {}) {}", bar, ok ? "ok" : "MISSED");
    fmt::print("{:<40} {:7.1f} ms {}\n", questions[i].name, slowest[i], verdict);
    kept = kept && ok;
  }
  return kept;
}

}  // namespace

int main(int argc, char** argv) {
  const int artifacts = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  log::configure(log::Level::warning, log::Format::text);
  const bench::Folder folder;
  const std::string key = bench::fill_many(folder.path(), artifacts);
  const bench::Child daemon([&](int report) { bench::serve_daemon(report, folder.path()); });
  return ask_all(daemon.port(), key) ? EXIT_SUCCESS : EXIT_FAILURE;
}
