#pragma once

// The daemon with a database of pull requests of a kilobyte, in a process of its own, for the
// benches that ask it.

#include "bench/drafts.hpp"
#include "bench/folder.hpp"
#include "bench/http_load.hpp"
#include "config/clock.hpp"
#include "config/random.hpp"
#include "config/secret.hpp"
#include "server/daemon.hpp"
#include "server/hardening.hpp"
#include "storage/collection_store.hpp"
#include "storage/key_store.hpp"
#include "storage/source_store.hpp"
#include "storage/sqlite/sqlite_database.hpp"
#include "storage/vault.hpp"

#include <stdexcept>

namespace bench {

using namespace evidenced;
using namespace evidenced::storage;

inline const std::string source_id = "src_01J0000000000000000000000";

inline Secret master_key() {
  return Secret(std::string(32, 'm'));
}

inline void run(Task<void> task) {
  boost::asio::io_context io(1);
  boost::asio::co_spawn(io, std::move(task), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.run();
}

/// A database with `artifacts` of the drafts; the API key comes back in `key`.
inline Task<void> fill(Database& database, int artifacts, std::string& key) {
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

inline Settings settings_for(const std::string& folder) {
  Settings settings;
  settings.server.listen = "127.0.0.1:0";
  settings.server.requests_per_second = 0;
  settings.storage.url = "sqlite:///" + folder + "/evidenced.db";
  settings.connector.base_url = "https://localhost:1";
  return settings;
}

/// The daemon's standard error, read until it says where it listens.
inline unsigned short port_in(int log_end) {
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

/// A Child that is the daemon: a second process tells the port that its log names.
inline void serve_daemon(int report, const Settings& settings) {
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
  server::harden_process();
  server::run_daemon(settings, master_key());
}
inline void serve_daemon(int report, const std::string& folder) {
  serve_daemon(report, settings_for(folder));
}

/// Creates the database of `serve_daemon` in `folder`; an admin's API key for it.
inline std::string fill_database(const std::string& folder, int artifacts) {
  std::string key;
  SqliteOptions options;
  options.path = folder + "/evidenced.db";
  options.create = true;
  const std::unique_ptr<Database> database = std::move(open_sqlite(options).value());
  run(fill(*database, artifacts, key));
  return key;
}

}  // namespace bench
