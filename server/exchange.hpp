#pragma once

#include "api/metrics.hpp"
#include "config/clock.hpp"
#include "config/random.hpp"
#include "server/handler.hpp"
#include "server/host_names.hpp"
#include "server/limits.hpp"
#include "server/proxies.hpp"
#include "server/rate_limiter.hpp"
#include "server/request_guard.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::server {

/// What the server did since it started.
struct Counters {
  std::uint64_t accepted = 0;     ///< connections
  std::uint64_t turned_away = 0;  ///< connections over a limit
  std::uint64_t requests = 0;     ///< answered, refused ones too
  std::uint64_t refused = 0;      ///< by the guard or the parser
  std::uint64_t expired = 0;      ///< connections that passed a deadline
  std::uint64_t abandoned = 0;    ///< reads whose client left before the answer
  std::uint64_t exceptions = 0;   ///< that left a handler: bugs
};

/// For /metrics.
std::vector<api::Gauge> gauges_of(const Counters& counters);

/// Strings that answers are built in, used again: a fresh 100 KB for each answer makes the
/// allocator grow and trim the heap every time. Idle connections hold none.
class BodyBuffers {
 public:
  /// An empty string, with the capacity of a former answer when there is one.
  std::string take();
  void give_back(std::string buffer);

 private:
  std::vector<std::string> free_;
};

/// The Date field, formatted once a second (RFC 9110, 5.6.7).
class DateField {
 public:
  std::string_view at(Timestamp now);

 private:
  std::chrono::sys_seconds second_{};
  std::string text_;
};

/// Request ids: "req_" and 26 characters that sort by time. Made here; a client's are not believed.
class RequestIds {
 public:
  explicit RequestIds(Random& random) : random_(random) {}
  std::string next(Timestamp now);

 private:
  Random& random_;
  std::array<unsigned char, 640> pool_{};  // a draw from the system costs more than an id
  std::size_t used_ = pool_.size();
};

/// What all connections share. Lives on the io thread and outlives them.
struct Exchange {
  Exchange(Handler handler, Limits limits, HostNames hosts, Proxies proxies, Clock& clock,
           Random& random);

  Handler handler;
  const Limits limits;
  const HostNames hosts;
  const Proxies proxies;
  Clock& clock;
  const RequestGuard guard;
  RateLimiter anonymous;
  BodyBuffers buffers;
  DateField date;
  RequestIds ids;
  Counters counters;
  bool draining = false;  ///< answers say that they are the last
  bool shedding = false;  ///< memory is short: only health and metrics are answered
};

}  // namespace evidenced::server
