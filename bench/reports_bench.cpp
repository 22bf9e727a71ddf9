// What the reports cost through the whole daemon with much to report: effective access of 1,000
// people on 1,000 repositories, read in two pages. The times are those of a client that waits, each
// the best of three rounds; the bars are what the documentation promises. Arguments: [people]
// [repositories].
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

/// Stores what `draft_of` makes of 0, 1, … as one complete walk.
Task<void> walk(storage::Database& database, std::string stream, int count,
                std::function<storage::ArtifactDraft(int)> draft_of) {
  SystemRandom random;
  const Timestamp now = SystemClock().now();
  storage::PageCommit page;
  page.key = {bench::source_id, std::move(stream), std::string(workspace_uuid)};
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

void fill(const std::string& folder, int people, int repositories) {
  storage::SqliteOptions options;
  options.path = folder + "/evidenced.db";
  const std::unique_ptr<storage::Database> database =
      std::move(storage::open_sqlite(options).value());
  bench::run(walk(*database, "repository", repositories, repository));
  bench::run(walk(*database, "workspace_member", people, member));
  bench::run(walk(*database, "repository_access", people * repositories,
                  [&](int at) { return access(at % people, at / people); }));
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
  const int people = argc > 1 ? std::atoi(argv[1]) : 1000;
  const int repositories = argc > 2 ? std::atoi(argv[2]) : 1000;
  log::configure(log::Level::warning, log::Format::text);
  const bench::Folder folder;
  const std::string key = bench::fill_database(folder.path(), 1);
  fill(folder.path(), people, repositories);
  const bench::Child daemon([&](int report) { bench::serve_daemon(report, folder.path()); });
  bool kept = true;
  for (std::string target = "/v1/reports/access?limit=500"; !target.empty();) {
    kept = hold(daemon, key, target, 500) && kept;
  }
  std::string narrow = "/v1/reports/access?limit=500&repository=works/r1";
  kept = hold(daemon, key, narrow, 100) && kept;
  return kept ? EXIT_SUCCESS : EXIT_FAILURE;
}
