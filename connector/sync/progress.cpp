#include "connector/sync/progress.hpp"

#include <algorithm>

namespace evidenced::connector {

void Progress::restore(std::string_view stream, std::int64_t requests) {
  done_of_[std::string(stream)] = requests;
}

void Progress::sent(std::string_view stream, std::int64_t requests) {
  done_ += requests;
  done_of_[std::string(stream)] += requests;
}

void Progress::expect(std::string_view stream, std::string_view partition, std::int64_t requests) {
  std::int64_t& left = expected_[std::string(stream)][std::string(partition)];
  left_ += requests - left;
  left = requests;
}

void Progress::forget(std::string_view stream) {
  const auto found = expected_.find(stream);
  if (found == expected_.end()) return;
  for (const auto& [partition, left] : found->second) left_ -= left;
  expected_.erase(found);
}

std::int64_t Progress::done(std::string_view stream) const {
  const auto found = done_of_.find(stream);
  return found == done_of_.end() ? 0 : found->second;
}

std::int64_t Progress::left(std::string_view stream) const {
  const auto found = expected_.find(stream);
  if (found == expected_.end()) return 0;
  std::int64_t sum = 0;
  for (const auto& [partition, requests] : found->second) sum += requests;
  return sum;
}

std::optional<std::int64_t> Progress::eta_seconds(SteadyTime now) const {
  if (left_ == 0) return 0;
  if (!eta_) return std::nullopt;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*eta_ - now).count();
  return std::max<std::int64_t>(0, seconds);
}

}  // namespace evidenced::connector
