#pragma once

#include "config/time.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::api {

/// A value that is read when it is asked for.
struct Gauge {
  std::string_view name;  ///< "evidenced_sources"
  std::string_view help;
  std::string_view label;                              ///< "state"; "" for a gauge without label
  std::vector<std::pair<std::string, double>> values;  ///< by label value
  bool only_rises = false;                             ///< a counter, in Prometheus' words
  std::string_view second_label = {};  ///< its value stands behind a blank in that of the first
};

/// What the API counts, in Prometheus' text format. Labels are operation ids and status codes:
/// bounded whatever clients ask for. One thread.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  void count_request(std::string_view operation, int status, SteadyTime::duration taken);

  /// A delivery of a webhook came: accepted, ignored, duplicate, refused, unknown.
  void count_delivery(std::string_view outcome);

  /// The exposition: what was counted, and `gauges`.
  std::string text(const std::vector<Gauge>& gauges) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Resident memory of this process in bytes; 0 where /proc does not tell.
std::int64_t resident_bytes();

}  // namespace evidenced::api
