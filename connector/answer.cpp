// What Bitbucket's answers mean (reference: bitbucket, 1.3, 6 and 14; quality, 6): failure_of().
#include "config/ascii.hpp"
#include "connector/retry.hpp"
#include "connector/upstream_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::connector {
namespace {

namespace json = boost::json;

/// Error bodies are a few hundred bytes; what is longer is no error body of Bitbucket's API.
constexpr std::size_t error_body_limit = 64 * 1024;

struct StatusRow {
  int status;
  Code code;
};

/// The statuses whose class (4xx, 5xx, …) does not say enough.
constexpr std::array<StatusRow, 12> statuses = {{
    {202, "upstream.unavailable"},  // "indexing": ask again later
    {401, "upstream.unauthorized"},
    {402, "stream.forbidden"},
    {403, "stream.forbidden"},
    {404, "stream.not_found"},
    {408, "upstream.timeout"},
    {409, "upstream.unavailable"},
    {410, "upstream.removed"},
    {425, "upstream.unavailable"},
    {429, "upstream.rate_limited"},
    {501, "upstream.refused"},
    {555, "upstream.oversized"},  // too large for Bitbucket itself: the same again next time
}};

Code code_of_status(int status) {
  const auto row = std::ranges::find(statuses, status, &StatusRow::status);
  if (row != statuses.end()) return row->code;
  if (status >= 500) return "upstream.unavailable";
  if (status >= 400) return "upstream.refused";
  if (status >= 300) return "upstream.redirect";
  return "upstream.invalid_json";
}

std::string media_type(const HttpResponse& response) {
  const std::string_view value = response.header("content-type");
  std::string type = to_lower(value.substr(0, value.find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  return type;
}

bool is_json(std::string_view type) {
  return type == "application/json" || type.ends_with("+json");
}

/// The member, or null where there is none.
const json::value& member(const json::value& value, std::string_view name) {
  static const json::value nothing;
  if (const json::object* object = value.if_object()) {
    if (const json::value* found = object->if_contains(name)) return *found;
  }
  return nothing;
}

std::string_view text_of(const json::value& value) {
  const json::string* text = value.if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

std::vector<std::string> scopes_of(const json::value& value) {
  std::vector<std::string> scopes;
  if (const json::array* list = value.if_array()) {
    for (const json::value& scope : *list) {
      if (!text_of(scope).empty()) scopes.push_back(upstream_text(text_of(scope), 80));
    }
  }
  return scopes;
}

/// "read:user:bitbucket, account" as in the headers x-oauth-scopes and x-accepted-oauth-scopes.
std::vector<std::string> scopes_of(std::string_view list) {
  std::vector<std::string> scopes;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    std::string scope = upstream_text(list.substr(0, end), 80);
    if (!scope.empty()) scopes.push_back(std::move(scope));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return scopes;
}

/// What the body of a failure says, wherever it says it: `{"type","error":{"message","detail",…}}`
/// with or without type, detail as string or object, the `{"key","message"}` of the pipelines
/// services, or plain text.
struct ErrorBody {
  std::string message;
  std::string announcement;
  std::vector<std::string> required;
  std::vector<std::string> granted;
};

ErrorBody read_json_body(const json::value& body) {
  const json::value& error = member(body, "error");
  const json::value& detail = member(error, "detail");
  ErrorBody out;
  out.message = text_of(member(error, "message"));
  if (out.message.empty()) out.message = text_of(member(body, "message"));
  if (out.message.empty()) out.message = text_of(error);
  if (!text_of(detail).empty()) {
    out.message += out.message.empty() ? "" : ": ";
    out.message += text_of(detail);
  }
  out.announcement = text_of(member(member(error, "data"), "announcement_url"));
  if (out.announcement.empty())
    out.announcement = text_of(member(member(body, "data"), "announcement_url"));
  out.required = scopes_of(member(detail, "required"));
  out.granted = scopes_of(member(detail, "granted"));
  return out;
}

ErrorBody read_body(const HttpResponse& response) {
  const std::string type = media_type(response);
  ErrorBody out;
  if (response.body.size() > error_body_limit) return out;
  boost::system::error_code ignored;
  json::value body = json::parse(response.body, ignored);
  if (!ignored) return read_json_body(body);
  // A page of HTML says nothing that a person could use.
  if (type == "text/plain") out.message = response.body;
  return out;
}

/// "403 You do not have access to this workspace."
std::string detail_of(const HttpResponse& response, const ErrorBody& body) {
  std::string detail = std::to_string(response.status);
  std::string message = upstream_text(body.message);
  if (message.empty() && response.body.empty()) message = "without a body";
  if (message.empty()) message = "with a body of type " + upstream_text(media_type(response), 60);
  detail += ' ' + message;
  if (!body.announcement.empty() && !message.contains(body.announcement))
    detail += " (" + upstream_text(body.announcement, 200) + ")";
  return detail;
}

/// Retry-After where no clock is needed to read it, else 0.
int seconds_to_wait(const HttpResponse& response) {
  if (response.header("retry-after").find_first_not_of("0123456789") != std::string_view::npos)
    return 0;
  const auto wait = retry_after(response, Timestamp());
  return wait ? static_cast<int>(wait->count()) : 0;
}

void add_scopes(Error& error, ErrorBody body, const HttpResponse& response) {
  const bool speaks_of_scopes = body.message.contains("required privilege scopes");
  if (body.required.empty() && !speaks_of_scopes) return;
  error.code = "credential.scope_missing";
  error.scopes_required = std::move(body.required);
  error.scopes_granted = std::move(body.granted);
  if (error.scopes_required.empty())
    error.scopes_required = scopes_of(response.header("x-accepted-oauth-scopes"));
  if (error.scopes_granted.empty())
    error.scopes_granted = scopes_of(response.header("x-oauth-scopes"));
}

/// 410 has two meanings (reference: bitbucket, 3.3): the API is gone, or the workspace is shut.
bool is_shut(const HttpResponse& response, const ErrorBody& body) {
  return response.status == 410 && to_lower(body.message).contains("spam");
}

}  // namespace

std::optional<Error> failure_of(const HttpResponse& response) {
  if (response.status == 200) {
    const std::string type = media_type(response);
    if (type.empty() || is_json(type)) return std::nullopt;
    Error error;
    error.code = "upstream.invalid_json";
    error.detail = "200 with a body of type " + upstream_text(type, 60);
    return error;
  }
  ErrorBody body = read_body(response);
  Error error;
  error.code = code_of_status(response.status);
  error.detail = detail_of(response, body);
  if (is_shut(response, body)) error.code = "stream.not_found";
  if (response.status == 403) add_scopes(error, std::move(body), response);
  error.retry_after_seconds = seconds_to_wait(response);
  return error;
}

}  // namespace evidenced::connector
