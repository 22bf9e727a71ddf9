// What a page over a million artifacts waits for: facets of filters that people choose, and the
// first page of the list behind each, through the whole daemon, in wall time of one request at a
// time; the slower of two for each question, since none is asked twice in a row. Searches look at
// every title, and have no bar but the limit of a statement. Argument: [artifacts].
#include "bench/daemon.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>

namespace {

using namespace evidenced;

constexpr int repositories = 500;

struct Many {
  std::string_view kind;
  int percent;
  std::array<std::string_view, 4> states;
};
constexpr Many mixture[] = {{"pull_request", 25, {"MERGED", "MERGED", "DECLINED", "OPEN"}},
                            {"commit", 40, {"", "", "", ""}},
                            {"pipeline", 20, {"SUCCESSFUL", "SUCCESSFUL", "FAILED", "STOPPED"}},
                            {"repository_access", 10, {"", "", "", ""}},
                            {"branch_restriction", 5, {"", "", "", ""}}};

const Many& kind_of(int number) {
  int part = number % 100;
  for (const Many& many : mixture) {
    if (part < many.percent) return many;
    part -= many.percent;
  }
  return mixture[0];
}

/// A repository's artifacts, of all kinds.
std::vector<ArtifactDraft> drafts_of(int repository, int artifacts) {
  std::vector<ArtifactDraft> drafts;
  for (int i = 0; i < artifacts; ++i) {
    const Many& many = kind_of(i);
    ArtifactDraft& draft = drafts.emplace_back();
    draft.kind = many.kind;
    draft.upstream_id = fmt::format("{{5f0c7c3e-{:04}}}/{}", repository, i);
    draft.workspace = repository % 2 == 0 ? "acme" : "initech";
    draft.project = fmt::format("P{:02}", repository % 40);
    draft.repository = fmt::format("{}/service-{:03}", draft.workspace, repository);
    draft.title = fmt::format("Change number {} of {}", i, repository);
    // One in a thousand is open.
    draft.state = many.states[i % 1000 == 0 ? 3 : static_cast<std::size_t>(i / 100) % 3];
    draft.content = fmt::format(R"({{"id":{},"text":"{}"}})", i, std::string(200, 'x'));
    draft.digest = sha256(draft.content);
  }
  return drafts;
}

Task<void> fill_repository(Database& database, int repository, int artifacts) {
  const TenantScope tenant{std::string(default_tenant)};
  const std::vector<ArtifactDraft> drafts = drafts_of(repository, artifacts);
  SystemRandom random;
  PageCommit page;
  page.key = {.source_id = bench::source_id,
              .stream = "pull_request",
              .partition = fmt::format("{{5f0c7c3e-{:04}}}", repository)};
  page.sync_id = "syn_01J0000000000000000000002";
  page.now = SystemClock().now();
  page.artifacts = drafts;
  const auto commit = [&](Connection& c) {
    page.walk = begin_walk(c, page.key, SyncMode::full, page.sync_id, "").walk;
    commit_page(c, tenant, page, random);
    return complete_walk(c, tenant, page.key, page.sync_id, page.now);
  };
  Result<WalkEnd> end = co_await write(database, commit);
  end.value();
}

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
      const std::string body = bench::receive(fd, room);
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
  const std::string key = bench::fill_database(folder.path(), 0);
  {
    SqliteOptions options;
    options.path = folder.path() + "/evidenced.db";
    const std::unique_ptr<Database> database = std::move(open_sqlite(options).value());
    for (int i = 0; i < repositories; ++i) {
      bench::run(fill_repository(*database, i, artifacts / repositories));
    }
  }
  const bench::Child daemon([&](int report) { bench::serve_daemon(report, folder.path()); });
  return ask_all(daemon.port(), key) ? EXIT_SUCCESS : EXIT_FAILURE;
}
