// What the reports cost through the whole daemon with much to report: effective access of 1,000
// people on 1,000 repositories, read in two pages; 20,000 merged pull requests with their activity
// and builds, of which pages, a rare finding and a summary are asked for. The times are those of a
// client that waits, each the best of three rounds; the bars are what the documentation promises.
// Arguments: [people] [repositories] [merged pull requests].
#include "bench/daemon.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <functional>

namespace {

using namespace evidenced;

const storage::TenantScope tenant{std::string(storage::default_tenant)};
constexpr std::string_view workspace_uuid = "{70000000-0000-4000-8000-000000000000}";

std::string uuid(char group, int number) {
  return fmt::format("{{{}0000000-0000-4000-8000-{:012}}}", group, number);
}

storage::ArtifactDraft draft(std::string kind, std::string upstream_id, std::string content) {
  storage::ArtifactDraft made;
  made.kind = std::move(kind);
  made.upstream_id = std::move(upstream_id);
  made.workspace = "works";
  made.project = "SHOP";
  made.content = std::move(content);
  made.digest = storage::sha256(made.content);
  return made;
}

std::string user(int person) {
  return fmt::format(
      R"({{"account_id":"5d0{0:06}","display_name":"Person {0}","nickname":"p{0}","type":"user","uuid":"{1}"}})",
      person, uuid('a', person));
}

storage::ArtifactDraft repository(int number) {
  auto made = draft("repository", uuid('b', number),
                    fmt::format(R"({{"name":"r{}","pad":"{}","workspace":{{"uuid":"{}"}}}})",
                                number, std::string(1500, 'x'), workspace_uuid));
  made.repository = fmt::format("works/r{}", number);
  made.title = made.repository;
  return made;
}

storage::ArtifactDraft member(int person) {
  auto made = draft("workspace_member", fmt::format("{}/{}", workspace_uuid, uuid('a', person)),
                    fmt::format(R"({{"permission":"member","user":{}}})", user(person)));
  made.title = fmt::format("Person {}", person);
  return made;
}

storage::ArtifactDraft access(int person, int number) {
  auto made =
      draft("repository_access", fmt::format("{}/{}", uuid('b', number), uuid('a', person)),
            fmt::format(R"({{"permission":"write","repository":{{"uuid":"{}"}},"user":{}}})",
                        uuid('b', number), user(person)));
  made.repository = fmt::format("works/r{}", number);
  made.title = fmt::format("Person {} write", person);
  return made;
}

constexpr int activity_of_a_change = 5;

std::string time_of(int change, int minute) {
  const Timestamp base(std::chrono::hours(24 * 365 * 55));
  return format_rfc3339(base + std::chrono::minutes(change * 10 + minute));
}

std::string hash_of(int change) {
  return fmt::format("{:040x}", (std::int64_t{change} + 1) * 7919 * 104729);
}

/// In repository `number % 20`.
storage::ArtifactDraft change(int number) {
  const std::string head = hash_of(number);
  auto made = draft(
      "pull_request", fmt::format("{}/{}", uuid('b', number % 20), number),
      fmt::format(
          R"({{"author":{},"closed_by":{},"description":"{}","destination":{{"branch":{{"name":"main"}}}},"id":{},)"
          R"("links":{{"html":{{"href":"https://bitbucket.example/pr"}}}},"merge_commit":{{"date":"{}","hash":"{}"}},)"
          R"("participants":[{{"approved":true,"participated_on":"{}","role":"REVIEWER","user":{}}}],)"
          R"("source":{{"branch":{{"name":"topic"}},"commit":{{"hash":"{}"}}}},"state":"MERGED","title":"Change {}"}})",
          user(number % 100), user(number % 90), std::string(1200, 'd'), number, time_of(number, 5),
          head, time_of(number, 2), user(number % 80), head, number));
  made.repository = fmt::format("works/r{}", number % 20);
  made.title = fmt::format("Change {}", number);
  made.state = "MERGED";
  made.dated_at = parse_timestamp(time_of(number, 5));
  return made;
}

storage::ArtifactDraft happening(int at) {
  const int number = at / activity_of_a_change;
  const int step = at % activity_of_a_change;
  const std::string when = time_of(number, step + 1);
  std::string content =
      fmt::format(R"({{"approval":{{"date":"{}","user":{}}}}})", when, user(number % 80));
  if (step != 1) {
    content = fmt::format(
        R"({{"update":{{"author":{},"date":"{}","description":"{}","source":{{"commit":{{"hash":"{}"}}}},"state":"{}"}}}})",
        user(number % 100), when, std::string(600, 'd'), hash_of(number),
        step == 4 ? "MERGED" : "OPEN");
  }
  auto made =
      draft("pull_request_activity", fmt::format("{}/{}/{}", uuid('b', number % 20), number, step),
            std::move(content));
  made.repository = fmt::format("works/r{}", number % 20);
  return made;
}

storage::ArtifactDraft build(int number) {
  auto made =
      draft("build_status", fmt::format("{}/{}/ci", uuid('b', number % 20), hash_of(number)),
            fmt::format(R"({{"description":"{}","key":"ci","state":"{}"}})", std::string(300, 'd'),
                        number % 997 == 0 ? "FAILED" : "SUCCESSFUL"));
  made.repository = fmt::format("works/r{}", number % 20);
  made.commit_hash = hash_of(number);
  return made;
}

/// Stores what `draft_of` makes of 0, 1, … as one complete walk.
Task<void> walk(storage::Database& database, storage::PartitionKey key, int count,
                std::function<storage::ArtifactDraft(int)> draft_of) {
  SystemRandom random;
  const Timestamp now = SystemClock().now();
  storage::PageCommit page;
  page.key = std::move(key);
  page.sync_id = "syn_01J0000000000000000000001";
  page.now = now;
  const auto begin = [&](storage::Connection& c) {
    return storage::begin_walk(c, page.key, storage::SyncMode::full, page.sync_id, "").walk;
  };
  Result<std::int64_t> number = co_await storage::write(database, begin);
  page.walk = number.value();
  std::vector<storage::ArtifactDraft> drafts;
  for (int at = 0; at < count; ++at) {
    drafts.push_back(draft_of(at));
    if (drafts.size() < 1000 && at + 1 < count) continue;
    page.artifacts = drafts;
    const auto commit = [&](storage::Connection& c) {
      return storage::commit_page(c, tenant, page, random);
    };
    Result<storage::PageResult> committed = co_await storage::write(database, commit);
    committed.value();
    drafts.clear();
  }
  const auto complete = [&](storage::Connection& c) {
    return storage::complete_walk(c, tenant, page.key, page.sync_id, now);
  };
  Result<storage::WalkEnd> end = co_await storage::write(database, complete);
  end.value();
}

storage::PartitionKey part(std::string stream, std::string partition) {
  return {bench::source_id, std::move(stream), std::move(partition)};
}

struct Sizes {
  int people = 1000;
  int repositories = 1000;
  int changes = 20'000;
};

void fill(const std::string& folder, const Sizes& sizes) {
  const std::string workspace(workspace_uuid);
  storage::SqliteOptions options;
  options.path = folder + "/evidenced.db";
  const std::unique_ptr<storage::Database> database =
      std::move(storage::open_sqlite(options).value());
  bench::run(walk(*database, part("repository", workspace), sizes.repositories, repository));
  bench::run(walk(*database, part("workspace_member", workspace), sizes.people, member));
  const int cells = sizes.people * sizes.repositories;
  bench::run(walk(*database, part("repository_access", workspace), cells,
                  [&](int at) { return access(at % sizes.people, at / sizes.people); }));
  bench::run(walk(*database, part("pull_request", workspace), sizes.changes, change));
  const int entries = sizes.changes * activity_of_a_change;
  bench::run(walk(*database, part("pull_request_activity", uuid('b', 0)), entries, happening));
  bench::run(walk(*database, part("build_status", uuid('b', 0)), sizes.changes, build));
  for (int number = 1; number < 20; ++number) {
    bench::run(walk(*database, part("pull_request_activity", uuid('b', number)), 0, happening));
    bench::run(walk(*database, part("build_status", uuid('b', number)), 0, build));
  }
}

/// Milliseconds to a whole answer; the answer comes back in `body`.
double ask(unsigned short port, const std::string& key, const std::string& target,
           std::string& body) {
  static std::vector<char> room(16 * 1024 * 1024);
  const int fd = bench::connect_to(port);
  const std::string request = bench::get(target, key);
  const auto begin = std::chrono::steady_clock::now();
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) std::abort();
  body = bench::receive(fd, room);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  close(fd);
  return took.count();
}

std::string next_of(const std::string& body) {
  const std::string mark = R"("next":")";
  const std::size_t next = body.rfind(mark);
  if (next == std::string::npos) return {};
  const std::size_t begin = next + mark.size();
  return body.substr(begin, body.find('"', begin) - begin);
}

/// The best of some rounds against a bar; the last answer comes back.
bool hold(const bench::Child& daemon, const std::string& key, std::string& target, double bar) {
  double best = 1e9;
  std::string body;
  for (int round = 0; round < bench::rounds; ++round) {
    best = std::min(best, ask(daemon.port(), key, target, body));
  }
  fmt::print("{:<60} {:9} bytes {:7.1f} ms (at most {}) {}\n", target.substr(0, 60), body.size(),
             best, bar, best <= bar ? "ok" : "MISSED");
  target = next_of(body);
  return best <= bar;
}

}  // namespace

int main(int argc, char** argv) {
  Sizes sizes;
  if (argc > 1) sizes.people = std::atoi(argv[1]);
  if (argc > 2) sizes.repositories = std::atoi(argv[2]);
  if (argc > 3) sizes.changes = std::atoi(argv[3]);
  log::configure(log::Level::warning, log::Format::text);
  const bench::Folder folder;
  const std::string key = bench::fill_database(folder.path(), 1);
  fill(folder.path(), sizes);
  const bench::Child daemon([&](int report) { bench::serve_daemon(report, folder.path()); });
  bool kept = true;
  for (std::string target = "/v1/reports/access?limit=500"; !target.empty();) {
    kept = hold(daemon, key, target, 500) && kept;
  }
  const std::pair<std::string, double> questions[] = {
      {"/v1/reports/access?limit=500&repository=works/r1", 100},
      {"/v1/reports/changes?limit=50", 100},
      {"/v1/reports/changes?limit=500", 500},
      {"/v1/reports/changes?limit=50&repository=works/r7", 100},
      {"/v1/reports/changes?limit=50&finding=checks_failed", 1000},
      {"/v1/reports/changes/summary", 500}};
  for (auto [target, bar] : questions) kept = hold(daemon, key, target, bar) && kept;
  return kept ? EXIT_SUCCESS : EXIT_FAILURE;
}
