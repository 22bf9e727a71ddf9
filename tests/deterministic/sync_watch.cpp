#include "tests/deterministic/sync_watch.hpp"

#include "connector/bitbucket/streams.hpp"
#include "storage/sync_store.hpp"
#include "tests/deterministic/tenant.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace evidenced::deterministic {

using storage::Connection;
using storage::Row;

namespace {

/// A removal rests on two walks: what existed at the start and the end of both was there.
constexpr std::size_t moments_of_two_syncs = 4;

std::string kind_of(const std::string& name) {
  return name.substr(0, name.find(' '));
}

/// Kinds of which a sync says that it has looked through all there is: of some kinds every sync
/// does, of those without a window full ones do.
std::set<std::string> looked_through(const storage::Sync& sync) {
  static const std::set<std::string> always{"account", "workspace", "project", "repository",
                                            "pull_request"};
  const bool whole = sync.mode == storage::SyncMode::full && sync.only_streams.empty();
  std::set<std::string> kinds;
  for (const storage::SyncStream& stream : sync.streams) {
    const auto& row = *connector::bitbucket::find_stream(stream.name);
    const bool asked = always.contains(stream.name) || (whole && window_of(row, 400).count() == 0);
    if (asked && stream.complete && !stream.error) kinds.emplace(row.kind);
  }
  return kinds;
}

/// Whether a sync that has looked through a kind has read each of its objects anew: of pull
/// requests the scheduler's syncs leave out those that rest (decision 7). Pipelines go on by
/// themselves.
bool is_looked_at(const std::string& kind, const storage::Sync& sync) {
  if (kind == "pipeline") return false;
  return kind != "pull_request" || sync.mode == storage::SyncMode::full;
}

}  // namespace

std::shared_ptr<const SyncWatch::Names> SyncWatch::existing() {
  if (existing_ && existing_after_ == parts_.network.world_changes()) return existing_;
  existing_after_ = parts_.network.world_changes();
  existing_ = std::make_shared<const Names>(simulator::collected(parts_.bitbucket, parts_.token));
  return existing_;
}

void SyncWatch::look(Connection& connection) {
  std::vector<std::string> begun;
  connection.query("SELECT id FROM syncs WHERE state = 'running'", {}, [&](const Row& row) {
    if (!running_.contains(std::string(row.text(0)))) begun.emplace_back(row.text(0));
  });
  for (const std::string& id : begun) {
    parts_.trace.add("sync begins " + id);
    running_[id] = existing();
  }
  for (auto entry = running_.begin(); entry != running_.end();) {
    bool done = false;
    connection.query("SELECT 1 FROM syncs WHERE id = $1 AND state = 'done'", {entry->first},
                     [&](const Row&) { done = true; });
    if (done) {
      finish(connection, storage::find_sync(connection, tenant, entry->first).value(),
             *entry->second);
    }
    entry = done ? running_.erase(entry) : std::next(entry);
  }
}

void SyncWatch::finish(Connection& connection, const storage::Sync& sync, const Names& at_start) {
  ++finished_;
  parts_.trace.add(fmt::format("sync ends {} {} after {} requests", sync.id,
                               static_cast<int>(sync.result), sync.requests_done));
  auto& moments = moments_[sync.source_id];
  moments.push_back(std::make_shared<const Names>(at_start));
  moments.push_back(existing());
  while (moments.size() > moments_of_two_syncs) moments.pop_front();
  check_nothing_removed(connection, sync);
  if (sync.result != storage::SyncResult::succeeded) return;
  ++succeeded_;
  // Nobody can tell that a list ended early.
  if (parts_.network.lies_told() == 0) check_nothing_missed(connection, sync, at_start);
}

void SyncWatch::check_nothing_missed(Connection& connection, const storage::Sync& sync,
                                     const Names& at_start) {
  const std::set<std::string> kinds = looked_through(sync);
  const simulator::Collection stored = simulator::stored_artifacts(connection, sync.source_id);
  const auto now = existing();
  for (const auto& [name, content] : at_start) {
    const auto found = now->find(name);
    const bool rested = found != now->end() && found->second == content;
    if (!rested || !kinds.contains(kind_of(name))) continue;
    const auto have = stored.find(name);
    if (have == stored.end()) {
      parts_.trace.violation(fmt::format("I7: {} succeeded without {}", sync.id, name));
    } else if (is_looked_at(kind_of(name), sync) && have->second != content &&
               boost::json::parse(have->second) != boost::json::parse(content)) {
      parts_.trace.violation(fmt::format("I7: {} succeeded with an older {}\n  have {}\n  want {}",
                                         sync.id, name, have->second, content));
    }
  }
}

void SyncWatch::check_nothing_removed(Connection& connection, const storage::Sync& sync) {
  const auto& moments = moments_[sync.source_id];
  connection.query(
      "SELECT kind || ' ' || upstream_id FROM artifacts"
      " WHERE source_id = $1 AND sync_id = $2 AND removed_at IS NOT NULL",
      {sync.source_id, sync.id}, [&](const Row& row) {
        const std::string name(row.text(0));
        const bool was_there = std::ranges::all_of(
            moments, [&](const auto& existing) { return existing->contains(name); });
        if (was_there) {
          parts_.trace.violation(fmt::format("{} removed {}, which exists", sync.id, name));
        }
      });
}

}  // namespace evidenced::deterministic
