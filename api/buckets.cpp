#include "api/buckets.hpp"

#include "api/limits.hpp"

#include <algorithm>
#include <cmath>

namespace evidenced::api {
namespace {

using namespace std::chrono_literals;

double seconds_between(SteadyTime from, SteadyTime to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

double Buckets::refilled(const Level& level, SteadyTime now) const {
  const double gained = seconds_between(level.seen, now) * static_cast<double>(per_second_);
  return std::min(static_cast<double>(burst_), level.tokens + gained);
}

Buckets::Verdict Buckets::take(const std::string& name, SteadyTime now) {
  if (per_second_ == 0) return {};
  if (!levels_.contains(name)) make_room(now);
  auto [at, fresh] = levels_.try_emplace(name, Level{static_cast<double>(burst_), now});
  Level& level = at->second;
  level.tokens = refilled(level, now);
  level.seen = now;
  Verdict verdict;
  verdict.granted = level.tokens >= 1;
  if (verdict.granted) {
    level.tokens -= 1;
  } else {
    const double wait = (1 - level.tokens) / static_cast<double>(per_second_);
    verdict.retry_after_seconds = std::max(1, static_cast<int>(std::ceil(wait)));
  }
  verdict.remaining = static_cast<std::int64_t>(level.tokens);
  return verdict;
}

void Buckets::give_back(const std::string& name) {
  const auto at = levels_.find(name);
  if (at == levels_.end()) return;
  at->second.tokens = std::min(static_cast<double>(burst_), at->second.tokens + 1);
}

void Buckets::make_room(SteadyTime now) {
  if (levels_.size() < limits::tracked_clients) return;
  std::erase_if(levels_, [&](const auto& entry) {
    return refilled(entry.second, now) >= static_cast<double>(burst_);
  });
  if (levels_.size() < limits::tracked_clients) return;
  const auto idlest =
      std::ranges::min_element(levels_, {}, [](const auto& entry) { return entry.second.seen; });
  levels_.erase(idlest);
}

int Lockout::shut_for(const std::string& name, SteadyTime now) const {
  const auto at = records_.find(name);
  if (at == records_.end() || at->second.shut_until <= now) return 0;
  return static_cast<int>(std::ceil(seconds_between(now, at->second.shut_until)));
}

void Lockout::failed(const std::string& name, SteadyTime now) {
  if (!records_.contains(name)) make_room(now);
  Record& record = records_.try_emplace(name).first->second;
  if (record.failures == 0 || now - record.since > 1min) {
    // Who has been quiet for as long as it was shut starts afresh.
    if (now - record.shut_until > std::max<SteadyTime::duration>(record.last_wait, 1min)) {
      record.last_wait = 0s;
    }
    record.failures = 0;
    record.since = now;
  }
  ++record.failures;
  if (record.failures < limits::failed_authentications) return;
  record.last_wait = std::clamp<std::chrono::seconds>(record.last_wait * 2, 60s, 3600s);
  record.shut_until = now + record.last_wait;
}

void Lockout::make_room(SteadyTime now) {
  if (records_.size() < limits::tracked_clients) return;
  std::erase_if(records_, [&](const auto& entry) {
    return entry.second.shut_until <= now && now - entry.second.since > 1min;
  });
  if (records_.size() < limits::tracked_clients) return;
  const auto oldest =
      std::ranges::min_element(records_, {}, [](const auto& entry) { return entry.second.since; });
  records_.erase(oldest);
}

}  // namespace evidenced::api
