#include "connector/sync/schedule.hpp"

#include <cstdint>

namespace evidenced::connector {

namespace {

/// FNV-1a, then the finaliser of SplitMix64: short ids that differ in one character spread evenly.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325U;
  for (const char c : text) {
    value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

}  // namespace

std::chrono::milliseconds phase_of(std::string_view id, std::chrono::seconds cycle) {
  const std::chrono::milliseconds whole = cycle;
  if (whole.count() <= 0) return std::chrono::milliseconds{0};
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(hash(id) % static_cast<std::uint64_t>(whole.count())));
}

Timestamp last_slot(std::string_view id, std::chrono::seconds cycle, Timestamp now) {
  const std::int64_t whole = std::chrono::milliseconds(cycle).count();
  if (whole <= 0) return now;
  const std::int64_t phase = phase_of(id, cycle).count();
  std::int64_t since = (now.time_since_epoch().count() - phase) % whole;
  if (since < 0) since += whole;
  return now - std::chrono::milliseconds(since);
}

Timestamp next_slot(std::string_view id, std::chrono::seconds cycle, Timestamp now) {
  return last_slot(id, cycle, now) + cycle;
}

Timestamp appointment(std::string_view source_id, std::chrono::seconds interval,
                      std::optional<Timestamp> stored, Timestamp now) {
  if (stored && *stored <= now + interval) return *stored;
  return next_slot(source_id, interval, now);
}

bool rotation_due(std::string_view id, std::chrono::seconds cycle,
                  std::optional<Timestamp> last_visit, Timestamp now) {
  if (!last_visit || *last_visit > now + cycle) return true;
  return *last_visit < last_slot(id, cycle, now);
}

}  // namespace evidenced::connector
