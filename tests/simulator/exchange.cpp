#include "tests/simulator/exchange.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace evidenced::simulator {
namespace {

constexpr std::string_view token_invalid =
    "Token is invalid, expired, or not supported for this endpoint.";
constexpr std::string_view lacks_scopes =
    "Your credentials lack one or more required privilege scopes.";
constexpr std::string_view deactivated =
    "Error: This workspace and its content have been deactivated due to inactivity. Contact your "
    "workspace admin to reactivate it and avoid permanent deletion. Workspace admins can "
    "reactivate it via the web interface.";
constexpr std::array<std::string_view, 5> removed_paths{
    "2.0/workspaces", "2.0/repositories", "2.0/user/permissions/workspaces",
    "2.0/user/permissions/repositories", "2.0/snippets"};

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += between;
    text += word;
  }
  return text;
}

bool same_mail(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  });
}

}  // namespace

std::string_view SimRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::string_view SimResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

Exchange::Exchange(Simulator& simulator, const SimRequest& request)
    : simulator_(simulator), request_(request), target_(read_target(request.target)) {
  const auto& segments = target_.segments;
  if (segments.size() > 1 && segments[0] == "2.0" && segments[1] == "repositories")
    group_ = "repositories";
  if (segments.back() == "hooks" ||
      (segments.size() > 4 && segments[segments.size() - 2] == "hooks"))
    group_ = "webhooks";
  if (segments.size() > 2 && segments[segments.size() - 2] == "mergeability")
    group_ = "mergeability";
}

std::string Exchange::account() const {
  if (token_ == nullptr) return "anonymous";
  if (token_->kind == CredentialKind::workspace_access_token) return token_->token;
  return simulator_.world_.people[token_->person].uuid;
}

const std::string& Exchange::capture(std::string_view name) const {
  static const std::string nothing;
  const auto found = captures_.find(name);
  return found == captures_.end() ? nothing : found->second;
}

void Exchange::error(int status, std::string_view message, json::value detail) {
  json::object error{{"message", message}};
  if (!detail.is_null()) error["detail"] = std::move(detail);
  json::object body;
  if (!switches().error_without_type) body["type"] = "error";
  body["error"] = std::move(error);
  response_.status = status;
  response_.body = json::serialize(body);
  response_.headers.emplace_back("content-type", "application/json; charset=utf-8");
}

void Exchange::text(int status, std::string_view body) {
  response_.status = status;
  response_.body = body;
  const bool html = body.starts_with('<');
  response_.headers.emplace_back("content-type", html ? "text/html; charset=utf-8" : "text/plain");
}

void Exchange::not_found(std::string_view what) {
  if (switches().text_404) return text(404, what);
  if (switches().html_404)
    return text(404, "<!DOCTYPE html><html><body><h1>Not found</h1></body></html>");
  error(404, what);
}

void Exchange::raw(const json::value& body) {
  response_.status = 200;
  response_.body = json::serialize(body);
  response_.headers.emplace_back("content-type", "application/json; charset=utf-8");
}

void Exchange::single(const json::value& body, std::span<const std::string_view> hidden) {
  raw(Fields(target_.find("fields").value_or(""), hidden).apply(body));
}

void Exchange::unauthorized() {
  if (switches().empty_401) return text(401, "");
  error(401, token_invalid);
}

void Exchange::gone() {
  const json::value data{{"announcement_url",
                          "https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-2770"}};
  const json::value body{{"type", "error"},
                         {"error",
                          {{"message", "CHANGE-2770 - Functionality has been deprecated"},
                           {"detail", "Please read the changelog entry for more details."},
                           {"data", data}}},
                         {"data", data}};
  raw(body);
  response_.status = 410;
}

bool Exchange::authenticate() {
  const std::string_view header = request_.header("authorization");
  if (header.empty()) return true;
  std::string user;
  std::string secret;
  const bool bearer = header.starts_with("Bearer ");
  if (bearer) {
    secret = header.substr(7);
  } else if (header.starts_with("Basic ")) {
    const std::string plain = decode_base64(header.substr(6)).value_or("");
    const std::size_t colon = plain.find(':');
    user = plain.substr(0, colon);
    if (colon != std::string::npos) secret = plain.substr(colon + 1);
  }
  Token* found = nullptr;
  for (Token& candidate : simulator_.tokens_) {
    if (candidate.token == secret) found = &candidate;
  }
  if (found == nullptr || found->revoked) return false;
  const bool access = found->kind == CredentialKind::workspace_access_token;
  if (bearer != access || (!bearer && !same_mail(user, found->email))) return false;
  if (found->kind == CredentialKind::unscoped_api_token) return false;
  if (found->expires && simulator_.clock_.now() >= *found->expires) return false;
  ++found->requests;
  if (found->dies_after > 0 && found->requests > found->dies_after) return false;
  token_ = found;
  return true;
}

bool Exchange::removed() {
  std::string path;
  for (const std::string& segment : target_.segments) {
    if (segment.empty()) break;
    path += (path.empty() ? "" : "/") + segment;
  }
  // An empty workspace segment is the same path to the service.
  const bool known =
      std::find(removed_paths.begin(), removed_paths.end(), path) != removed_paths.end();
  if (known && !switches().legacy_endpoints) {
    gone();
    return true;
  }
  if (target_.segments[0] == "1.0" &&
      (target_.segments.size() < 2 || target_.segments[1] != "groups")) {
    error(410, "Resource removed",
          "This API is no longer supported.\n\nFor information about its removal, please refer to "
          "the deprecation notice at: "
          "https://developer.atlassian.com/cloud/bitbucket/deprecation-notice-v1-apis/");
    return true;
  }
  return false;
}

void Exchange::too_many() {
  text(429, "Rate limit for this resource has been exceeded");
  if (switches().retry_after == Switches::RetryAfter::seconds) {
    response_.headers.emplace_back("retry-after", std::to_string(switches().retry_after_seconds));
  } else if (switches().retry_after == Switches::RetryAfter::date) {
    const Micros wait = static_cast<Micros>(switches().retry_after_seconds) * 1'000'000;
    response_.headers.emplace_back("retry-after",
                                   http_date(to_micros(simulator_.clock_.now()) + wait));
  }
}

bool Exchange::within_limit() {
  const std::int64_t limit = anonymous()                ? switches().limit_anonymous
                             : group_ == "repositories" ? switches().limit_repositories
                             : group_ == "webhooks"     ? switches().limit_webhooks
                             : group_ == "mergeability" ? switches().limit_mergeability
                                                        : switches().limit_other;
  if (simulator_.take_from_budget(account(), std::string(anonymous() ? "all" : group_), limit))
    return true;
  too_many();
  return false;
}

const Route* Exchange::find_route() {
  const auto& path = target_.segments;
  for (const Route& route : routes()) {
    captures_.clear();
    std::string_view pattern = route.pattern;
    std::size_t at = 0;
    bool fits = true;
    while (fits && !pattern.empty()) {
      const std::size_t slash = pattern.find('/');
      const std::string_view part = pattern.substr(0, slash);
      pattern = slash == std::string_view::npos ? std::string_view() : pattern.substr(slash + 1);
      fits = at < path.size() && !path[at].empty() && (part.starts_with('{') || part == path[at]);
      if (fits && part.starts_with('{'))
        captures_[std::string(part.substr(1, part.size() - 2))] = path[at];
      ++at;
    }
    // One trailing slash is forgiven.
    const bool end = at == path.size() || (at + 1 == path.size() && path[at].empty());
    if (fits && end) return &route;
  }
  return nullptr;
}

bool Exchange::scoped(const Route& route) {
  scope_ = route.scope;
  if (anonymous()) {
    if (route.scope.empty() || route.pattern == "2.0/repositories/{workspace}") return true;
    unauthorized();
    return false;
  }
  if (token_->kind == CredentialKind::workspace_access_token && !route.access_tokens) {
    error(403, "This resource does not support authentication using the provided token");
    return false;
  }
  if (route.scope.empty() || token_->has(route.scope)) return true;
  const bool classic = token_->kind == CredentialKind::workspace_access_token;
  json::array granted;
  for (const std::string& scope : token_->scopes)
    granted.emplace_back(classic ? classic_scope(scope) : scope);
  const json::array required{
      json::value(classic ? classic_scope(route.scope) : std::string(route.scope))};
  error(403, lacks_scopes, {{"required", required}, {"granted", granted}});
  return false;
}

Role Exchange::role_in(const Workspace& workspace) const {
  return anonymous() ? Role::none : token_->role_in(workspace.slug);
}

bool Exchange::sees(const Repository& repository) const {
  return !token_->hidden_repositories.contains(repository.uuid);
}

bool Exchange::reaches(const Route& route) {
  if (route.need == Need::nothing) return true;
  const std::string& name = capture("workspace");
  workspace_ = world().find_workspace(name);
  if (workspace_ == nullptr) {
    not_found(fmt::format("No workspace with identifier '{}'.", name));
    return false;
  }
  if (switches().deactivated.contains(workspace_->slug)) {
    error(403, deactivated);
    return false;
  }
  if (switches().spam.contains(workspace_->slug) && group_ == "repositories") {
    error(410, "This workspace has been marked as spam.");
    return false;
  }
  role_ = role_in(*workspace_);
  if (route.pattern == "2.0/repositories/{workspace}") return true;  // 200 and nothing in it
  if (role_ == Role::none && route.need != Need::repository &&
      route.need != Need::repository_admin) {
    error(403, "You do not have access to this workspace.");
    return false;
  }
  if (route.need == Need::admin && role_ != Role::admin) {
    error(403, "You must be an administrator of this workspace to do that.");
    return false;
  }
  if (route.need == Need::project || route.need == Need::project_admin) return reach_project(route);
  return (route.need != Need::repository && route.need != Need::repository_admin) ||
         reach_repository(route);
}

bool Exchange::reach_project(const Route& route) {
  const std::string& name = capture("project");
  for (Project& candidate : workspace_->projects) {
    if (candidate.key == name || candidate.uuid == name) project_ = &candidate;
  }
  if (project_ == nullptr) {
    not_found("Project with key '" + name + "' does not exist in workspace.");
    return false;
  }
  if (route.need == Need::project || token_->administrates(workspace_->slug, project_->key))
    return true;
  error(403, "You must be an administrator of this project to do that.");
  return false;
}

bool Exchange::reach_repository(const Route& route) {
  const std::string& slug = capture("repository");
  repository_ = World::find_repository(*workspace_, slug);
  if (role_ == Role::none || repository_ == nullptr || !sees(*repository_)) {
    not_found(fmt::format("Repository {}/{} not found", capture("workspace"), slug));
    return false;
  }
  if (token_->forbidden_repositories.contains(repository_->uuid)) {
    error(403,
          "You may not have access to this repository or it no longer exists in this "
          "workspace.");
    return false;
  }
  const std::string& project = workspace_->projects[repository_->project].key;
  if (route.need == Need::repository_admin &&
      !token_->administrates(workspace_->slug, project, repository_->uuid)) {
    error(403, "Your account does not have the required access: repository admin.");
    return false;
  }
  return true;
}

void Exchange::standard_headers() {
  auto& headers = response_.headers;
  const Micros skew = switches().clock_skew_seconds * 1'000'000;
  headers.emplace_back("server", "AtlassianEdge");
  headers.emplace_back("date", http_date(to_micros(simulator_.clock_.now()) + skew));
  headers.emplace_back("vary", "Authorization, Origin, cookie, user-context, Accept-Encoding");
  headers.emplace_back("x-request-count", std::to_string(simulator_.dice_.below(5000)));
  headers.emplace_back("x-served-by", "sim-" + simulator_.dice_.hex(8));
  headers.emplace_back("x-render-time", "0.0213");
  headers.emplace_back("x-b3-traceid", simulator_.dice_.hex(16));
  headers.emplace_back("atl-traceid", simulator_.dice_.hex(32));
  headers.emplace_back("etag", "\"" + simulator_.dice_.hex(32) + "\"");
  if (!scope_.empty()) headers.emplace_back("x-accepted-oauth-scopes", classic_scope(scope_));
  if (anonymous()) return;
  headers.emplace_back("x-credential-type", token_->type_name());
  const bool access = token_->kind == CredentialKind::workspace_access_token;
  std::vector<std::string> scopes = token_->scopes;
  if (access) std::transform(scopes.begin(), scopes.end(), scopes.begin(), classic_scope);
  headers.emplace_back("x-oauth-scopes", joined(scopes, ", "));
  if (!access) return;
  headers.emplace_back("x-ratelimit-limit", std::to_string(switches().limit_repositories));
  headers.emplace_back("x-ratelimit-resource", "api");
  headers.emplace_back("x-ratelimit-nearlimit", "false");
}

SimResponse Exchange::run() {
  const auto& first = target_.segments[0];
  const bool authentic = authenticate();
  const auto decide = [&] {
    if (target_.raw_braces) return text(400, "<html><body><h1>400 Bad Request</h1></body></html>");
    if (first != "2.0" && first != "1.0") return error(403, "Forbidden");
    if (request_.method != "GET" && request_.method != "HEAD")
      return error(405, "Method not allowed");
    if (!authentic) return unauthorized();
    if (removed() || !within_limit()) return;
    const Route* route = find_route();
    if (route == nullptr) return not_found("There is no API hosted at this URL.");
    const bool slash = target_.segments.back().empty();
    const bool wanted =
        route->pattern.ends_with("/pipelines") || route->pattern.ends_with("/deployments");
    if (switches().redirect_slash && slash && !wanted) {
      text(302, "");
      response_.headers.emplace_back("location",
                                     target_.raw_path.substr(0, target_.raw_path.size() - 1));
      return;
    }
    if (scoped(*route) && reaches(*route)) route->handler(*this);
  };
  decide();
  standard_headers();
  if (request_.method == "HEAD") response_.body.clear();
  return std::move(response_);
}

}  // namespace evidenced::simulator
