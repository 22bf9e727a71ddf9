#include "api/openapi_headers.hpp"

#include <algorithm>

namespace evidenced::api {
namespace {

bool is_success(int status) {
  return status < 300 || status == 304;
}

bool is_list(const Route& route) {
  return std::ranges::any_of(route.parameters,
                             [](const Parameter& one) { return one.name == "limit"; });
}

bool changes_a_version(const Route& route) {
  const bool of_one = route.pattern.starts_with("/v1/sources/{id}") || route.tag == "syncs";
  return of_one && route.method != Method::get && route.method != Method::delete_;
}

bool begins_syncs(const Route& route) {
  return route.operation == "create_source" || route.operation == "rotate_credential";
}

bool is_export(const Route& route) {
  return route.media.contains("text/csv");
}

constexpr AnswerHeader header_table[] = {
    {"X-Request-Id", "Names the request in logs and reports.",
     [](const Route&, int) { return true; }},
    {"ETag", "Entity tag, for If-None-Match and If-Match.",
     [](const Route& route, int status) {
       const bool tagged = route.shape != Shape::none || changes_a_version(route);
       return is_success(status) && status != 204 && tagged;
     }},
    {"Location", "The path of what was made.",
     [](const Route& route, int status) {
       return status == 201 || (status == 202 && route.operation == "start_sync");
     }},
    {"Link", "rel=\"next\": the next page; rel=\"latest-sync\": the sync that was started.",
     [](const Route& route, int status) {
       return is_success(status) && (is_list(route) || begins_syncs(route));
     }},
    {"Retry-After", "Seconds to wait before the request is sent again.",
     [](const Route& route, int status) {
       const bool of_upstream = status == 502 || status == 504;
       return status == 429 || status == 503 || of_upstream ||
              (status == 202 && route.operation == "start_sync");
     }},
    {"WWW-Authenticate", "Bearer: send an API key.",
     [](const Route&, int status) { return status == 401; }},
    {"RateLimit", "Requests that the key has left (r), and seconds until it has all of them (t).",
     [](const Route& route, int status) { return route.roles != open_to_all && status != 401; }},
    {"RateLimit-Policy", "Requests that a key may send (q) in so many seconds (w).",
     [](const Route& route, int status) { return route.roles != open_to_all && status != 401; }},
    {"Idempotency-Replayed", "true: the answer to an earlier request with this Idempotency-Key.",
     [](const Route& route, int status) { return is_success(status) && keeps_answers(route); }},
    {"Set-Cookie", "The cookie of the session; of an answer that signs out, none.",
     [](const Route& route, int status) {
       return is_success(status) && route.pattern == "/ui/session" && route.method != Method::get;
     }},
    {"Evidenced-Content-SHA256", "Of the body, in hexadecimal digits.",
     [](const Route& route, int status) {
       return is_success(status) && route.operation == "get_raw";
     }},
    {"Evidenced-Gap-Count", "Of an export: kinds that are missing or not whole for a source.",
     [](const Route& route, int status) { return is_success(status) && is_export(route); }},
    {"Evidenced-Gaps",
     "Of an export: source, kind and status of each gap, as a list (RFC 9651); cut off where it "
     "would be too long for a field.",
     [](const Route& route, int status) { return is_success(status) && is_export(route); }},
    {"Content-Encoding", "Of an export: zstd, for who asks for it in Accept-Encoding.",
     [](const Route& route, int status) { return is_success(status) && is_export(route); }},
    {"Vary", "Of an export: the fields of the request that it depends on.",
     [](const Route& route, int status) { return is_success(status) && is_export(route); }},
    {"Content-Disposition", "Of a CSV export: the name of a file.",
     [](const Route& route, int status) { return is_success(status) && is_export(route); }},
};

}  // namespace

std::vector<const AnswerHeader*> answer_headers(const Route& route, int status) {
  std::vector<const AnswerHeader*> sent;
  for (const AnswerHeader& header : header_table) {
    if (header.sent(route, status)) sent.push_back(&header);
  }
  return sent;
}

}  // namespace evidenced::api
