#include "api/route.hpp"

#include "api/limits.hpp"

#include <algorithm>

namespace evidenced::api {
namespace {

struct MethodName {
  Method method;
  std::string_view name;
};
constexpr MethodName method_names[] = {
    {Method::get, "GET"},         {Method::head, "HEAD"},   {Method::post, "POST"},
    {Method::put, "PUT"},         {Method::patch, "PATCH"}, {Method::delete_, "DELETE"},
    {Method::options, "OPTIONS"},
};

/// The next segment of a path, taken off its front with the slash before it.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

/// Whether `path` has the form of `pattern`; what stands for the names goes to `ids`.
bool fits(std::string_view pattern, std::string_view path, std::vector<std::string>& ids) {
  ids.clear();
  while (pattern.starts_with('/') && path.starts_with('/')) {
    const std::string_view wanted = take_segment(pattern), given = take_segment(path);
    if (!wanted.starts_with('{')) {
      if (wanted != given) return false;
      continue;
    }
    const std::string_view ending = wanted.substr(wanted.find('}') + 1);  // "{capability}.ics"
    if (!given.ends_with(ending)) return false;
    auto id = percent_decode(given.substr(0, given.size() - ending.size()), false);
    if (!id || id->empty()) return false;
    ids.push_back(std::move(*id));
  }
  return pattern.empty() && path.empty();
}

}  // namespace

Roles role_bit(storage::Role role) {
  return 1U << static_cast<unsigned>(role);
}

std::string_view method_name(Method method) {
  return std::ranges::find(method_names, method, &MethodName::method)->name;
}

const std::vector<const Route*>& all_routes() {
  static const std::vector<const Route*> routes = [] {
    std::vector<const Route*> all;
    for (const auto table :
         {source_routes(), sync_routes(), artifact_routes(), report_routes(), feed_routes(),
          expiry_routes(), hook_routes(), key_routes(), console_routes(), system_routes()}) {
      for (const Route& route : table) all.push_back(&route);
    }
    return all;
  }();
  return routes;
}

Match match_route(Method method, std::string_view path) {
  Match match;
  std::vector<std::string> ids;
  const Method wanted = method == Method::head ? Method::get : method;
  for (const Route* route : all_routes()) {
    if (!fits(route->pattern, path, ids)) continue;
    match.allowed.push_back(route->method);
    if (route->method == Method::get) match.allowed.push_back(Method::head);
    if (route->method == wanted) {
      match.route = route;
      match.ids = ids;
    }
  }
  if (!match.allowed.empty()) match.allowed.push_back(Method::options);
  return match;
}

std::string allow_header(const Match& match) {
  std::string allow;
  for (const Method method : match.allowed) {
    if (!allow.empty()) allow += ", ";
    allow += method_name(method);
  }
  return allow;
}

std::size_t body_limit_of(const Route& route) {
  if (route.raw_body > 0) return route.raw_body;
  const bool may_have_body =
      route.method == Method::post || route.method == Method::put || route.method == Method::patch;
  return may_have_body ? limits::json_body : 0;
}

bool takes_json(const Route& route) {
  return route.raw_body == 0 && body_limit_of(route) > 0;
}

bool keeps_answers(const Route& route) {
  return takes_json(route) && route.roles != open_to_all;
}

}  // namespace evidenced::api
