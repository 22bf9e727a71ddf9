#include "connector/bitbucket/asked.hpp"

#include "config/version.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace evidenced::connector::bitbucket {

namespace json = boost::json;

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

std::string asked_by_this_version(int history_days) {
  json::array told;
  for (const Stream& stream : streams()) {
    json::array targets;
    for (const std::string& target : asked_targets(stream)) targets.emplace_back(target);
    const std::string changes = asked_changes(stream);
    json::object asked = {{"targets", std::move(targets)},
                          {"changes", nullptr},
                          {"way", freshness_name(stream.freshness)},
                          {"scope", stream.scope},
                          {"needs_role", stream.needs_role}};
    if (!changes.empty()) asked["changes"] = changes;
    told.push_back(json::object{{"name", stream.name},
                                {"kind", stream.kind},
                                {"asked", std::move(asked)},
                                {"window_hours", window_of(stream, history_days).count()}});
  }
  return json::serialize(json::object{{"version", version}, {"streams", std::move(told)}});
}

std::string_view freshness_name(Freshness freshness) {
  return names[static_cast<std::size_t>(freshness)];
}

}  // namespace evidenced::connector::bitbucket
