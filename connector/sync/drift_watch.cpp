#include "connector/sync/drift_watch.hpp"

#include "config/log.hpp"
#include "connector/upstream_text.hpp"

#include <algorithm>
#include <utility>

namespace evidenced::connector {

namespace {

using storage::Connection;
using storage::DriftFinding;

constexpr int drifts_read = 1000;
constexpr std::size_t header_limit = 80;
constexpr std::size_t address_limit = 200;

/// Whether a target, without its query, is the path with something in place of each `{name}`.
bool is_of_path(std::string_view target, std::string_view path) {
  target = target.substr(0, target.find('?'));
  if (target.ends_with('/')) target.remove_suffix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  while (!path.empty() && !target.empty()) {
    const std::size_t word = std::min(path.find('/', 1), path.size());
    const std::size_t asked = std::min(target.find('/', 1), target.size());
    const bool free = path.starts_with("/{");
    if (!free && path.substr(0, word) != target.substr(0, asked)) return false;
    path.remove_prefix(word);
    target.remove_prefix(asked);
  }
  return path.empty() && target.empty();
}

/// The path of the stream that was asked.
std::string path_asked(const bitbucket::Stream& stream, std::string_view target) {
  const auto asked =
      std::ranges::find_if(stream.paths, [&](auto path) { return is_of_path(target, path); });
  return std::string(asked == stream.paths.end() ? stream.paths.front() : *asked);
}

struct KnownShapes {
  std::vector<storage::StoredShape> shapes;
  std::vector<storage::Drift> drifts;
};

/// What the headers say of the end of an endpoint; "" when nothing.
std::string end_announced(const HttpResponse& response) {
  const std::string_view sunset = response.header("sunset");
  if (!sunset.empty()) return "sunset " + upstream_text(sunset, header_limit);
  const std::string_view deprecation = response.header("deprecation");
  if (!deprecation.empty()) return "deprecation " + upstream_text(deprecation, header_limit);
  return {};
}

/// Whether a partition of the stream was answered 410 when it was looked at last.
bool is_gone_somewhere(Connection& connection, const std::string& source_id,
                       const std::string& stream) {
  const auto walks = storage::list_checkpoints(connection, source_id, stream);
  return std::ranges::any_of(walks, [](const auto& entry) {
    const auto& error = entry.second.error;
    return error && error->detail.starts_with("410 ");
  });
}

}  // namespace

std::string announcement_in(std::string_view words) {
  const std::size_t begin = words.find("https://");
  if (begin == std::string_view::npos) return {};
  const std::size_t end = words.find_first_of(" \"'<>()[]", begin);
  std::string_view address = words.substr(begin, end == std::string_view::npos ? end : end - begin);
  while (address.ends_with('.') || address.ends_with(',')) address.remove_suffix(1);
  return upstream_text(address, address_limit);
}

std::string announcement_of(const HttpResponse& response) {
  for (const auto& [name, value] : response.headers) {
    if (name != "link") continue;
    const bool says =
        value.find("sunset") != std::string::npos || value.find("deprecation") != std::string::npos;
    if (says) return announcement_in(value);
  }
  return {};
}

Task<Result<void>> DriftWatch::load(storage::Database& database, storage::TenantScope tenant,
                                    std::string source_id) {
  auto read = [&](Connection& connection) -> Result<KnownShapes> {
    return KnownShapes{storage::load_shapes(connection, source_id),
                       storage::list_drifts(connection, tenant, source_id, {}, drifts_read)};
  };
  const Result<KnownShapes> known = co_await storage::read(database, std::move(read));
  if (!known) co_return fail(known);
  for (const storage::StoredShape& stored : known->shapes) {
    auto shape = bitbucket::StreamShape::read(stored);
    // What another version wrote is learnt anew, above its number.
    if (!shape) shape.emplace(stored.stream, stored.version);
    stored_versions_[stored.stream] = stored.version;
    shapes_.emplace(stored.stream, std::move(*shape));
  }
  for (const storage::Drift& drift : known->drifts) {
    if (drift.ended_at) continue;
    if (drift.what == "removed") endpoints_[{drift.stream, drift.path}].removed = true;
    if (drift.what == "deprecated") endpoints_[{drift.stream, drift.path}].deprecated = true;
  }
  co_return Result<void>{};
}

bitbucket::StreamShape& DriftWatch::shape_of(std::string_view stream) {
  const auto found = shapes_.find(stream);
  if (found != shapes_.end()) return found->second;
  return shapes_.emplace(stream, bitbucket::StreamShape(stream)).first->second;
}

void DriftWatch::add(std::vector<DriftFinding> findings) {
  for (DriftFinding& finding : findings) unstored_.emplace(++last_, std::move(finding));
}

void DriftWatch::see(const bitbucket::Stream& stream, std::size_t leg,
                     const bitbucket::ParsedPage& page) {
  add(shape_of(stream.name).see(page.shape, leg, stream.kind, page.artifacts));
}

void DriftWatch::tell(const bitbucket::Stream& stream, const std::string& path,
                      std::string_view what, std::string after, std::string announcement) {
  DriftFinding finding;
  finding.kind = stream.kind;
  finding.drift.stream = stream.name;
  finding.drift.what = what;
  finding.drift.path = path;
  finding.drift.after = std::move(after);
  finding.drift.announcement = std::move(announcement);
  unstored_.emplace(++last_, std::move(finding));
}

void DriftWatch::hear(const bitbucket::Stream& stream, std::string_view target,
                      const Result<HttpResponse>& answer) {
  const std::string path = path_asked(stream, target);
  Endpoint& endpoint = endpoints_[{std::string(stream.name), path}];
  if (!answer) {
    if (answer.error().code != Code("upstream.removed")) return;
    ++endpoint.gone;
    if (std::exchange(endpoint.removed, true)) return;
    tell(stream, path, "removed", "410", announcement_in(answer.error().detail));
    return;
  }
  ++endpoint.answers;
  std::string announced = end_announced(*answer);
  if (announced.empty()) return;
  ++endpoint.warnings;
  if (std::exchange(endpoint.deprecated, true)) return;
  tell(stream, path, "deprecated", std::move(announced), announcement_of(*answer));
}

DriftWatch::Notes DriftWatch::found() const {
  Notes notes;
  std::set<std::string_view> streams;
  for (const auto& [number, finding] : unstored_) {
    notes.findings.push_back(finding);
    streams.insert(finding.drift.stream);
  }
  for (const std::string_view stream : streams) {
    const auto shape = shapes_.find(stream);
    if (shape != shapes_.end()) notes.shapes.push_back(shape->second.stored());
  }
  notes.upto = last_;
  return notes;
}

DriftWatch::Notes DriftWatch::all() const {
  Notes notes;
  for (const auto& [number, finding] : unstored_) notes.findings.push_back(finding);
  for (const auto& [stream, shape] : shapes_) {
    const auto before = stored_versions_.find(stream);
    const bool known = before != stored_versions_.end() && before->second >= shape.version();
    if (!known) notes.shapes.push_back(shape.stored());
  }
  notes.upto = last_;
  return notes;
}

void DriftWatch::end(const std::map<std::string, bool, std::less<>>& streams) {
  for (const auto& [stream, whole] : streams) {
    const auto shape = shapes_.find(stream);
    if (shape != shapes_.end()) shape->second.end_sync(whole);
  }
  for (auto& [key, endpoint] : endpoints_) {
    DriftFinding finding;
    finding.ended = true;
    finding.drift.stream = key.first;
    finding.drift.path = key.second;
    if (endpoint.answers == 0 || endpoint.gone > 0) continue;
    if (endpoint.removed) {
      finding.drift.what = "removed";
      unstored_.emplace(++last_, finding);
    }
    if (endpoint.deprecated && endpoint.warnings == 0) {
      finding.drift.what = "deprecated";
      unstored_.emplace(++last_, finding);
    }
  }
}

void DriftWatch::stored(const Notes& notes) {
  unstored_.erase(unstored_.begin(), unstored_.upper_bound(notes.upto));
  for (const storage::StoredShape& shape : notes.shapes) {
    std::int64_t& version = stored_versions_[shape.stream];
    version = std::max(version, shape.version);
  }
}

void DriftWatch::write(Connection& connection, const storage::TenantScope& tenant,
                       const std::string& source_id, const std::string& sync_id, Timestamp now,
                       Notes& notes) {
  notes.told.clear();
  for (const DriftFinding& finding : notes.findings) {
    // One partition may be odd for long: it has not come back while it is answered 410.
    const bool still = finding.ended && finding.drift.what == "removed" &&
                       is_gone_somewhere(connection, source_id, finding.drift.stream);
    if (still) continue;
    if (storage::record_drift(connection, tenant, source_id, sync_id, finding, now)) {
      notes.told.push_back(finding);
    }
  }
  for (const storage::StoredShape& shape : notes.shapes) {
    storage::save_shape(connection, source_id, shape);
  }
}

void log_drift(const std::string& source_id, const DriftWatch::Notes& notes) {
  for (const DriftFinding& finding : notes.told) {
    const storage::Drift& drift = finding.drift;
    log::warning(finding.ended ? "drift ended" : "drift found", {{"source", source_id},
                                                                 {"stream", drift.stream},
                                                                 {"what", drift.what},
                                                                 {"path", drift.path},
                                                                 {"value", drift.value}});
  }
}

}  // namespace evidenced::connector
