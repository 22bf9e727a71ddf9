#pragma once

#include "config/settings.hpp"
#include "tests/deterministic/disk.hpp"
#include "tests/deterministic/inline_database.hpp"
#include "tests/deterministic/network.hpp"
#include "tests/simulator/switches.hpp"
#include "tests/simulator/world.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace evidenced::deterministic {

/// What a life is like. Each seed switches kinds of faults on and off and gives each its own rate:
/// a life with all of them would die of the first before it meets the second (swarm testing).
struct Swarm {
  simulator::WorldOptions world;
  simulator::Switches bitbucket;
  Settings::Connector connector;
  NetworkFaults network;
  DiskFaults disk;
  InlineDatabase::Manner database;
  std::size_t sources = 1;
  std::chrono::seconds interval{4 * 3600};
  std::chrono::minutes between_crashes{0};   ///< on average; 0: no crash
  bool crashes_in_writes = false;            ///< within a write to the disk, not between two
  bool loses_power = false;                  ///< some crashes lose what was not synced
  std::chrono::minutes between_restarts{0};  ///< polite ones
  std::chrono::minutes between_full_disks{0};
  std::chrono::minutes between_orders{0};  ///< of people: syncs, cancellations, pauses

  static Swarm of(std::uint64_t seed);

  /// Nothing fails, but the world changes before every few requests, and rows move.
  static Swarm moving(std::uint64_t seed);

  /// One line, for the trace.
  std::string describe() const;
};

}  // namespace evidenced::deterministic
