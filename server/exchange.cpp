#include "server/exchange.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace evidenced::server {
namespace {

constexpr std::size_t most_buffers = 32;
constexpr std::size_t largest_buffer = 256 * 1024;
constexpr std::size_t random_bytes = 10;

constexpr std::string_view day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::string_view month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string imf_fixdate(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     day_names[std::chrono::weekday(day).c_encoding()], unsigned{date.day()},
                     month_names[unsigned{date.month()} - 1], int{date.year()},
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace

std::vector<api::Gauge> gauges_of(const Counters& counters) {
  const auto total = [](std::string_view name, std::string_view help, std::uint64_t value) {
    return api::Gauge{.name = name,
                      .help = help,
                      .label = "",
                      .values = {{"", static_cast<double>(value)}},
                      .only_rises = true};
  };
  return {total("evidenced_server_connections_total", "Connections accepted.", counters.accepted),
          total("evidenced_server_connections_turned_away_total",
                "Connections closed at once: over a limit.", counters.turned_away),
          total("evidenced_server_connections_expired_total",
                "Connections closed because they passed a deadline.", counters.expired),
          total("evidenced_server_requests_abandoned_total",
                "Reads whose client left before the answer.", counters.abandoned),
          total("evidenced_server_requests_total", "Requests answered, refused ones too.",
                counters.requests),
          total("evidenced_server_requests_refused_total",
                "Requests refused before they reached the API.", counters.refused),
          total("evidenced_server_handler_exceptions_total",
                "Exceptions that left a handler: each is a bug.", counters.exceptions)};
}

std::string BodyBuffers::take() {
  if (free_.empty()) return {};
  std::string buffer = std::move(free_.back());
  free_.pop_back();
  return buffer;
}

void BodyBuffers::give_back(std::string buffer) {
  if (free_.size() >= most_buffers || buffer.capacity() > largest_buffer) return;
  buffer.clear();
  free_.push_back(std::move(buffer));
}

std::string_view DateField::at(Timestamp now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (text_.empty() || second != second_) {
    second_ = second;
    text_ = imf_fixdate(second);
  }
  return text_;
}

std::string RequestIds::next(Timestamp now) {
  constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's
  if (used_ + random_bytes > pool_.size()) {
    random_.fill(pool_);
    used_ = 0;
  }
  std::string id = "req_";
  const auto milliseconds = static_cast<std::uint64_t>(now.time_since_epoch().count());
  for (int shift = 45; shift >= 0; shift -= 5) id += alphabet[milliseconds >> shift & 31];
  std::uint64_t bits = 0;
  int available = 0;
  for (std::size_t i = 0; i < random_bytes; ++i) {
    bits = bits << 8 | pool_[used_++];
    for (available += 8; available >= 5; available -= 5) {
      id += alphabet[bits >> (available - 5) & 31];
    }
  }
  return id;
}

Exchange::Exchange(Handler handler_, Limits limits_, HostNames hosts_, Proxies proxies_,
                   Clock& clock_, Random& random)
    : handler(std::move(handler_)),
      limits(limits_),
      hosts(std::move(hosts_)),
      proxies(std::move(proxies_)),
      clock(clock_),
      guard(limits, hosts),
      anonymous(limits.anonymous_rate, limits.anonymous_burst),
      ids(random) {}

}  // namespace evidenced::server
