#include "tests/simulator/replay.hpp"

#include "tests/simulator/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace evidenced::simulator {
namespace {

SimResponse replayed(int status, std::string body) {
  SimResponse response;
  response.status = status;
  response.headers = {
      {"content-type", "application/json; charset=utf-8"},
      {"server", "AtlassianEdge"},
      {"x-credential-type", "api_token"},
      {"x-oauth-scopes",
       "read:user:bitbucket, read:workspace:bitbucket, read:project:bitbucket, "
       "read:repository:bitbucket, read:pullrequest:bitbucket, read:pipeline:bitbucket, "
       "read:runner:bitbucket, read:webhook:bitbucket, read:permission:bitbucket, "
       "admin:repository:bitbucket, admin:project:bitbucket"}};
  response.body = std::move(body);
  return response;
}

SimResponse refuse(int status, std::string_view message) {
  return replayed(status, fmt::format(R"({{"type":"error","error":{{"message":"{}"}}}})", message));
}

std::size_t number_in(const std::optional<std::string>& text) {
  std::size_t number = 1;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return std::max<std::size_t>(number, 1);
}

}  // namespace

std::optional<std::filesystem::path> Replay::default_folder() {
  const char* shared = std::getenv("EVIDENCED_SHARED");
  const std::filesystem::path folder =
      std::filesystem::path(shared == nullptr ? "../shared" : shared) / "bitbucket" / "recorded";
  if (!std::filesystem::exists(folder / "INDEX.tsv")) return std::nullopt;
  return folder;
}

int Replay::rounds() const {
  int most = 1;
  for (const auto& [key, count] : versions_) most = std::max(most, count);
  return most;
}

std::vector<const ReplayItem*> Replay::shown(std::string_view kind, std::string_view parent,
                                             std::string_view leg) const {
  std::vector<const ReplayItem*> list;
  for (const ReplayItem& item : items_) {
    if (item.kind != kind || item.parent != parent || item.leg != leg) continue;
    if (!item.identity.empty()) {
      const int count = versions_.at(item.kind + " " + item.parent + item.leg + item.identity);
      if (item.version != std::min(round_, count - 1)) continue;
    }
    list.push_back(&item);
  }
  return list;
}

std::vector<const ReplayItem*> Replay::served() const {
  std::vector<const ReplayItem*> list;
  for (const ReplayItem& item : items_) {
    const auto same = shown(item.kind, item.parent, item.leg);
    if (std::find(same.begin(), same.end(), &item) != same.end()) list.push_back(&item);
  }
  return list;
}

std::string Replay::workspace_uuid(const std::string& slug_or_uuid) const {
  const auto found = workspace_slugs_.find(slug_or_uuid);
  return found == workspace_slugs_.end() ? slug_or_uuid : found->second;
}

std::string Replay::repository_uuid(const std::string& slug_or_uuid) const {
  const auto found = repository_slugs_.find(slug_or_uuid);
  return found == repository_slugs_.end() ? slug_or_uuid : found->second;
}

std::string Replay::slug_of(const std::string& workspace) const {
  for (const auto& [slug, uuid] : workspace_slugs_) {
    if (uuid == workspace) return slug;
  }
  return workspace;
}

SimResponse Replay::single(std::string_view kind, std::string_view identity) const {
  for (const ReplayItem* item : shown(kind, "", "")) {
    if (item->identity == identity) return replayed(200, item->body);
  }
  return refuse(404, "Not found");
}

/// A bare array without pages.
SimResponse Replay::groups(const std::string& workspace) const {
  std::string body = "[";
  for (const ReplayItem* item : shown("group", workspace, "")) {
    body += (body.size() > 1 ? ", " : "") + item->body;
  }
  return replayed(200, body + "]");
}

SimResponse Replay::page(const SimRequest& request, std::string_view kind, std::string_view parent,
                         std::string_view leg) const {
  const auto rows = shown(kind, parent, leg);
  const Target target = read_target(request.target);
  const std::size_t number = number_in(target.find("page"));
  const std::size_t begin = std::min((number - 1) * page_length, rows.size());
  const std::size_t end = std::min(begin + page_length, rows.size());
  std::string body = fmt::format(R"({{"pagelen": {}, "values": [)", page_length);
  for (std::size_t i = begin; i < end; ++i) {
    if (i > begin) body += ", ";
    if (kind == "workspace") {  // /user/workspaces shows little more than the uuid
      body += fmt::format(R"({{"type":"workspace_access","administrator":true,"workspace":)"
                          R"({{"type":"workspace_base","uuid":"{}","slug":"{}"}}}})",
                          rows[i]->identity, slug_of(rows[i]->identity));
    } else {
      body += rows[i]->body;
    }
  }
  body += fmt::format(R"(], "page": {}, "size": {})", number, rows.size());
  if (end < rows.size()) {
    std::string query;
    for (const auto& parameter : target.parameters) {
      if (parameter.name != "page") query += parameter.raw + "&";
    }
    const std::string_view host = request.header("host");
    body += fmt::format(R"(, "next": "https://{}{}?{}page={}")",
                        host.empty() ? std::string_view("api.bitbucket.org") : host,
                        target.raw_path, query, number + 1);
  }
  return replayed(200, body + "}");
}

SimResponse Replay::route(const SimRequest& request) {
  if (request.header("authorization").empty() ||
      (!authorization.empty() && request.header("authorization") != authorization))
    return refuse(401, "Token is invalid, expired, or not supported for this endpoint.");
  auto path = read_target(request.target).segments;
  if (path.back().empty()) path.pop_back();
  if (path.size() == 3 && path[0] == "1.0" && path[1] == "groups")
    return groups(workspace_uuid(path[2]));
  if (path.size() < 2 || path[0] != "2.0") return refuse(403, "Forbidden");
  if (path[1] == "user" && path.size() == 2) return single("account", "user");
  if (path[1] == "user" && path[2] == "workspaces" && path.size() == 3)
    return page(request, "workspace", "", "");
  if (path.size() < 3) return refuse(404, "Not found");
  const std::string workspace = workspace_uuid(path[2]);
  if (path[1] == "workspaces") {
    if (path.size() == 3) return single("workspace", workspace);
    if (path.size() == 4 && (path[3] == "members" || path[3] == "permissions"))
      return page(request, "workspace_member", workspace, "");
    if (path.size() == 4 && path[3] == "projects") return page(request, "project", workspace, "");
  }
  if (path[1] != "repositories") return refuse(404, "Not found");
  if (path.size() == 3) return page(request, "repository", workspace, "");
  const std::string repository = repository_uuid(path[3]);
  if (path.size() < 5) return refuse(404, "Not found");
  static const std::map<std::string, std::string_view, std::less<>> lists = {
      {"pullrequests", "pull_request"},
      {"pipelines", "pipeline"},
      {"deployments", "deployment"},
      {"branch-restrictions", "branch_restriction"},
      {"hooks", "webhook"},
      {"deploy-keys", "deploy_key"},
      {"effective-default-reviewers", "default_reviewer"},
  };
  const auto list = lists.find(path[4]);
  if (path.size() == 5 && list != lists.end()) return page(request, list->second, repository, "");
  if (path.size() == 6 && path[4] == "commits") return page(request, "commit", repository, "");
  if (path.size() == 6 && path[4] == "pullrequests" && path[5] == "activity")
    return page(request, "pull_request_activity", repository, "");
  if (path.size() == 6 && path[4] == "permissions-config")
    return page(request, "repository_grant", repository, path[5]);
  return refuse(404, "Not found");
}

SimResponse Replay::answer(const SimRequest& request) {
  SimResponse response = route(request);
  log_.push_back({request, response.status, {}, "", ""});
  return response;
}

}  // namespace evidenced::simulator
