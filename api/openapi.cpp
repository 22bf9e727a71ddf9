#include "api/openapi.hpp"

#include "api/json_out.hpp"
#include "api/openapi_headers.hpp"
#include "api/route.hpp"
#include "config/ascii.hpp"
#include "config/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace evidenced::api {
namespace {

struct Tag {
  std::string_view name;
  std::string_view description;
};
constexpr Tag tags[] = {
    {"sources", "Accounts whose credentials collect, and the workspaces they cover."},
    {"syncs", "Runs over a source."},
    {"artifacts", "What was collected, with its history."},
    {"reports", "What the artifacts prove, taken together."},
    {"expiry", "When credentials end, and calendars that say so."},
    {"hooks", "Webhooks of Bitbucket, which hint at what changed."},
    {"keys", "API keys and their rights."},
    {"console", "Sessions of the web console."},
    {"system", "Health, metrics, problems, this document."},
};

struct Word {
  int status;
  std::string_view text;
};
constexpr Word words[] = {
    {200, "Success."},
    {201, "Created."},
    {202, "Accepted; the work goes on."},
    {204, "Done; there is no body."},
    {304, "The client has the answer already."},
    {400, "The request is malformed, or names something unknown."},
    {401, "There is no valid API key and no session."},
    {403, "The roles of the key do not allow this, or a session does not prove that it asks."},
    {404, "There is no such resource, or it is another's."},
    {406, "The media type cannot be given."},
    {409, "The resource is in a state that does not allow this."},
    {412, "The resource changed since it was read."},
    {413, "The body is too large."},
    {415, "The body is not JSON."},
    {422, "The request is well formed but refused."},
    {429, "Too many requests; wait as Retry-After says."},
    {500, "A bug; report it with the request id."},
    {502, "Bitbucket's answer cannot be used."},
    {503, "The server cannot serve this now; wait as Retry-After says."},
    {504, "Bitbucket did not answer in time."},
    {507, "The disk is full."},
};

std::string_view words_of(int status) {
  const auto* row = std::ranges::find(words, status, &Word::status);
  return row == std::end(words) ? "A problem." : row->text;
}

void write_texts(JsonOut& json, std::string_view commas) {
  json.begin_array();
  while (!commas.empty()) {
    const std::string_view text = commas.substr(0, commas.find(','));
    json.value(text);
    commas.remove_prefix(std::min(text.size() + 1, commas.size()));
  }
  json.end_array();
}

void write_reference(JsonOut& json, std::string_view schema) {
  json.begin_object().member("$ref", fmt::format("#/components/schemas/{}", schema)).end_object();
}

void write_scalar(JsonOut& json, const Parameter& parameter) {
  json.begin_object();
  switch (parameter.kind) {
    case Parameter::Kind::text:
      json.member("type", "string").member("minLength", 1);
      break;
    case Parameter::Kind::count:
      json.member("type", "integer").member("minimum", parameter.minimum);
      break;
    case Parameter::Kind::flag:
      json.member("type", "boolean");
      break;
    case Parameter::Kind::time:
      json.member("type", "string").member("format", "date-time");
      break;
    case Parameter::Kind::position:
      json.member("type", "string");
      break;
    case Parameter::Kind::choice:
      json.member("type", "string").key("enum");
      write_texts(json, parameter.choices);
      break;
  }
  json.end_object();
}

void write_query_parameter(JsonOut& json, const Parameter& parameter) {
  json.begin_object();
  json.member("name", parameter.name).member("in", "query");
  json.member("description", parameter.description);
  json.key("schema");
  if (parameter.repeated) {
    json.begin_object().member("type", "array").key("items");
    write_scalar(json, parameter);
    json.end_object();
    json.member("style", "form").member("explode", true);
  } else {
    write_scalar(json, parameter);
  }
  json.end_object();
}

void write_text_parameter(JsonOut& json, std::string_view name, std::string_view where,
                          std::string_view description) {
  json.begin_object();
  json.member("name", name).member("in", where);
  if (where == "path") json.member("required", true);
  json.member("description", description);
  json.key("schema").begin_object().member("type", "string").end_object();
  json.end_object();
}

bool is_versioned(const Route& route) {
  return route.pattern.starts_with("/v1/sources/{id}") &&
         (route.method == Method::patch || route.method == Method::put ||
          route.method == Method::delete_);
}

void write_parameters(JsonOut& json, const Route& route) {
  json.key("parameters").begin_array();
  std::string_view rest = route.pattern;
  for (std::size_t at = rest.find('{'); at != std::string_view::npos; at = rest.find('{')) {
    const std::size_t end = rest.find('}');
    const std::string_view name = rest.substr(at + 1, end - at - 1);
    write_text_parameter(json, name, "path", fmt::format("The {} of the resource.", name));
    rest.remove_prefix(end + 1);
  }
  for (const Parameter& parameter : route.parameters) write_query_parameter(json, parameter);
  if (keeps_answers(route)) {
    write_text_parameter(json, "Idempotency-Key", "header",
                         "1 to 255 visible characters: the same request with the same key takes "
                         "effect once in 24 hours.");
  }
  if (is_versioned(route)) {
    write_text_parameter(json, "If-Match", "header", "The ETag of the resource as it was read.");
  }
  if (route.shape != Shape::none) {
    write_text_parameter(json, "If-None-Match", "header", "ETags that the client has.");
  }
  if (route.operation == "stream_events") {
    write_text_parameter(json, "Last-Event-ID", "header",
                         "Position of the last event that the client has: later ones follow. It "
                         "goes before `after`.");
  }
  json.end_array();
}

void write_request_body(JsonOut& json, const Route& route) {
  if (route.body.empty()) return;
  json.key("requestBody").begin_object();
  json.member("required", route.body_required);
  json.key("content").begin_object();
  json.key(route.method == Method::patch ? "application/merge-patch+json" : "application/json");
  json.begin_object().key("schema");
  write_reference(json, route.body);
  json.end_object();
  if (route.method == Method::patch) {
    json.key("application/json").begin_object().key("schema");
    write_reference(json, route.body);
    json.end_object();
  }
  json.end_object().end_object();
}

/// The schema of an answer in one of its media types.
std::string_view schema_of(const Route& route, std::string_view media, std::string_view answer) {
  if (media == "application/x-ndjson") return route.line;
  return media == "text/csv" ? "Text" : answer;
}

void write_headers(JsonOut& json, const Route& route, int status) {
  json.key("headers").begin_object();
  for (const AnswerHeader* header : answer_headers(route, status)) {
    json.key(header->name).begin_object();
    json.member("description", header->description);
    json.key("schema").begin_object().member("type", "string").end_object();
    json.end_object();
  }
  json.end_object();
}

void write_success(JsonOut& json, const Route& route, int status, std::string_view answer) {
  json.key(std::to_string(status)).begin_object();
  json.member("description", words_of(status));
  write_headers(json, route, status);
  if (!answer.empty()) {
    json.key("content").begin_object();
    std::string_view media = route.media;
    while (!media.empty()) {
      const std::string_view one = media.substr(0, media.find(','));
      json.key(one).begin_object().key("schema");
      write_reference(json, schema_of(route, one, answer));
      json.end_object();
      media.remove_prefix(std::min(one.size() + 1, media.size()));
    }
    json.end_object();
  }
  json.end_object();
}

/// Every status of a problem that the route can answer.
std::set<int> problems_of(const Route& route) {
  std::set<int> statuses = {400, 406, 429, 500, 503};
  if (route.roles != open_to_all) statuses.insert({401, 403});
  const bool names_something =
      route.pattern.contains('{') ||
      std::ranges::find(route.parameters, "source", &Parameter::name) != route.parameters.end();
  if (names_something) statuses.insert(404);
  if (route.pattern == "/v1/sources" && route.method == Method::post) statuses.insert(404);
  if (takes_json(route)) statuses.insert({409, 413, 415, 422});
  if (route.method != Method::get) statuses.insert(507);
  for (const Parameter& parameter : route.parameters) {
    if (parameter.name == "cursor") statuses.insert(410);
  }
  statuses.insert(route.problems.begin(), route.problems.end());
  return statuses;
}

/// `status` 0: of every other one.
void write_problem_reference(JsonOut& json, const Route& route, int status,
                             std::string_view description) {
  json.key(status == 0 ? "default" : std::to_string(status)).begin_object();
  json.member("description", description);
  if (status != 0) write_headers(json, route, status);
  json.key("content").begin_object().key("application/problem+json").begin_object().key("schema");
  write_reference(json, "Problem");
  json.end_object().end_object().end_object();
}

void write_responses(JsonOut& json, const Route& route) {
  json.key("responses").begin_object();
  write_success(json, route, route.status, route.answer);
  for (const OtherAnswer& other : route.others) {
    write_success(json, route, other.status, other.answer);
  }
  if (route.shape != Shape::none) {
    json.key("304").begin_object().member("description", words_of(304));
    write_headers(json, route, 304);
    json.end_object();
  }
  for (const int status : problems_of(route)) {
    write_problem_reference(json, route, status, words_of(status));
  }
  write_problem_reference(json, route, 0, "A problem, as the catalogue at /v1/problems has it.");
  json.end_object();
}

std::string description_of(const Route& route) {
  std::string text(route.description);
  if (route.roles == writers) {
    text += text.empty() ? "" : " ";
    text += "Roles: admin, operator.";
  } else if (route.roles == admin) {
    text += text.empty() ? "" : " ";
    text += "Role: admin.";
  } else if (route.roles == everybody) {
    text += text.empty() ? "" : " ";
    text += "Roles: all.";
  }
  return text;
}

void write_operation(JsonOut& json, const Route& route) {
  json.key(to_lower(method_name(route.method))).begin_object();
  json.member("operationId", route.operation);
  json.key("tags").begin_array().value(route.tag).end_array();
  json.member("summary", route.summary);
  const std::string description = description_of(route);
  json.member("description", description.empty() ? std::string(route.summary) + "." : description);
  if (route.roles == open_to_all) json.key("security").begin_array().end_array();
  if (route.open_on_loopback) json.key("security").raw(R"([{"api_key":[]},{"session":[]},{}])");
  write_parameters(json, route);
  write_request_body(json, route);
  write_responses(json, route);
  json.end_object();
}

void write_paths(JsonOut& json) {
  json.key("paths").begin_object();
  std::set<std::string_view> written;
  for (const Route* route : all_routes()) {
    if (!written.insert(route->pattern).second) continue;
    json.key(route->pattern).begin_object();
    for (const Route* same : all_routes()) {
      if (same->pattern == route->pattern) write_operation(json, *same);
    }
    json.end_object();
  }
  json.end_object();
}

void write_info(JsonOut& json) {
  json.key("info").begin_object();
  json.member("title", "evidenced");
  json.member("version", version);
  json.member("description",
              "Collects the metadata that audits ask for from Bitbucket Cloud and serves it. Every "
              "error is application/problem+json (RFC 9457).");
  json.key("license").begin_object().member("name", "Proprietary");
  json.member("identifier", "LicenseRef-Proprietary").end_object();
  json.end_object();
  json.key("servers").raw(R"([{"url":"/"}])");
  json.key("security").raw(R"([{"api_key":[]},{"session":[]}])");
  json.key("tags").begin_array();
  for (const Tag& tag : tags) {
    json.begin_object()
        .member("name", tag.name)
        .member("description", tag.description)
        .end_object();
  }
  json.end_array();
}

}  // namespace

std::string write_openapi(const Schemas& schemas) {
  std::string text;
  JsonOut json(text);
  json.begin_object().member("openapi", "3.1.0");
  write_info(json);
  write_paths(json);
  json.key("components").begin_object();
  json.key("securitySchemes").begin_object().key("api_key").begin_object();
  json.member("type", "http").member("scheme", "bearer");
  json.member("description", "Authorization: Bearer ev_<kid>_<secret>_<check>").end_object();
  json.key("session").begin_object();
  json.member("type", "apiKey").member("in", "cookie").member("name", "__Host-evidenced");
  json.member("description",
              "Set by POST /ui/session; over plain HTTP on the loopback its name is `evidenced`. "
              "Every method but GET and HEAD also needs the session's csrf_token in X-CSRF-Token, "
              "and Origin or Sec-Fetch-Site of this server. An Authorization field goes before it.")
      .end_object();
  json.end_object();
  json.key("schemas").begin_object();
  for (const std::string_view name : schemas.names()) {
    std::string schema;
    schemas.write(schema, name);
    json.key(name).raw(schema);
  }
  json.end_object().end_object().end_object();
  return text;
}

}  // namespace evidenced::api
