#include "tests/connector/sync_lab.hpp"

#include "connector/bitbucket/hook_events.hpp"
#include "storage/id.hpp"
#include "storage/source_store.hpp"
#include "storage/sqlite/sqlite_database.hpp"
#include "tests/catch.hpp"
#include "tests/folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace evidenced::tests {

using namespace std::chrono_literals;
using storage::Connection;

namespace {

/// In memory where that is possible: these tests commit thousands of times, and power stays on.
std::string make_folder() {
  const std::filesystem::path memory = "/dev/shm";
  const bool usable = std::getenv("TMPDIR") == nullptr && std::filesystem::exists(memory);
  return test::make_folder(usable ? memory : std::filesystem::temp_directory_path());
}

}  // namespace

Task<Result<void>> MortalDatabase::run(storage::Access access, Work work) {
  if (dead_) co_return fail("storage.unavailable", "killed");
  std::optional<Error> refusal;
  if (refuses) refusal = refuses(access);
  if (refusal) co_return std::unexpected(std::move(*refusal));
  if (access == storage::Access::write) {
    ++writes_;
    if (throwing_write_ && writes_ >= *throwing_write_) {
      throwing_write_.reset();
      throw std::runtime_error("out of order");
    }
    if (last_write_ && writes_ >= *last_write_) {
      dead_ = true;
      last_write_.reset();
      if (committed_) {
        const Result<void> done = co_await inner_->run(access, std::move(work));
        if (!done) co_return fail(done);
      }
      co_return fail("storage.unavailable", "killed");
    }
  }
  Result<void> done = co_await inner_->run(access, std::move(work));
  co_return done;
}

Task<Result<connector::HttpResponse>> BrittleTransport::get(connector::GetRequest request) {
  std::optional<Error> error;
  if (breaks) error = breaks(request.target);
  if (error) co_return std::unexpected(std::move(*error));
  most_in_flight = std::max(most_in_flight, ++in_flight);
  Result<connector::HttpResponse> response = co_await inner_->get(std::move(request));
  --in_flight;
  co_return response;
}

void MortalDatabase::die_at_write(std::int64_t n, bool committed) {
  last_write_ = writes_ + n;
  committed_ = committed;
}

SyncLab::SyncLab(simulator::WorldOptions world, std::uint64_t seed)
    : folder_(make_folder()), clock_(world.now), random_(seed) {
  simulator_ = std::make_unique<simulator::Simulator>(simulator::World(world), clock_.turning());
  token_ = &simulator_->add_token();
  transport_ =
      std::make_unique<BrittleTransport>(simulator::make_sim_transport(*simulator_, clock_));
  storage::SqliteOptions options;
  options.path = folder_ + "/evidenced.db";
  options.create = true;
  options.inline_threads = true;
  auto opened = storage::open_sqlite(options);
  if (!opened) throw std::runtime_error(opened.error().detail);
  database_ = std::make_unique<MortalDatabase>(std::move(*opened));
  auto create = [this](Connection& connection) -> Result<void> {
    auto vault = storage::Vault::create(connection, Secret(std::string(32, 'k')), random_);
    if (!vault) return fail(vault);
    vault_.emplace(std::move(*vault));
    return {};
  };
  const Result<void> created = write(std::move(create));
  if (!created) throw std::runtime_error(created.error().detail);
}

SyncLab::~SyncLab() {
  stop();
  database_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void SyncLab::start() {
  connector::SyncServices services{
      *transport_, *database_,         *vault_,           clock_, random_,
      settings_,   io_.get_executor(), io_.get_executor()};
  service_ = std::make_unique<connector::SyncService>(services);
  running_ = true;
  boost::asio::co_spawn(io_, service_->run(), [this](std::exception_ptr failure) {
    running_ = false;
    if (failure) std::rethrow_exception(failure);
  });
}

void SyncLab::stop() {
  if (!service_) return;
  service_->stop();
  if (!run_until([this] { return !running_; }, 60s)) throw std::logic_error("it does not stop");
  service_.reset();
}

bool SyncLab::run_until(const std::function<bool()>& done, std::chrono::seconds most) {
  const SteadyTime end = clock_.steady() + most;
  while (!done()) {
    io_.restart();
    if (io_.poll_one() > 0) continue;
    if (clock_.steady() >= end || !clock_.turning().advance_to_next()) return done();
  }
  return true;
}

void SyncLab::run_for(std::chrono::seconds time) {
  const SteadyTime end = clock_.steady() + time;
  run_until([&] { return clock_.steady() >= end; }, time);
}

std::string SyncLab::add_source(const simulator::Token& token, SourceOptions options) {
  storage::Source source;
  source.id = storage::new_id("src", clock_.now(), random_);
  source.name = options.name;
  source.workspaces = options.workspaces;
  source.interval = options.interval;
  source.account_uuid = world().people[token.person].uuid;
  source.created_at = clock_.now();
  source.updated_at = clock_.now();
  if (options.scheduled) source.next_run_at = clock_.now();
  auto insert = [&](Connection& connection) -> Result<void> {
    storage::insert_source(connection, tenant, source);
    return {};
  };
  REQUIRE(write(std::move(insert)).has_value());
  rotate(source.id, token);
  return source.id;
}

void SyncLab::rotate(const std::string& source_id, const simulator::Token& token,
                     const storage::CredentialInfo& info) {
  std::string email = token.email;
  if (email.empty()) email = world().people[token.person].email;
  auto put = [&](Connection& connection) {
    storage::Credential credential{Secret(email), Secret(token.token)};
    return vault_->put(connection, tenant, source_id, credential, info, random_);
  };
  REQUIRE(write(std::move(put)).has_value());
}

storage::Source SyncLab::source(const std::string& id) {
  auto find = [&](Connection& connection) { return storage::find_source(connection, tenant, id); };
  return read(std::move(find)).value();
}

void SyncLab::change_source(const std::string& id,
                            const std::function<void(storage::Source&)>& change) {
  auto update = [&](Connection& connection) -> Result<storage::Source> {
    Result<storage::Source> source = storage::find_source(connection, tenant, id);
    if (!source) return source;
    change(*source);
    return storage::update_source(connection, tenant, *source);
  };
  REQUIRE(write(std::move(update)).has_value());
  if (service_) service_->wake();
}

std::string SyncLab::queue(const std::string& source_id, storage::SyncMode mode,
                           const std::vector<std::string>& only_streams) {
  std::string id;
  auto enqueue = [&](Connection& connection) -> Result<void> {
    storage::SyncRequest request;
    request.source_id = source_id;
    request.mode = mode;
    request.only_streams = only_streams;
    id = storage::enqueue_sync(connection, tenant, request, clock_.now(), random_).sync.id;
    return {};
  };
  REQUIRE(write(std::move(enqueue)).has_value());
  if (service_) service_->wake();
  return id;
}

void SyncLab::cancel(const std::string& sync_id) {
  auto request = [&](Connection& connection) {
    return storage::request_cancel(connection, tenant, sync_id, clock_.now());
  };
  REQUIRE(write(std::move(request)).has_value());
  service_->cancel(sync_id);
}

void SyncLab::hint(const std::string& source_id, std::string_view event,
                   const std::string& repository_uuid) {
  const connector::bitbucket::HookEvent* row = connector::bitbucket::find_hook_event(event);
  REQUIRE(row != nullptr);
  auto add = [&](Connection& connection) -> Result<bool> {
    bool news = false;
    for (const std::string_view stream : row->streams) {
      const storage::Hint hint{source_id, std::string(stream), repository_uuid};
      news |= storage::add_hint(connection, tenant, hint, clock_.now());
    }
    return news;
  };
  const Result<bool> news = write(std::move(add));
  REQUIRE(news.has_value());
  if (*news && service_) service_->hinted();
}

std::vector<storage::Event> SyncLab::events(const std::vector<std::string>& types) {
  auto list = [&](Connection& connection) {
    storage::EventFilter filter;
    filter.types = types;
    filter.limit = 1000;
    return storage::list_events(connection, tenant, filter);
  };
  return read(std::move(list)).value().events;
}

std::vector<storage::Drift> SyncLab::drifts(const std::string& source_id) {
  auto list = [&](Connection& connection) -> Result<std::vector<storage::Drift>> {
    return storage::list_drifts(connection, tenant, source_id, {}, 1000);
  };
  return read(std::move(list)).value();
}

storage::Sync SyncLab::sync(const std::string& id) {
  auto find = [&](Connection& connection) { return storage::find_sync(connection, tenant, id); };
  return read(std::move(find)).value();
}

std::vector<storage::Sync> SyncLab::syncs(const std::string& source_id) {
  auto list = [&](Connection& connection) -> Result<std::vector<storage::Sync>> {
    storage::SyncFilter filter;
    if (!source_id.empty()) filter.source_ids = {source_id};
    filter.limit = 500;
    return storage::list_syncs(connection, tenant, filter);
  };
  return read(std::move(list)).value();
}

storage::Sync SyncLab::run_sync(const std::string& source_id, storage::SyncMode mode,
                                const std::vector<std::string>& only_streams) {
  return run_to_end(queue(source_id, mode, only_streams));
}

storage::Sync SyncLab::run_to_end(const std::string& sync_id) {
  const SteadyTime end = clock_.steady() + 48h;
  while (sync(sync_id).state != storage::SyncState::done && clock_.steady() < end) run_for(1s);
  return sync(sync_id);
}

std::size_t SyncLab::requests(const std::string& group) const {
  return static_cast<std::size_t>(
      std::ranges::count(simulator_->log(), group, &simulator::LogEntry::group));
}

std::size_t SyncLab::busiest_hour(const std::string& account, const std::string& group) const {
  return simulator_->busiest_hour(account, group);
}

storage::SyncStream stream(const storage::Sync& sync, const std::string& name) {
  for (const storage::SyncStream& row : sync.streams) {
    if (row.name == name) return row;
  }
  FAIL("the sync has no stream " << name);
  return {};
}

std::string describe(const storage::Sync& sync) {
  constexpr const char* results[] = {"none", "succeeded", "partial", "failed", "cancelled"};
  constexpr const char* states[] = {"pending",    "running",     "complete",
                                    "incomplete", "unavailable", "failed"};
  std::string text =
      fmt::format("{} {} requests {}/{} {}\n", sync.id, results[static_cast<int>(sync.result)],
                  sync.requests_done, sync.requests_planned,
                  sync.error ? sync.error->code + ": " + sync.error->detail : std::string());
  for (const storage::SyncStream& row : sync.streams) {
    text += fmt::format("  {} {} {}/{} seen {} created {} revised {} removed {} requests {} {}\n",
                        row.name, states[static_cast<int>(row.state)], row.partitions_done,
                        row.partitions_total, row.seen, row.created, row.revised, row.removed,
                        row.requests,
                        row.error ? row.error->code + ": " + row.error->detail : std::string());
  }
  return text;
}

}  // namespace evidenced::tests
