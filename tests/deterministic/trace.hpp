#pragma once

#include "config/clock.hpp"

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::deterministic {

/// What happened in a life, in order, and what should not have. Two lives of one seed have the same
/// hash, or something in them was not told by the seed.
class Trace {
 public:
  /// Lines go to `out`, too, unless it is null. `clock` and `out` outlive the trace.
  Trace(const Clock& clock, std::ostream* out) : clock_(clock), out_(out) {}

  void add(std::string_view line);

  /// An invariant is broken. What follows from the first one is told, too, but not for ever.
  void violation(std::string line);

  const std::vector<std::string>& violations() const { return violations_; }
  std::uint64_t lines() const { return lines_; }
  std::uint64_t hash() const { return hash_; }

 private:
  const Clock& clock_;
  std::ostream* out_;
  std::vector<std::string> violations_;
  std::uint64_t lines_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

}  // namespace evidenced::deterministic
