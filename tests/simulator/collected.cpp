#include "tests/simulator/collected.hpp"

#include "connector/bitbucket/parse.hpp"
#include "storage/artifact_store.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace evidenced::simulator {

namespace {

/// Members that the list of workspaces adds to the workspace.
std::string without_access(const std::string& kind, const std::string& content) {
  if (kind != "workspace") return content;
  boost::json::value value = boost::json::parse(content);
  value.get_object().erase("administrator");
  value.get_object().erase("permission");
  value.get_object().erase("last_accessed");
  return boost::json::serialize(value);
}

/// The kinds that are collected, and the `fields` that each is asked with.
std::set<std::string> collected_kinds() {
  std::set<std::string> kinds;
  for (const auto& row : connector::bitbucket::streams()) kinds.emplace(row.kind);
  return kinds;
}

/// Whether an object is older than the window that its kind is asked for.
bool is_past_window(const std::string& kind, const std::string& content, Timestamp now,
                    int history_days) {
  const auto window =
      connector::bitbucket::window_of(*connector::bitbucket::find_kind(kind), history_days);
  if (window.count() == 0) return false;
  const auto time =
      connector::bitbucket::note_of(kind, *connector::bitbucket::read_json(content)).time;
  return time && *time < now - window;
}

/// An embedded object that is known by an id is that id; links go.
void keep_ids(boost::json::value& value, bool is_root) {
  if (boost::json::array* const list = value.if_array()) {
    for (boost::json::value& element : *list) keep_ids(element, false);
  }
  boost::json::object* const object = value.if_object();
  if (object == nullptr) return;
  object->erase("links");
  const boost::json::value* const id = object->if_contains("uuid");
  if (id != nullptr && !is_root) {
    *object = {{"uuid", boost::json::value(*id)}};
    return;
  }
  for (auto& member : *object) keep_ids(member.value(), false);
}

bool is_same(const std::string& kind, const std::string& left, const std::string& right,
             const Comparison& how) {
  boost::json::value have = boost::json::parse(left);
  boost::json::value want = boost::json::parse(right);
  if (how.others_by_id && kind != "workspace_member") {
    keep_ids(have, true);
    keep_ids(want, true);
  }
  return have == want;
}

std::map<std::string, std::string> asked_fields() {
  std::map<std::string, std::string> fields;
  for (const auto& row : connector::bitbucket::streams()) {
    const std::size_t at = row.query.find("fields=");
    if (at == std::string_view::npos) continue;
    std::string& form = fields[std::string(row.kind)];
    form = row.query.substr(at + 7);
    for (std::size_t plus = form.find("%2B"); plus != std::string::npos; plus = form.find("%2B")) {
      form.replace(plus, 3, "+");
    }
  }
  return fields;
}

}  // namespace

bool is_stored_whole(const std::string& name) {
  return !name.starts_with("merge_check ") && !name.starts_with("build_status ");
}

Collection stored_artifacts(storage::Connection& connection, const std::string& source_id) {
  const storage::TenantScope tenant{std::string(storage::default_tenant)};
  Collection found;
  storage::ArtifactFilter filter;
  filter.source_ids = {source_id};
  filter.limit = 500;
  std::size_t count = 500;
  while (count == 500) {
    const auto artifacts = storage::list_artifacts(connection, tenant, filter);
    for (const storage::Artifact& artifact : artifacts) {
      const std::string name = artifact.kind + " " + artifact.upstream_id;
      if (found.contains(name)) throw std::logic_error("stored twice: " + name);
      found[name] = without_access(artifact.kind, artifact.content);
      filter.after_id = artifact.id;
    }
    count = artifacts.size();
  }
  return found;
}

Collection collected(Simulator& simulator, const Token& token) {
  Collection wanted;
  std::set<std::string> kinds = collected_kinds();
  kinds.erase("merge_check");
  kinds.erase("build_status");
  for (const ExpectedObject& object : simulator.expected(token, asked_fields(), kinds)) {
    const connector::bitbucket::Stream& row = *connector::bitbucket::find_kind(object.kind);
    connector::bitbucket::Partition partition;
    const bool is_parent =
        connector::bitbucket::opens(object.kind) != connector::bitbucket::Parent::none;
    if (row.parent != connector::bitbucket::Parent::none && !is_parent) {
      partition.id = object.key.front();
    }
    if (row.parent == connector::bitbucket::Parent::workspace) {
      partition.workspace_uuid = partition.id;
    } else if (row.parent == connector::bitbucket::Parent::repository) {
      partition.repository_uuid = partition.id;
    }
    std::size_t leg = object.key.size() == 3 && object.key[1] == "group" ? 1 : 0;
    std::string body = boost::json::serialize(object.json);
    if (row.shape == connector::bitbucket::Shape::list_of_objects) leg = 1;
    if (row.shape == connector::bitbucket::Shape::list) body = "{\"values\":[" + body + "]}";
    const auto page = connector::bitbucket::parse_page(row, leg, partition, body);
    if (!page) throw std::logic_error("the parser refuses " + object.name());
    for (const storage::ArtifactDraft& draft : page->artifacts) {
      wanted[draft.kind + " " + draft.upstream_id] = without_access(draft.kind, draft.content);
    }
  }
  return wanted;
}

std::vector<std::string> differences(const Collection& have, const Collection& want,
                                     const Comparison& how) {
  std::vector<std::string> lines;
  const auto asked_for = [&](const std::string& name) {
    const std::string kind = name.substr(0, name.find(' '));
    if (!is_stored_whole(name)) return false;
    return how.kinds.empty() || std::ranges::find(how.kinds, kind) != how.kinds.end();
  };
  for (const auto& [name, content] : want) {
    if (!asked_for(name)) continue;
    const std::string kind = name.substr(0, name.find(' '));
    if (is_past_window(kind, content, how.now, how.history_days)) continue;
    const auto found = have.find(name);
    if (found == have.end()) {
      lines.push_back("missing " + name);
    } else if (!is_same(kind, found->second, content, how)) {
      lines.push_back(
          fmt::format("different {}\n  have {}\n  want {}", name, found->second, content));
    }
  }
  for (const auto& [name, content] : have) {
    if (!asked_for(name) || want.contains(name)) continue;
    lines.push_back("too much " + name);
  }
  constexpr std::size_t readable = 10;
  if (lines.size() > readable) {
    const std::size_t count = lines.size();
    lines.resize(readable);
    lines.push_back(fmt::format("and {} more", count - readable));
  }
  return lines;
}

}  // namespace evidenced::simulator
