#include "tests/deterministic/trace.hpp"

#include <fmt/format.h>

namespace evidenced::deterministic {

namespace {

constexpr std::size_t most_violations = 20;

}  // namespace

void Trace::add(std::string_view line) {
  const std::string stamped = fmt::format("{} {}\n", clock_.now().time_since_epoch().count(), line);
  for (const char c : stamped) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  ++lines_;
  if (out_ != nullptr) *out_ << stamped;
}

void Trace::violation(std::string line) {
  add("VIOLATION " + line);
  if (violations_.size() < most_violations) violations_.push_back(std::move(line));
}

}  // namespace evidenced::deterministic
