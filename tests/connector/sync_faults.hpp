#pragma once

#include "tests/connector/sync_lab.hpp"

#include <string>
#include <utility>

namespace evidenced::tests {

/// A world whose list of pull requests has several pages, and whose other lists have few rows.
inline simulator::WorldOptions small() {
  simulator::WorldOptions options;
  options.people = 8;
  options.projects = 2;
  options.repositories = 2;
  options.pull_requests = 110;
  options.restrictions = 2;
  return options;
}

/// A fault that requests of `path` meet from the `first` on; a count of 0: all of them.
inline simulator::Fault fault(simulator::FaultKind kind, const std::string& path,
                              std::uint64_t first) {
  simulator::Fault made;
  made.kind = kind;
  made.path = path;
  made.first = first;
  made.count = 0;
  return made;
}

/// A fault that answers with a status and a body.
inline simulator::Fault answer(int status, std::string text, const std::string& path,
                               std::uint64_t first = 1) {
  simulator::Fault made = fault(simulator::FaultKind::status, path, first);
  made.status = status;
  made.text = std::move(text);
  return made;
}

}  // namespace evidenced::tests
