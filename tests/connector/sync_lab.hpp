#pragma once

#include "config/random.hpp"
#include "connector/sync/sync_service.hpp"
#include "storage/collection_store.hpp"
#include "storage/database.hpp"
#include "storage/drift_store.hpp"
#include "storage/event_store.hpp"
#include "storage/sync_store.hpp"
#include "storage/vault.hpp"
#include "tests/simulator/sim_transport.hpp"
#include "tests/simulator/simulator.hpp"
#include "tests/simulator/virtual_clock.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace evidenced::tests {

/// The tenant that everything belongs to.
inline const storage::TenantScope tenant{std::string(storage::default_tenant)};

/// Numbers that look random and are the same in every run.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<unsigned char> out) override {
    for (unsigned char& byte : out) byte = static_cast<unsigned char>(engine_());
  }

 private:
  std::mt19937_64 engine_;
};

/// A database that can die: from then on nothing is read or written, as after kill -9.
class MortalDatabase final : public storage::Database {
 public:
  explicit MortalDatabase(std::unique_ptr<storage::Database> inner) : inner_(std::move(inner)) {}
  Task<Result<void>> run(storage::Access access, Work work) override;

  /// Dies in the middle of the n-th write from now on: before it is committed, or just after.
  void die_at_write(std::int64_t n, bool committed);
  void revive() { dead_ = false; }
  bool dead() const { return dead_; }

  /// Says which error a unit of work meets instead of being run; empty: none does.
  std::function<std::optional<Error>(storage::Access)> refuses;

  /// Throws, once, in place of the n-th write from now on.
  void throw_at_write(std::int64_t n) { throwing_write_ = writes_ + n; }
  std::int64_t writes() const { return writes_; }

 private:
  std::unique_ptr<storage::Database> inner_;
  std::int64_t writes_ = 0;
  std::optional<std::int64_t> last_write_;
  std::optional<std::int64_t> throwing_write_;
  bool committed_ = false;
  bool dead_ = false;
};

/// A clock whose wall can be set, over the one that tests turn.
class JumpyClock final : public Clock {
 public:
  explicit JumpyClock(Timestamp start) : steady_(start) {}
  Timestamp now() const override { return steady_.now() + offset_; }
  SteadyTime steady() const override { return steady_.steady(); }
  Task<void> sleep_until(SteadyTime time) override { return steady_.sleep_until(time); }

  void jump(std::chrono::milliseconds by) { offset_ += by; }
  simulator::VirtualClock& turning() { return steady_; }

 private:
  simulator::VirtualClock steady_;
  std::chrono::milliseconds offset_{0};
};

/// A transport that may fail before anything is sent.
class BrittleTransport final : public connector::HttpTransport {
 public:
  explicit BrittleTransport(std::unique_ptr<connector::HttpTransport> inner)
      : inner_(std::move(inner)) {}
  Task<Result<connector::HttpResponse>> get(connector::GetRequest request) override;
  std::string_view origin() const override { return inner_->origin(); }

  /// Says which error a request meets; empty: none does.
  std::function<std::optional<Error>(const std::string& target)> breaks;
  int in_flight = 0;
  int most_in_flight = 0;

 private:
  std::unique_ptr<connector::HttpTransport> inner_;
};

struct SourceOptions {
  storage::WorkspaceSelection workspaces;
  std::chrono::seconds interval{3600};
  bool scheduled = false;
  std::string name = "lab";
};

/// A whole connector on virtual time: a simulated Bitbucket, a database on a real file, and the
/// sync service between them.
class SyncLab {
 public:
  explicit SyncLab(simulator::WorldOptions world = {}, std::uint64_t seed = 1);
  ~SyncLab();
  SyncLab(const SyncLab&) = delete;
  SyncLab& operator=(const SyncLab&) = delete;

  simulator::Simulator& bitbucket() { return *simulator_; }
  simulator::World& world() { return simulator_->world(); }
  simulator::Token& token() { return *token_; }
  JumpyClock& clock() { return clock_; }
  MortalDatabase& database() { return *database_; }
  connector::SyncService& service() { return *service_; }
  Settings& settings() { return settings_; }
  BrittleTransport& network() { return *transport_; }

  /// Starts the service; a source added before or after is served.
  void start();
  /// Stops it, politely, and waits until it has stopped.
  void stop();
  void restart() {
    stop();
    start();
  }

  /// A source with the credential of `token`.
  std::string add_source(const simulator::Token& token, SourceOptions options = {});
  std::string add_source(SourceOptions options = {}) {
    return add_source(*token_, std::move(options));
  }
  void rotate(const std::string& source_id, const simulator::Token& token,
              const storage::CredentialInfo& info = {});
  storage::Source source(const std::string& id);
  void change_source(const std::string& id, const std::function<void(storage::Source&)>& change);

  /// Queues a sync and tells the service.
  std::string queue(const std::string& source_id,
                    storage::SyncMode mode = storage::SyncMode::incremental,
                    const std::vector<std::string>& only_streams = {});
  void cancel(const std::string& sync_id);

  /// Stores what a delivery of `event` about a repository hints at, and tells the service.
  void hint(const std::string& source_id, std::string_view event,
            const std::string& repository_uuid);
  storage::Sync sync(const std::string& id);
  std::vector<storage::Sync> syncs(const std::string& source_id);

  /// Queues a sync and runs it to its end.
  storage::Sync run_sync(const std::string& source_id,
                         storage::SyncMode mode = storage::SyncMode::incremental,
                         const std::vector<std::string>& only_streams = {});
  storage::Sync run_to_end(const std::string& sync_id);

  /// Runs until `done`, at most so long; whether it came.
  bool run_until(const std::function<bool()>& done, std::chrono::seconds most);
  void run_for(std::chrono::seconds time);
  template <class T>
  T run(Task<T> task) {
    return simulator::run_virtual(io_, clock_.turning(), std::move(task));
  }

  template <class F>
  auto read(F work) {
    return run(storage::read(*database_, std::move(work)));
  }
  /// Live artifacts: "kind upstream_id" to content.
  std::map<std::string, std::string> stored(const std::string& source_id);
  /// What a complete walk must have stored, in the same form; of commits, what is younger than the
  /// window that they are asked for; no merge checks and builds: of those a part is stored.
  std::map<std::string, std::string> expected(const simulator::Token& token);
  /// What differs, a line each; empty when equal. `kinds` empty: all; `others_by_id`: see
  /// simulator::Comparison.
  std::vector<std::string> differences(const std::string& source_id,
                                       const std::vector<std::string>& kinds = {},
                                       bool others_by_id = false);
  std::size_t removed(const std::string& source_id);
  /// What is known of the walks of a stream, by partition.
  std::map<std::string, storage::Checkpoint> walks(const std::string& source_id,
                                                   const std::string& stream);

  /// The feed, of these types.
  std::vector<storage::Event> events(const std::vector<std::string>& types);
  std::vector<storage::Drift> drifts(const std::string& source_id);

  /// The most requests of an account and group within any 60 minutes.
  std::size_t busiest_hour(const std::string& account, const std::string& group) const;

  /// Requests that reached Bitbucket.
  std::size_t requests() const { return simulator_->log().size(); }
  std::size_t requests(const std::string& group) const;

 private:
  template <class F>
  auto write(F work) {
    return run(storage::write(*database_, std::move(work)));
  }

  std::string folder_;
  Settings settings_;
  boost::asio::io_context io_{1};
  JumpyClock clock_;
  SeededRandom random_;
  std::unique_ptr<simulator::Simulator> simulator_;
  simulator::Token* token_ = nullptr;
  std::unique_ptr<BrittleTransport> transport_;
  std::unique_ptr<MortalDatabase> database_;
  std::optional<storage::Vault> vault_;
  std::unique_ptr<connector::SyncService> service_;
  bool running_ = false;
};

/// What `SyncLab::differences` says of a source that has all of it.
inline const std::vector<std::string> nothing;

/// The row of a stream in a sync.
storage::SyncStream stream(const storage::Sync& sync, const std::string& name);

/// The whole sync in one line a stream, for messages.
std::string describe(const storage::Sync& sync);

}  // namespace evidenced::tests
