#pragma once

#include "tests/connector/sync_lab.hpp"

namespace evidenced::tests {

/// A workspace of six repositories, of which a token may lose some.
inline simulator::WorldOptions six_repositories() {
  simulator::WorldOptions options;
  options.people = 8;
  options.repositories = 6;
  options.pull_requests = 40;
  return options;
}

}  // namespace evidenced::tests
