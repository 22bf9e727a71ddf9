#pragma once

#include "storage/connection.hpp"
#include "tests/simulator/simulator.hpp"

#include <map>
#include <string>
#include <vector>

namespace evidenced::simulator {

/// "kind upstream_id" to content.
using Collection = std::map<std::string, std::string>;

/// What a complete walk with `token` must have stored, read by the connector's own parser: what is
/// compared is what was collected, not how it is written. Throws std::logic_error for what the
/// parser refuses.
Collection collected(Simulator& simulator, const Token& token);

/// The live artifacts of a source. Throws std::logic_error for one that is there twice.
Collection stored_artifacts(storage::Connection& connection, const std::string& source_id);

/// Whether all that exists of a kind is stored: of merge checks and builds a part is.
bool is_stored_whole(const std::string& name);

struct Comparison {
  Timestamp now{};
  int history_days = 400;
  std::vector<std::string> kinds;  ///< empty: all that are stored whole
  /// What an object says of another one is as it was when the object was read last: a person's new
  /// name is in no old pull request until all are read again. True: of others their ids alone
  /// count, but in lists of members, which are read anew each time; links, which hold names, do
  /// not.
  bool others_by_id = false;
};

/// What differs, a line each, ten at most; empty when equal. Of what is asked for within a window,
/// what is older may be missing.
std::vector<std::string> differences(const Collection& have, const Collection& want,
                                     const Comparison& how);

}  // namespace evidenced::simulator
