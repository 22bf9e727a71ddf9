// A first sync of 100,000 pull requests, with all that happened to them: the daemon in a process of
// its own against the simulated Bitbucket in another, over TLS. Beside it a bare loop over what was
// stored: parse a page, hash each row, insert it into the indexes that lists need. Gated are the
// daemon's peak of resident memory, and its CPU time for each artifact as a multiple of the bare
// loop's. The daemon's holds TLS, HTTP and inflating, too. Arguments: [pull requests].
#include "bench/bare_store.hpp"
#include "bench/daemon.hpp"
#include "storage/artifact_store.hpp"
#include "storage/crypto.hpp"
#include "storage/sync_store.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace evidenced;
using namespace evidenced::storage;

constexpr std::size_t memory_target_mib = 150;
constexpr double cpu_target = 3.0;
constexpr std::size_t rows_a_page = 50;

const TenantScope tenant{std::string(default_tenant)};

/// The simulated Bitbucket in `folder`, without a limit of requests.
class BitbucketProcess {
 public:
  BitbucketProcess(const std::string& folder, const std::string& pull_requests) : folder_(folder) {
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe");
    const std::string program = self.parent_path().parent_path() / "bitbucket-sim";
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (std::freopen(printed().c_str(), "w", stdout) == nullptr) _exit(1);
      const std::string port_file = folder + "/port";
      execl(program.c_str(), program.c_str(), "--dir", folder.c_str(), "--port-file",
            port_file.c_str(), "--limit", "0", "--repositories", "100", "--with-pipelines", "20",
            "--pull-requests", pull_requests.c_str(), static_cast<char*>(nullptr));
      _exit(1);
    }
    while (!std::filesystem::exists(folder + "/port")) {
      if (waitpid(pid_, nullptr, WNOHANG) != 0) throw std::runtime_error(program + " ended");
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  ~BitbucketProcess() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  BitbucketProcess(const BitbucketProcess&) = delete;
  BitbucketProcess& operator=(const BitbucketProcess&) = delete;

  std::string url() const {
    std::string port;
    std::ifstream(folder_ + "/port") >> port;
    return "https://localhost:" + port;
  }

  Credential credential() const {
    std::ifstream lines(printed());
    std::map<std::string, std::string> told;
    for (std::string name, value; lines >> name >> value;) told[name] = value;
    return {Secret(told["email"]), Secret(told["token"])};
  }

 private:
  std::string printed() const { return folder_ + "/printed"; }

  std::string folder_;
  pid_t pid_ = 0;
};

Task<void> add_source(Database& database, const BitbucketProcess& bitbucket) {
  SystemRandom random;
  const auto insert = [&](Connection& c) -> Result<void> {
    Result<Vault> vault = Vault::create(c, bench::master_key(), random);
    if (!vault) return fail(vault);
    Source source;
    source.id = bench::source_id;
    source.name = "bench";
    source.next_run_at = SystemClock().now();
    insert_source(c, tenant, source);
    const auto put = vault->put(c, tenant, source.id, bitbucket.credential(), {}, random);
    if (!put) return fail(put);
    return {};
  };
  Result<void> inserted = co_await write(database, insert);
  inserted.value();
}

std::unique_ptr<Database> open_database(const std::string& folder, bool create) {
  SqliteOptions options;
  options.path = folder + "/evidenced.db";
  options.create = create;
  auto opened = open_sqlite(options);
  if (!opened) throw std::runtime_error("the database: " + opened.error().detail);
  return std::move(*opened);
}

/// Whether the first sync is through; it must have succeeded.
bool is_through(const std::string& folder) {
  sqlite3* handle = nullptr;
  sqlite3_open_v2((folder + "/evidenced.db").c_str(), &handle, SQLITE_OPEN_READONLY, nullptr);
  sqlite3_busy_timeout(handle, 5000);
  std::string result;
  const auto read = [](void* out, int, char** columns, char**) {
    *static_cast<std::string*>(out) = columns[0];
    return 0;
  };
  sqlite3_exec(handle, "SELECT result FROM syncs WHERE state = 'done'", read, &result, nullptr);
  sqlite3_close(handle);
  const bool good = result.empty() || result == "succeeded";
  if (!good) throw std::runtime_error("the sync " + result);
  return !result.empty();
}

struct Measured {
  double cpu_seconds = 0;
  std::size_t peak_mib = 0;
  double wall_seconds = 0;
};

Measured sync(const std::string& folder, const BitbucketProcess& bitbucket) {
  Settings settings = bench::settings_for(folder);
  settings.connector.base_url = bitbucket.url();
  settings.connector.ca_file = folder + "/ca.pem";
  settings.connector.requests_per_hour = 10'000'000;
  settings.connector.requests_reserve = 1;
  const auto start = std::chrono::steady_clock::now();
  const bench::Child daemon([&](int report) { bench::serve_daemon(report, settings); });
  while (!is_through(folder)) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  return {daemon.cpu_seconds(), daemon.peak_resident_bytes() >> 20U, wall.count()};
}

/// What was stored, page by page, as Bitbucket would send it.
struct Page {
  std::string body;
  std::vector<ArtifactDraft> rows;
};

class BareLoop {
 public:
  explicit BareLoop(const std::string& folder) : store_(folder + "/bare.db", true) {}

  void add(std::vector<ArtifactDraft> rows) {
    std::string body = R"({"values":[)";
    for (const ArtifactDraft& row : rows) {
      if (&row != rows.data()) body += ',';
      body += row.content;
    }
    body += "]}";
    const double start = bench::own_cpu_seconds();
    const boost::json::value parsed = boost::json::parse(body);
    if (parsed.at("values").as_array().size() != rows.size()) std::abort();
    for (ArtifactDraft& row : rows) row.digest = sha256(row.content);
    store_.store(rows);
    cpu_seconds_ += bench::own_cpu_seconds() - start;
    count_ += rows.size();
  }
  double cpu_seconds() const { return cpu_seconds_; }
  std::size_t count() const { return count_; }

 private:
  bench::BareStore store_;
  double cpu_seconds_ = 0;
  std::size_t count_ = 0;
};

std::vector<ArtifactDraft> drafts_of(std::vector<Artifact> artifacts) {
  std::vector<ArtifactDraft> drafts;
  for (Artifact& artifact : artifacts) {
    ArtifactDraft draft;
    draft.kind = artifact.kind;
    draft.upstream_id = artifact.upstream_id;
    draft.workspace = artifact.workspace;
    draft.project = artifact.project;
    draft.repository = artifact.repository;
    draft.title = artifact.title;
    draft.content = std::move(artifact.content);
    drafts.push_back(std::move(draft));
  }
  return drafts;
}

Task<void> repeat_bare(Database& database, BareLoop& loop) {
  ArtifactFilter filter;
  filter.limit = rows_a_page;
  bool more = true;
  while (more) {
    const auto list = [&](Connection& c) -> Result<std::vector<Artifact>> {
      return list_artifacts(c, tenant, filter);
    };
    Result<std::vector<Artifact>> page = co_await read(database, list);
    if (!page) throw std::runtime_error(page.error().detail);
    more = page->size() == rows_a_page;
    if (page->empty()) break;
    filter.after_id = page->back().id;
    loop.add(drafts_of(std::move(*page)));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string pull_requests = argc > 1 ? argv[1] : "100000";
  const bench::Folder folder;
  const BitbucketProcess bitbucket(folder.path(), pull_requests);
  bench::run(add_source(*open_database(folder.path(), true), bitbucket));
  const Measured measured = sync(folder.path(), bitbucket);
  BareLoop bare(folder.path());
  bench::run(repeat_bare(*open_database(folder.path(), false), bare));

  const auto rows = static_cast<double>(bare.count());
  const double ours = measured.cpu_seconds * 1e6 / rows;
  const double theirs = bare.cpu_seconds() * 1e6 / rows;
  fmt::print("first sync of {} pull requests: {} artifacts in {:.0f} s\n", pull_requests,
             bare.count(), measured.wall_seconds);
  fmt::print("  the daemon's peak of resident memory: {} MiB (target {})\n", measured.peak_mib,
             memory_target_mib);
  fmt::print(
      "  CPU an artifact: {:.1f} us, bare parse + hash + insert {:.1f} us: {:.2f} times "
      "(target {})\n",
      ours, theirs, ours / theirs, cpu_target);
  const bool held = measured.peak_mib <= memory_target_mib && ours / theirs <= cpu_target;
  return held ? EXIT_SUCCESS : EXIT_FAILURE;
}
