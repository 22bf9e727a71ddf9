#pragma once

#include "config/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace evidenced::connector {

/// Requests of one sync: done, still expected, and when they will be through.
class Progress {
 public:
  explicit Progress(std::int64_t done) : done_(done) {}

  /// Requests of a stream that were counted before the sync was interrupted.
  void restore(std::string_view stream, std::int64_t requests);

  void sent(std::string_view stream, std::int64_t requests);

  /// What a partition still needs; 0: it is through.
  void expect(std::string_view stream, std::string_view partition, std::int64_t requests);

  /// Forgets what was expected of a stream, to plan it anew.
  void forget(std::string_view stream);

  std::int64_t done() const { return done_; }
  std::int64_t done(std::string_view stream) const;
  std::int64_t left() const { return left_; }
  std::int64_t left(std::string_view stream) const;
  std::int64_t planned() const { return done_ + left_; }

  void set_eta(SteadyTime eta) { eta_ = eta; }

  /// nullopt until something is known; never negative.
  std::optional<std::int64_t> eta_seconds(SteadyTime now) const;

 private:
  std::int64_t done_;
  std::int64_t left_ = 0;
  std::map<std::string, std::int64_t, std::less<>> done_of_;
  std::map<std::string, std::map<std::string, std::int64_t, std::less<>>, std::less<>> expected_;
  std::optional<SteadyTime> eta_;
};

}  // namespace evidenced::connector
