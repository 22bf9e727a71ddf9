#pragma once

#include "config/random.hpp"
#include "connector/sync/sync_service.hpp"
#include "storage/vault.hpp"
#include "tests/deterministic/disk.hpp"
#include "tests/deterministic/inline_database.hpp"
#include "tests/deterministic/network.hpp"
#include "tests/deterministic/swarm.hpp"
#include "tests/deterministic/trace.hpp"
#include "tests/simulator/virtual_clock.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace evidenced::deterministic {

/// Randomness out of dice.
class DiceRandom final : public Random {
 public:
  explicit DiceRandom(simulator::Dice& dice) : dice_(dice) {}
  void fill(std::span<unsigned char> out) override {
    for (unsigned char& byte : out) byte = static_cast<unsigned char>(dice_.next());
  }

 private:
  simulator::Dice& dice_;
};

/// A computer that runs the daemon's sync service over the disk and the network that it is given:
/// starts it, stops it politely, and takes its power away. One thread.
class Machine {
 public:
  struct Parts {
    simulator::VirtualClock& clock;
    simulator::Dice& dice;
    Disk& disk;
    Network& network;
    Trace& trace;
    const Settings& settings;
    InlineDatabase::Manner manner;
  };
  explicit Machine(Parts parts) : parts_(parts), random_(parts.dice) {}
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine();

  /// Makes the database.
  Result<void> init();

  /// Opens the database and starts the service. Errors: those of open_sqlite, and storage.* of the
  /// vault's rows.
  Result<void> start();

  /// Stops politely, as after SIGTERM. What a machine that stopped has left running is a violation.
  void stop();

  /// Whatever runs ends without another byte on the disk or the wire, as with the power (which is
  /// off already, or goes now).
  void drop();

  /// Runs until `done`, at most so long, and no longer than the power is on.
  void run_until(const std::function<bool()>& done, std::chrono::nanoseconds most);

  bool running() const { return service_ != nullptr; }
  InlineDatabase& database() { return *database_; }
  connector::SyncService& service() { return *service_; }
  const storage::Vault& vault() const { return *vault_; }
  Random& random() { return random_; }

  /// Called after each acknowledged write.
  std::function<void(storage::Connection&)> acknowledged;

 private:
  Result<void> open(bool create);
  void turn(const std::function<bool()>& done, SteadyTime end);
  void close();

  Parts parts_;
  DiceRandom random_;
  boost::asio::io_context io_{1};
  std::unique_ptr<InlineDatabase> database_;
  std::optional<storage::Vault> vault_;
  std::unique_ptr<connector::SyncService> service_;
  bool serving_ = false;
};

}  // namespace evidenced::deterministic
