#include "connector/retry.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace evidenced::connector {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds longest_wait{3600};

struct ClassRow {
  Code code;
  FailureClass failure_class;
};

/// Everything that is not here is of class `system`.
constexpr std::array<ClassRow, 15> classes = {{
    {"upstream.unauthorized", FailureClass::configuration},
    {"credential.scope_missing", FailureClass::configuration},
    {"credential.token_rejected", FailureClass::configuration},
    {"credential.expired_or_revoked", FailureClass::configuration},
    {"credential.reach_empty", FailureClass::configuration},
    {"stream.forbidden", FailureClass::configuration},
    {"stream.not_found", FailureClass::configuration},
    {"workspace.not_visible", FailureClass::configuration},
    {"upstream.rate_limited", FailureClass::transient},
    {"upstream.unavailable", FailureClass::transient},
    {"upstream.timeout", FailureClass::transient},
    {"upstream.truncated", FailureClass::transient},
    {"upstream.reset", FailureClass::transient},
    {"upstream.dns", FailureClass::transient},
    {"upstream.connect", FailureClass::transient},
}};

}  // namespace

FailureClass class_of(Code code) {
  const auto row = std::ranges::find(classes, code, &ClassRow::code);
  return row == classes.end() ? FailureClass::system : row->failure_class;
}

std::optional<seconds> retry_after(const HttpResponse& response, Timestamp now) {
  const std::string_view value = response.header("retry-after");
  if (value.empty()) return std::nullopt;
  if (value.find_first_not_of("0123456789") == std::string_view::npos) {
    std::int64_t count = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), count);
    if (read.ec != std::errc()) return longest_wait;
    return std::min(seconds(count), longest_wait);
  }
  const std::optional<Timestamp> date = parse_http_date(value);
  if (!date) return std::nullopt;
  return std::clamp(std::chrono::ceil<seconds>(*date - now), seconds(0), longest_wait);
}

std::optional<milliseconds> Retry::next_wait(const Error& error, std::optional<seconds> asked) {
  if (error.code == "upstream.rate_limited") return milliseconds(0);
  if (class_of(error.code) != FailureClass::transient) return std::nullopt;
  ++attempts_;
  if (attempts_ >= policy_.attempts) return std::nullopt;
  milliseconds longest = policy_.base;
  for (int i = 1; i < attempts_ && longest < policy_.cap; ++i) longest *= 2;
  longest = std::min(longest, policy_.cap);
  const auto bound = static_cast<std::uint64_t>(longest.count()) + 1;
  const milliseconds backoff(static_cast<std::int64_t>(random_.below(bound)));
  // "Retry-After: 0" is no leave to hammer.
  return asked ? std::max<milliseconds>(*asked, backoff) : backoff;
}

}  // namespace evidenced::connector
