#pragma once

#include "tests/deterministic/swarm.hpp"

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace evidenced::deterministic {

struct LifeOptions {
  std::uint64_t seed = 1;
  int days = 2;
  Swarm swarm;
  std::ostream* trace = nullptr;  ///< where each line goes, too
};

/// How a life went. It was a good one when `violations` is empty.
struct LifeReport {
  std::uint64_t seed = 0;
  std::uint64_t hash = 0;
  std::vector<std::string> violations;
  std::uint64_t requests = 0;
  std::uint64_t writes = 0;
  std::uint64_t syncs = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t crashes = 0;
  std::uint64_t disk_faults = 0;
};

/// Lives `days` with everything that the swarm has in store, checks what must hold at each start
/// and at the end, then lets all faults go and checks that two more syncs end with exactly what
/// Bitbucket holds. The same options give the same trace.
LifeReport live(const LifeOptions& options);

}  // namespace evidenced::deterministic
