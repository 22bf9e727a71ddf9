#include "tests/deterministic/life.hpp"

#include "storage/crypto.hpp"
#include "tests/deterministic/auditor.hpp"
#include "tests/deterministic/house.hpp"
#include "tests/deterministic/machine.hpp"
#include "tests/deterministic/sync_watch.hpp"
#include "tests/simulator/secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>

namespace evidenced::deterministic {

using namespace std::chrono_literals;
using storage::Access;
using storage::Connection;

namespace {

constexpr int patient_starts = 12;  ///< then the disk is calm: somebody has looked after it
constexpr auto longest_outage = 60min;
constexpr auto longest_catching_up = std::chrono::hours(100);
constexpr int syncs_to_catch_up = 2;

/// While it lives nothing of what it looks at fails.
class Calm {
 public:
  explicit Calm(Disk& disk) : disk_(disk), before_(std::exchange(disk.calm, true)) {}
  Calm(const Calm&) = delete;
  Calm& operator=(const Calm&) = delete;
  ~Calm() { disk_.calm = before_; }

 private:
  Disk& disk_;
  bool before_;
};

class Life {
 public:
  explicit Life(const LifeOptions& options);
  LifeReport run();

 private:
  // What happens to the machine and around it; each makes its next appointment.
  void plan();
  void later(std::chrono::minutes mean, void (Life::*what)());
  void crash();
  void restart();
  void fill_disk();
  void free_disk();
  void order();

  void pass_time(SteadyTime end);
  void recover();
  void boot();
  void audit();
  void look_for_secrets();
  void check_budget();
  void catch_up();
  bool sync_all();
  void compare();

  template <class F>
  auto calmly(F work) {
    const Calm calm(disk_);
    return at_once(machine_.database(), Access::read, std::move(work));
  }

  LifeOptions options_;
  const Swarm& swarm_ = options_.swarm;
  Settings settings_;
  simulator::Dice dice_;
  simulator::VirtualClock clock_;
  Trace trace_;
  simulator::Simulator bitbucket_;
  simulator::Token& token_;
  Disk disk_;
  DiskVfs vfs_{disk_};
  Network network_;
  Machine machine_;
  House house_;
  Auditor auditor_;
  SyncWatch watch_;
  std::multimap<SteadyTime, void (Life::*)()> plan_;
  LifeReport report_;
};

Life::Life(const LifeOptions& options)
    : options_(options),
      dice_(options.seed),
      clock_(options.swarm.world.now),
      trace_(clock_, options.trace),
      bitbucket_(simulator::World(options.swarm.world), clock_),
      token_(bitbucket_.add_token()),
      disk_(options.seed + 1),
      network_({bitbucket_, clock_, dice_, trace_, [this] { return disk_.on(); }}),
      machine_({clock_, dice_, disk_, network_, trace_, settings_, options.swarm.database}),
      house_({machine_, clock_, dice_, trace_}),
      auditor_(trace_),
      watch_({bitbucket_, token_, network_, trace_}) {
  settings_.connector = swarm_.connector;
  bitbucket_.switches = swarm_.bitbucket;
  report_.seed = options.seed;
  trace_.add(fmt::format("seed {}: {}", options.seed, swarm_.describe()));
  machine_.acknowledged = [this](Connection& connection) {
    const Calm calm(disk_);
    auditor_.acknowledged(connection);
    watch_.look(connection);
  };
}

LifeReport Life::run() {
  const Result<void> made = machine_.init();
  if (!made) trace_.violation("no database is made: " + made.error().detail);
  boot();
  const auto& owner = bitbucket_.world().people[token_.person];
  for (std::size_t i = 0; i < swarm_.sources; ++i) {
    house_.add_source(token_, owner.uuid, owner.email, swarm_.interval);
  }
  disk_.faults = swarm_.disk;
  network_.faults = swarm_.network;
  plan();
  pass_time(clock_.steady() + std::chrono::hours(24 * options_.days));
  check_budget();
  catch_up();
  report_.hash = trace_.hash();
  report_.violations = trace_.violations();
  report_.requests = network_.sent();
  report_.writes = auditor_.writes();
  report_.syncs = watch_.finished();
  report_.succeeded = watch_.succeeded();
  report_.disk_faults = disk_.faults_met();
  return report_;
}

void Life::plan() {
  later(swarm_.between_crashes, &Life::crash);
  later(swarm_.between_restarts, &Life::restart);
  later(swarm_.between_full_disks, &Life::fill_disk);
  later(swarm_.between_orders, &Life::order);
}

void Life::later(std::chrono::minutes mean, void (Life::*what)()) {
  if (mean.count() == 0) return;
  const auto wait = dice_.below(static_cast<std::size_t>(2 * mean.count()) * 60);
  plan_.emplace(clock_.steady() + std::chrono::seconds(wait), what);
}

void Life::pass_time(SteadyTime end) {
  while (clock_.steady() < end) {
    const SteadyTime next = plan_.empty() ? end : std::min(end, plan_.begin()->first);
    machine_.run_until([&] { return clock_.steady() >= next; }, next - clock_.steady());
    if (!disk_.on()) {
      recover();
      continue;
    }
    while (!plan_.empty() && plan_.begin()->first <= clock_.steady() && disk_.on()) {
      const auto what = plan_.begin()->second;
      plan_.erase(plan_.begin());
      (this->*what)();
    }
  }
  if (!disk_.on()) recover();
}

void Life::crash() {
  if (swarm_.crashes_in_writes) {
    disk_.die_at_change(1 + dice_.below(60));
  } else {
    disk_.cut_power();
    recover();
  }
  later(swarm_.between_crashes, &Life::crash);
}

void Life::restart() {
  trace_.add("restart");
  machine_.stop();
  if (disk_.on()) {
    clock_.advance(std::chrono::seconds(dice_.below(600)));
    boot();
  } else {
    recover();
  }
  later(swarm_.between_restarts, &Life::restart);
}

void Life::fill_disk() {
  disk_.capacity = disk_.size() + dice_.below(1U << 18U);
  trace_.add("the disk is full");
  plan_.emplace(clock_.steady() + std::chrono::minutes(1 + dice_.below(120)), &Life::free_disk);
}

void Life::free_disk() {
  disk_.capacity.reset();
  trace_.add("the disk has room");
  later(swarm_.between_full_disks, &Life::fill_disk);
}

void Life::order() {
  const std::string queued = house_.order();
  if (!queued.empty()) auditor_.promised(queued);
  later(swarm_.between_orders, &Life::order);
}

/// The power is off, or the process was killed: after a while it starts with what is left.
void Life::recover() {
  const bool power = disk_.sync_failed() || (swarm_.loses_power && dice_.one_in(2));
  trace_.add(power ? "power lost" : "killed");
  ++report_.crashes;
  machine_.drop();
  disk_.restart(power ? Loss::power : Loss::process);
  look_for_secrets();
  clock_.advance(std::chrono::seconds(
      dice_.below(static_cast<std::size_t>(std::chrono::seconds(longest_outage).count()))));
  // Now and then it dies again while it recovers.
  if (swarm_.crashes_in_writes && dice_.one_in(3)) disk_.die_at_change(1 + dice_.below(8));
  boot();
}

/// Starts as often as it takes, as systemd does. It may die of a fault while it recovers, too.
/// After some tries somebody comes and looks, and makes room on a full disk.
void Life::boot() {
  static constexpr std::array<std::string_view, 4> excuses{"storage.unavailable", "storage.busy",
                                                           "storage.full", "storage.read_only"};
  const bool calm = disk_.calm;
  for (int tries = 1; !machine_.running(); ++tries) {
    disk_.calm = calm || tries > patient_starts;
    if (tries > patient_starts) disk_.capacity.reset();
    const Result<void> started = machine_.start();
    if (!disk_.on()) {
      machine_.drop();
      disk_.restart(disk_.sync_failed() || swarm_.loses_power ? Loss::power : Loss::process);
      ++report_.crashes;
      trace_.add("died while it started");
      continue;
    }
    if (started) break;
    const std::string_view code = started.error().code.text();
    trace_.add(fmt::format("no start: {}", code));
    const bool excused = std::ranges::find(excuses, code) != excuses.end() && !disk_.calm;
    if (!excused) {
      trace_.violation("no start: " + started.error().detail);
      throw std::runtime_error("the machine does not start: " + started.error().detail);
    }
    clock_.advance(5s);
  }
  disk_.calm = calm;
  trace_.add("started");
  audit();
}

void Life::audit() {
  auto check = [this](Connection& connection) -> Result<void> {
    auditor_.check(connection);
    return {};
  };
  const Result<void> checked = calmly(check);
  if (!checked) trace_.violation("I6: cannot be read: " + checked.error().detail);
}

void Life::look_for_secrets() {
  const std::string basic = storage::to_base64(token_.email + ":" + token_.token);
  for (const std::string_view secret : {std::string_view(token_.token), std::string_view(basic),
                                        simulator::canary_secret, simulator::canary_key}) {
    if (disk_.holds(secret)) trace_.violation("I8: a secret is on the disk in clear");
  }
}

void Life::check_budget() {
  const auto allowed = static_cast<std::size_t>(swarm_.connector.requests_per_hour);
  const std::string& account = bitbucket_.world().people[token_.person].uuid;
  for (const char* group : {"repositories", "other", "webhooks", "mergeability"}) {
    const std::size_t most = bitbucket_.busiest_hour(account, group);
    if (most <= allowed) continue;
    trace_.violation(
        fmt::format("{} requests of group {} in an hour, {} are allowed", most, group, allowed));
  }
}

/// All faults are gone and the world stands still: what is stored becomes what is there.
void Life::catch_up() {
  trace_.add("all is calm");
  disk_.calm = true;
  disk_.faults = {};
  disk_.capacity.reset();
  network_.calm = true;
  network_.world_stands_still = true;
  settings_.connector.requests_per_hour = 1'000'000;
  machine_.stop();
  boot();
  house_.resume_all();
  bool doubtful = true;
  for (int day = 0; day < 3 && doubtful; ++day) {
    for (int i = 0; i < syncs_to_catch_up; ++i) doubtful = sync_all();
    // A sudden drop is believed a day later.
    if (doubtful) machine_.run_until([] { return false; }, 25h);
  }
  compare();
  audit();
  machine_.stop();
  look_for_secrets();
}

/// Whether one of them had a doubt.
bool Life::sync_all() {
  std::vector<std::string> ids;
  for (const std::string& source : house_.sources()) ids.push_back(house_.queue_full(source));
  std::uint64_t changes = 0;
  const auto done = [&] {
    if (machine_.service().changes() == changes) return false;
    changes = machine_.service().changes();
    return std::ranges::all_of(ids, [this](const std::string& id) { return house_.is_done(id); });
  };
  machine_.run_until(done, longest_catching_up);
  bool doubtful = false;
  for (const std::string& id : ids) {
    const storage::Sync sync = house_.sync(id);
    for (const storage::SyncStream& stream : sync.streams) {
      if (stream.error && stream.error->code == "stream.suspicious_drop") doubtful = true;
    }
    const bool good = sync.result == storage::SyncResult::succeeded || doubtful;
    if (!good) {
      trace_.violation("nothing fails any more, but a sync: " + House::describe(sync));
    }
  }
  return doubtful;
}

void Life::compare() {
  const simulator::Collection want = simulator::collected(bitbucket_, token_);
  for (const std::string& source : house_.sources()) {
    auto list = [&](Connection& connection) -> Result<simulator::Collection> {
      return simulator::stored_artifacts(connection, source);
    };
    const auto have = calmly(list);
    if (!have) {
      trace_.violation("I6: cannot be read: " + have.error().detail);
      continue;
    }
    const simulator::Comparison how{clock_.now(), settings_.connector.history_days, {}};
    for (const std::string& line : simulator::differences(*have, want, how)) {
      trace_.violation("in the end: " + line);
    }
    std::string all;
    for (const auto& [name, content] : *have) all += name + content;
    trace_.add(storage::to_hex(storage::sha256(all)));
  }
}

}  // namespace

LifeReport live(const LifeOptions& options) {
  return Life(options).run();
}

}  // namespace evidenced::deterministic
