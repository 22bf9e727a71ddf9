#include "api/json_out.hpp"
#include "api/message.hpp"
#include "config/redact.hpp"

#include <algorithm>

namespace evidenced::api {
namespace {

void write_fields(JsonOut& json, const std::vector<FieldError>& fields) {
  json.key("errors").begin_array();
  for (const FieldError& field : fields) {
    json.begin_object();
    json.member("pointer", redact(field.pointer));
    json.member("code", field.code);
    json.member("detail", redact(field.detail));
    json.end_object();
  }
  json.end_array();
}

void write_causes(JsonOut& json, const std::vector<Cause>& causes) {
  json.key("causes").begin_array();
  for (const Cause& cause : causes) {
    json.begin_object();
    json.member("text", cause.text);
    json.member("likelihood", cause.likelihood);
    json.end_object();
  }
  json.end_array();
}

std::string problem_body(const Error& error, int status, std::string_view request_id,
                         std::string_view instance) {
  const Problem& problem = error.code.problem();
  std::string body;
  JsonOut json(body);
  json.begin_object();
  json.member("type", "/v1/problems/" + std::string(problem.code));
  json.member("title", problem.title);
  json.member("status", status);
  // A client may send a secret where a name belongs, and errors quote names.
  json.member("detail", error.detail.empty() ? std::string(problem.title) : redact(error.detail));
  if (!instance.empty()) json.member("instance", instance);
  json.member("code", problem.code);
  json.member("request_id", request_id);
  json.member("retryable", problem.retryable);
  write_fields(json, error.fields);
  write_causes(json, error.causes);
  json.member("remedy", lines_of(problem.remedy));
  if (!error.scopes_required.empty() || !error.scopes_granted.empty()) {
    json.key("scopes").begin_object();
    json.member("required", error.scopes_required);
    json.member("granted", error.scopes_granted);
    json.end_object();
  }
  json.end_object();
  return body;
}

}  // namespace

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Response problem_response(const Error& error, std::string_view request_id,
                          std::string_view instance) {
  const int status = error.http_status > 0 ? error.http_status : error.code.problem().http_status;
  Response response;
  response.status = status;
  response.body = problem_body(error, status, request_id, instance);
  response.set("Content-Type", "application/problem+json; charset=utf-8");
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Cache-Control", "no-store");
  if (status == 401) {
    response.set("WWW-Authenticate", "Bearer realm=\"evidenced\"");
  }
  // A 503 or 429 always says when to come back, even where nothing better is known.
  const bool wants_wait = status == 503 || status == 429;
  const int wait = error.retry_after_seconds > 0 ? error.retry_after_seconds : wants_wait ? 2 : 0;
  if (wait > 0) response.set("Retry-After", std::to_string(wait));
  return response;
}

}  // namespace evidenced::api
