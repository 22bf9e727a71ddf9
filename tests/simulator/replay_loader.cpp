#include "tests/simulator/replay_loader.hpp"

#include "tests/simulator/json_slices.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <fstream>
#include <iterator>

namespace evidenced::simulator {
namespace {

/// Which recordings are which kind.
const std::map<std::string, std::string>& kinds() {
  static const std::map<std::string, std::string> table{
      {"GET /user", "account"},
      {"GET /workspaces", "workspace"},
      {"GET /workspaces/{workspace}", "workspace"},
      {"GET /workspaces/{workspace}/members", "workspace_member"},
      {"GET /workspaces/{workspace}/projects", "project"},
      {"GET /workspaces/{workspace}/projects/{project_key}", "project"},
      {"GET /repositories/{workspace}", "repository"},
      {"GET /repositories/{workspace}/{repo_slug}", "repository"},
      {"GET /repositories/{workspace}/{repo_slug}/pullrequests", "pull_request"},
      {"GET /repositories/{workspace}/{repo_slug}/pullrequests #item", "pull_request"},
      {"POST /repositories/{workspace}/{repo_slug}/pullrequests", "pull_request"},
      {"GET /repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}", "pull_request"},
      {"PUT /repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}", "pull_request"},
      {"POST /repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}/merge",
       "pull_request"},
      {"GET /repositories/{workspace}/{repo_slug}/branch-restrictions", "branch_restriction"},
      {"GET /repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}/activity",
       "pull_request_activity"},
      {"GET /repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}/activity #item",
       "pull_request_activity"},
      {"GET /repositories/{workspace}/{repo_slug}/pipelines", "pipeline"},
      {"GET /repositories/{workspace}/{repo_slug}/pipelines #item", "pipeline"},
      {"GET /repositories/{workspace}/{repo_slug}/pipelines/{pipeline_uuid}", "pipeline"},
      {"GET /repositories/{workspace}/{repo_slug}/deployments #item", "deployment"},
      {"GET /repositories/{workspace}/{repo_slug}/commits", "commit"},
      {"GET /repositories/{workspace}/{repo_slug}/commit/{commit}", "commit"},
      {"GET /repositories/{workspace}/{repo_slug}/hooks", "webhook"},
      {"GET /repositories/{workspace}/{repo_slug}/hooks/{uid}", "webhook"},
      {"GET /repositories/{workspace}/{repo_slug}/default-reviewers", "default_reviewer"}};
  return table;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> columns(const std::string& line) {
  std::vector<std::string> list;
  std::size_t begin = 0;
  while (true) {
    const std::size_t tab = line.find('\t', begin);
    list.push_back(line.substr(begin, tab - begin));
    if (tab == std::string::npos) return list;
    begin = tab + 1;
  }
}

/// The string or number at a path of members; "" when it is not there.
std::string at(const std::string& body, std::initializer_list<std::string_view> path) {
  boost::system::error_code failed;
  const json::value root = json::parse(body, failed);
  const json::value* value = &root;
  for (const std::string_view name : path) {
    if (failed || !value->is_object()) return {};
    value = value->get_object().if_contains(name);
    if (value == nullptr) return {};
  }
  if (value->is_string()) return std::string(value->get_string());
  return value->is_int64() ? std::to_string(value->get_int64()) : std::string();
}

}  // namespace

Replay ReplayLoader::load() {
  read_index();
  add_roots();
  add_repositories();
  add_pull_requests();
  add_restrictions();
  add_happenings();
  add_examples();
  return std::move(replay_);
}

void ReplayLoader::read_index() {
  std::ifstream index(folder_ / "INDEX.tsv");
  std::string line;
  std::getline(index, line);
  while (std::getline(index, line)) {
    const auto column = columns(line);
    if (column.size() < 9 || !column[5].starts_with("recorded")) continue;
    if (!column[7].empty() && !column[7].starts_with("2")) continue;
    if (column[8] == "api") read_body(column[0], column[1]);
  }
}

void ReplayLoader::read_body(const std::string& source, const std::string& endpoint) {
  const auto kind = kinds().find(endpoint);
  if (kind == kinds().end()) return;
  const std::string text = read_file(folder_ / source);
  boost::system::error_code failed;
  const json::value body = json::parse(text, failed);
  if (failed || !body.is_object()) return;
  const json::value* values = body.get_object().if_contains("values");
  auto& list = recordings_[kind->second];
  if (values == nullptr || !values->is_array()) {
    list.push_back({source, std::string(trimmed(text))});
    return;
  }
  for (std::string& slice : slices_of(text, "values")) list.push_back({source, std::move(slice)});
}

void ReplayLoader::add(std::string kind, const Recording& recording, std::string identity,
                       std::string parent, std::string leg) {
  if (!bodies_seen_.insert(kind + identity + parent + recording.body).second) return;
  ReplayItem item;
  item.version = identity.empty() ? 0 : replay_.versions_[kind + " " + parent + leg + identity]++;
  item.kind = std::move(kind);
  item.source = recording.source;
  item.body = recording.body;
  item.identity = std::move(identity);
  item.parent = std::move(parent);
  item.leg = std::move(leg);
  replay_.items_.push_back(std::move(item));
}

void ReplayLoader::add_roots() {
  // One token has one account: each recorded one is the account of a round.
  for (const Recording& recording : recordings_["account"]) add("account", recording, "user", "");
  for (const Recording& recording : recordings_["workspace"]) {
    const std::string uuid = at(recording.body, {"uuid"});
    if (main_workspace_.empty()) main_workspace_ = uuid;
    replay_.workspace_slugs_.emplace(at(recording.body, {"slug"}), uuid);
    add("workspace", recording, uuid, "");
  }
  for (const Recording& recording : recordings_["workspace_member"])
    add("workspace_member", recording, at(recording.body, {"user", "uuid"}), main_workspace_);
  for (const Recording& recording : recordings_["project"])
    add("project", recording, at(recording.body, {"uuid"}), main_workspace_);
}

void ReplayLoader::add_repositories() {
  for (const Recording& recording : recordings_["repository"]) {
    const std::string uuid = at(recording.body, {"uuid"});
    const std::string full_name = at(recording.body, {"full_name"});
    replay_.repository_slugs_.emplace(full_name.substr(full_name.find('/') + 1), uuid);
    if (!replay_.versions_.contains("repository " + main_workspace_ + uuid)) hosts_.push_back(uuid);
    add("repository", recording, uuid, main_workspace_);
  }
}

std::string ReplayLoader::make_host() {
  const std::string uuid = fmt::format("{{00000000-0000-4000-a000-{:012}}}", hosts_.size());
  const std::string slug = fmt::format("replay-host-{}", hosts_.size());
  const Recording made{
      "", fmt::format(R"({{"type":"repository","uuid":"{0}","slug":"{1}","name":"{1}",)"
                      R"("full_name":"replay/{1}","updated_on":"2026-01-01T00:00:00+00:00",)"
                      R"("mainbranch":{{"type":"branch","name":"main"}},)"
                      R"("workspace":{{"type":"workspace","uuid":"{2}","slug":"replay"}}}})",
                      uuid, slug, main_workspace_)};
  add("repository", made, uuid, main_workspace_);
  hosts_.push_back(uuid);
  return uuid;
}

std::string ReplayLoader::host_for(const std::string& kind, const std::string& wanted,
                                   const std::string& id) {
  const auto take = [&](const std::string& host) {
    return taken_.insert(kind + host + "/" + id).second;
  };
  for (const std::string& host : hosts_) {
    if (host == wanted && take(host)) return host;
  }
  for (const std::string& host : hosts_) {
    if (host.starts_with("{00000000-0000-4000") && take(host)) return host;
  }
  const std::string host = make_host();
  take(host);
  return host;
}

void ReplayLoader::add_pull_requests() {
  std::set<std::string> seen;
  for (const Recording& recording : recordings_["pull_request"]) {
    if (!seen.insert(recording.body).second) continue;
    const std::string id = at(recording.body, {"id"});
    const std::string home = at(recording.body, {"destination", "repository", "uuid"});
    add("pull_request", recording, id,
        host_for("pull_request", home, id.empty() ? recording.source : id));
  }
}

void ReplayLoader::add_restrictions() {
  std::set<std::string> seen;
  for (const Recording& recording : recordings_["branch_restriction"]) {
    if (!seen.insert(recording.body).second) continue;
    const std::string id = at(recording.body, {"id"});
    add("branch_restriction", recording, id,
        host_for("branch_restriction", hosts_.empty() ? "" : hosts_.front(), id));
  }
}

void ReplayLoader::add_happenings() {
  for (const std::string kind : {"pull_request_activity", "pipeline", "deployment", "commit",
                                 "webhook", "default_reviewer"}) {
    std::set<std::string> seen;
    for (const Recording& recording : recordings_[kind]) {
      if (!seen.insert(recording.body).second) continue;
      const std::string id = at(recording.body, {kind == "commit" ? "hash" : "uuid"});
      const std::string first = hosts_.empty() ? "" : hosts_.front();
      // A hook is the same one wherever it stands: its bodies are those of different rounds.
      const bool one_place = kind == "webhook" && !first.empty();
      add(kind, recording, id,
          one_place ? first : host_for(kind, first, id.empty() ? recording.body : id));
    }
  }
}

void ReplayLoader::add_examples() {
  const std::filesystem::path folder = folder_.parent_path() / "spec-examples";
  const std::string repositories = "get-repositories-workspace-repo-slug-permissions-config-";
  const auto add_all = [&](const std::string& file, const std::string& kind,
                           const std::string& parent, const std::string& leg) {
    const std::filesystem::path path = folder / (file + "-200.json");
    if (!std::filesystem::exists(path)) return;
    for (std::string& slice : slices_of(read_file(path), "values")) {
      const Recording example{"../spec-examples/" + path.filename().string(), std::move(slice)};
      std::string id = at(example.body, {"user", "uuid"});
      if (id.empty()) id = at(example.body, {"group", "slug"});
      if (id.empty()) id = at(example.body, {"id"});
      add(kind, example, std::move(id), parent, leg);
    }
  };
  if (hosts_.empty()) return;
  add_all(repositories + "users", "repository_grant", hosts_.front(), "users");
  add_all(repositories + "groups", "repository_grant", hosts_.front(), "groups");
  add_all("get-repositories-workspace-repo-slug-deploy-keys", "deploy_key", hosts_.front(), "");
  add_all("get-workspaces-workspace-permissions", "workspace_member", main_workspace_, "");
  // Of groups there is only what the manual of the 1.0 API shows: a bare array.
  const std::string groups = "_issue-traces/docs-1.0-groups.json";
  const std::string text = "{\"values\":" + read_file(folder_ / groups) + "}";
  for (std::string& slice : slices_of(text, "values")) {
    const Recording example{groups, std::move(slice)};
    add("group", example, at(example.body, {"slug"}), main_workspace_, "");
  }
}

std::optional<Replay> Replay::load(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / "INDEX.tsv")) return std::nullopt;
  return ReplayLoader(folder).load();
}

}  // namespace evidenced::simulator
