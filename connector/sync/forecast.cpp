#include "connector/sync/forecast.hpp"

#include "connector/sync/planner.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <ratio>

namespace evidenced::connector {

namespace {

/// Pages for each pull request of a repository, until more is known: six things happen to a pull
/// request, two commits come with it and two and a half pipelines.
struct Usual {
  std::string_view stream;
  double pages;
};
constexpr Usual usual[] = {
    {"pull_request_activity", 6.0 / 50},
    {"pipeline", 2.5 / 100},
    {"deployment", 0.75 / 100},
    {"commit", 2.0 / 100},
};

/// What is usual counts like repositories with so many pull requests, or like so many partitions.
constexpr double weight_in_pull_requests = 200;
constexpr double weight_in_partitions = 5;

/// The last page of a list is half full, and the first is no further one.
constexpr double half_a_page = 0.5;

using Days = std::chrono::duration<double, std::ratio<86400>>;

/// What was longer ago counts less and less.
constexpr double days_remembered = 1000;

}  // namespace

void Unrest::look(std::chrono::seconds after, bool changed) {
  days_ += Days(after).count();
  if (changed) ++changes_;
  if (days_ <= days_remembered) return;
  changes_ *= days_remembered / days_;
  days_ = days_remembered;
}

double Unrest::chance(std::chrono::seconds after) const {
  return 1 - std::exp(-changes_ / days_ * Days(after).count());
}

void Forecast::tell(std::string_view repository, std::int64_t pull_requests) {
  std::int64_t& size = sizes_[std::string(repository)];
  all_sizes_ += pull_requests - size;
  size = pull_requests;
}

/// On average as many as in those that are known.
double Forecast::pull_requests_of(std::string_view repository) const {
  const auto found = sizes_.find(repository);
  if (found != sizes_.end()) return static_cast<double>(found->second);
  if (sizes_.empty()) return 0;
  return static_cast<double>(all_sizes_) / static_cast<double>(sizes_.size());
}

void Forecast::learn(const bitbucket::Stream& stream, std::string_view partition,
                     std::int64_t requests) {
  Learnt& learnt = streams_[stream.name];
  const auto [walk, first] = learnt.walks.try_emplace(std::string(partition), 0);
  if (first) learnt.pull_requests += pull_requests_of(partition);
  const std::int64_t further = std::max<std::int64_t>(0, requests - requests_for(stream, 0));
  learnt.further += further - walk->second;
  walk->second = further;
}

std::int64_t Forecast::requests(const bitbucket::Stream& stream, std::string_view partition) const {
  static const Learnt nothing;
  const auto found = streams_.find(stream.name);
  const Learnt& learnt = found == streams_.end() ? nothing : found->second;
  const auto further = static_cast<double>(learnt.further);
  const auto walks = static_cast<double>(learnt.walks.size());
  const auto* grows = std::ranges::find(usual, stream.name, &Usual::stream);
  double expected = further / (walks + weight_in_partitions);
  if (grows != std::end(usual)) {
    const double pages = further + walks * half_a_page + weight_in_pull_requests * grows->pages;
    const double ratio = pages / (weight_in_pull_requests + learnt.pull_requests);
    expected = ratio * pull_requests_of(partition) - half_a_page;
  }
  return requests_for(stream, 0) + std::max(0L, std::lround(expected));
}

}  // namespace evidenced::connector
