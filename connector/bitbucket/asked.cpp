#include "connector/bitbucket/asked.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace evidenced::connector::bitbucket {

namespace {

constexpr std::array<std::string_view, 6> names = {"each_sync",    "updated_on", "rotation",
                                                   "newest_first", "since_head", "per_head"};

}  // namespace

std::vector<std::string> asked_targets(const Stream& stream) {
  std::vector<std::string> targets;
  for (std::size_t leg = 0; leg < stream.paths.size(); ++leg) {
    std::string target(stream.paths[leg]);
    const bool paged = is_list(stream, leg) && stream.page_length > 0;
    if (paged) target += fmt::format("?pagelen={}", stream.page_length);
    if (!stream.query.empty()) target += fmt::format("{}{}", paged ? '&' : '?', stream.query);
    targets.push_back(std::move(target));
  }
  return targets;
}

std::string asked_changes(const Stream& stream) {
  if (stream.freshness == Freshness::since_head) return "exclude={since}";
  if (stream.freshness != Freshness::updated_on) return {};
  return stream.watches_open ? R"(q=(updated_on>={since} OR state="OPEN"))"
                             : "q=updated_on>={since}";
}

std::string_view freshness_name(Freshness freshness) {
  return names[static_cast<std::size_t>(freshness)];
}

}  // namespace evidenced::connector::bitbucket
