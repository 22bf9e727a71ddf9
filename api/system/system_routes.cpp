#include "api/system/handlers.hpp"

namespace evidenced::api {
namespace {

void write_problem_type(JsonOut& json, const Problem& problem) {
  json.begin_object();
  json.member("type", "/v1/problems/" + std::string(problem.code));
  json.member("code", problem.code);
  json.member("title", problem.title);
  json.member("status", problem.http_status);
  json.member("exit_code", problem.exit_code);
  json.member("retryable", problem.retryable);
  json.member("remedy", lines_of(problem.remedy));
  json.end_object();
}

constexpr Parameter ready_parameters[] = {
    {"verbose", Parameter::Kind::flag, "Names each check."},
};
constexpr std::string_view system_tag = "system";

const Route system_route_table[] = {
    {.method = Method::get,
     .pattern = "/livez",
     .operation = "get_livez",
     .tag = system_tag,
     .summary = "Tell whether the process is alive",
     .roles = open_to_all,
     .handler = get_livez,
     .answer = "Alive"},
    {.method = Method::get,
     .pattern = "/readyz",
     .operation = "get_readyz",
     .tag = system_tag,
     .summary = "Tell whether requests are served well",
     .description = "503 with the cause as its code while they are not: storage.full on a full "
                    "disk, capacity.draining before the end.",
     .roles = open_to_all,
     .handler = get_readyz,
     .answer = "Ready",
     .parameters = ready_parameters},
    {.method = Method::get,
     .pattern = "/metrics",
     .operation = "get_metrics",
     .tag = system_tag,
     .summary = "Read the metrics, in Prometheus' text format",
     .description = "Needs no key from this machine.",
     .roles = writers,
     .handler = get_metrics,
     .answer = "Text",
     .media = "text/plain",
     .open_on_loopback = true},
    {.method = Method::get,
     .pattern = "/openapi.json",
     .operation = "get_openapi",
     .tag = system_tag,
     .summary = "Read this document",
     .roles = open_to_all,
     .handler = get_openapi,
     .answer = "OpenApi",
     .shape = Shape::resource},
    {.method = Method::get,
     .pattern = "/v1/problems",
     .operation = "list_problems",
     .tag = system_tag,
     .summary = "List every problem that an answer may name",
     .roles = open_to_all,
     .handler = list_problems,
     .answer = "ProblemTypeList",
     .shape = Shape::list},
    {.method = Method::get,
     .pattern = "/v1/problems/{code}",
     .operation = "get_problem",
     .tag = system_tag,
     .summary = "Read what a problem means and what to do",
     .roles = open_to_all,
     .handler = get_problem,
     .answer = "ProblemType",
     .shape = Shape::resource},
    {.method = Method::get,
     .pattern = "/v1/status",
     .operation = "get_status",
     .tag = system_tag,
     .summary = "Read how everything is",
     .handler = get_status,
     .answer = "Status"},
};

}  // namespace

Task<Result<Response>> get_openapi(Call call) {
  call->buffer = call->core.openapi;
  co_return call->reply(200);
}

Task<Result<Response>> list_problems(Call call) {
  JsonOut json(call->buffer);
  json.begin_object().key("items").begin_array();
  for (const Problem& problem : problems()) write_problem_type(json, problem);
  json.end_array().end_object();
  co_return call->reply(200);
}

Task<Result<Response>> get_problem(Call call) {
  const Problem* problem = find_problem(call->ids[0]);
  if (problem == nullptr) co_return not_found();
  JsonOut json(call->buffer);
  write_problem_type(json, *problem);
  co_return call->reply(200);
}

std::span<const Route> system_routes() {
  return system_route_table;
}

}  // namespace evidenced::api
