#include "api/intake.hpp"

#include "api/console/cookie.hpp"
#include "api/console/session_guard.hpp"
#include "api/limits.hpp"
#include "config/ascii.hpp"
#include "config/secret.hpp"
#include "storage/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace evidenced::api {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Calls `on_part` with each part of `text` between separators, without blanks around it.
template <class F>
void each_part(std::string_view text, char separator, F on_part) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    on_part(trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

Error quota_error(int retry_after_seconds) {
  Error error;
  error.code = "quota.exceeded";
  error.retry_after_seconds = retry_after_seconds;
  return error;
}

/// Counts the request of a key, and says how many are left (draft-ietf-httpapi-ratelimit-headers).
Result<void> charge(Exchange& exchange) {
  Core& core = exchange.core;
  const std::int64_t per_second = core.key_quota.per_second(), burst = core.key_quota.burst();
  if (per_second == 0) return {};
  const auto verdict = core.key_quota.take(exchange.key->key.id, core.services.clock.steady());
  const std::int64_t refill = (burst - verdict.remaining + per_second - 1) / per_second;
  exchange.headers.emplace_back(
      "RateLimit-Policy",
      fmt::format("\"key\";q={};w={}", burst, (burst + per_second - 1) / per_second));
  exchange.headers.emplace_back("RateLimit",
                                fmt::format("\"key\";r={};t={}", verdict.remaining, refill));
  if (!verdict.granted) return std::unexpected(quota_error(verdict.retry_after_seconds));
  return {};
}

/// Where no key is needed the server holds back those who show none; who shows one, true or made
/// up, comes as far as this.
Result<void> limit_stranger(Exchange& exchange) {
  const Request& request = exchange.request;
  const bool shows_one =
      request.has("authorization") || claims_session(request.list_header("cookie"));
  if (!shows_one || request.peer_is_loopback) return {};
  const auto verdict = exchange.core.anonymous_quota.take(request.peer_address,
                                                          exchange.core.services.clock.steady());
  if (!verdict.granted) return std::unexpected(quota_error(verdict.retry_after_seconds));
  return {};
}

std::string role_words(Roles roles) {
  std::string words;
  for (const storage::Role role : {storage::Role::admin, storage::Role::operator_,
                                   storage::Role::reviewer, storage::Role::auditor}) {
    if ((role_bit(role) & roles) == 0) continue;
    if (!words.empty()) words += " or ";
    words += storage::name_of(role);
  }
  return words;
}

std::size_t count_headers(const Request& request, std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count(request.headers, name, &std::pair<std::string, std::string>::first));
}

double quality_of(std::string_view parameters) {
  double quality = 1;
  each_part(parameters, ';', [&](std::string_view part) {
    if (!part.starts_with("q=")) return;
    // from_chars of a double is not in every library that we build with.
    quality = std::strtod(std::string(part.substr(2)).c_str(), nullptr);
  });
  return quality;
}

/// How well a range such as "text/*" names a media type: 0 not at all, 3 exactly.
int precision(std::string_view range, std::string_view media) {
  if (range == media) return 3;
  if (range == "*/*") return 1;
  const std::string_view type = media.substr(0, media.find('/') + 1);
  return range.ends_with("/*") && range.substr(0, range.size() - 1) == type ? 2 : 0;
}

Result<void> check_media_type(const Exchange& exchange) {
  const std::string coding = to_lower(exchange.request.list_header("content-encoding"));
  if (!coding.empty() && coding != "identity") {
    return fail("request.media_type", "Content-Encoding is not understood: send the JSON as it is");
  }
  const std::string type = to_lower(exchange.request.header("content-type"));
  const std::string_view name = trimmed(std::string_view(type).substr(0, type.find(';')));
  const bool merge_patch =
      exchange.route->method == Method::patch && name == "application/merge-patch+json";
  if (name != "application/json" && !merge_patch) return fail("request.media_type");
  const std::size_t charset = type.find("charset=");
  if (charset != std::string::npos && type.find("utf-8", charset) == std::string::npos) {
    return fail("request.media_type", "JSON is UTF-8");
  }
  return {};
}

Error body_error(std::vector<FieldError> fields) {
  Error error;
  const auto has = [&](std::string_view code) {
    return std::ranges::find(fields, code, &FieldError::code) != fields.end();
  };
  error.code = "request.invalid_field";
  if (has("request.unknown_field")) error.code = "request.unknown_field";
  if (has("request.duplicate_key")) error.code = "request.duplicate_key";
  const FieldError& first = fields.front();
  error.detail =
      fmt::format("{} {}", first.pointer.empty() ? "The body" : first.pointer, first.detail);
  if (fields.size() > 1) error.detail += fmt::format(", and {} more", fields.size() - 1);
  error.fields = std::move(fields);
  return error;
}

}  // namespace

double acceptance(std::string_view accept, std::string_view offered) {
  int best = 0;
  double quality = 0;
  each_part(accept, ',', [&](std::string_view part) {
    const std::size_t end = std::min(part.find(';'), part.size());
    const int fit = precision(to_lower(trimmed(part.substr(0, end))), offered);
    if (fit <= best) return;
    best = fit;
    quality = quality_of(part.substr(end));
  });
  return quality;
}

double coding_quality(std::string_view accept_encoding, std::string_view coding) {
  double named = -1, others = 0;
  each_part(accept_encoding, ',', [&](std::string_view part) {
    const std::size_t end = std::min(part.find(';'), part.size());
    const std::string name = to_lower(trimmed(part.substr(0, end)));
    if (name == coding) named = quality_of(part.substr(end));
    if (name == "*") others = quality_of(part.substr(end));
  });
  return named < 0 ? others : named;
}

namespace {

/// Finds the key of the Authorization field.
Task<Result<void>> admit_key(Call call) {
  Exchange& exchange = *call;
  Core& core = exchange.core;
  if (count_headers(exchange.request, "authorization") > 1) {
    co_return fail("request.malformed", "Authorization is sent more than once");
  }
  std::string authorization(exchange.request.header("authorization"));
  std::string peer = exchange.request.peer_address;
  auto found = co_await core.authenticator.authenticate(std::move(authorization), std::move(peer),
                                                        core.anonymous_quota);
  if (!found) co_return fail(found);
  exchange.key = std::move(*found);
  co_return Result<void>();
}

}  // namespace

Task<Result<void>> admit(Call call) {
  Exchange& exchange = *call;
  const Route& route = *exchange.route;
  if (route.open_on_loopback && exchange.request.peer_is_loopback) co_return Result<void>();
  if (route.roles == open_to_all) co_return limit_stranger(exchange);
  const bool by_session = uses_session(exchange);
  Task<Result<void>> finding = by_session ? admit_session(call) : admit_key(call);
  Result<void> found = co_await std::move(finding);
  if (!found) co_return found;
  Result<void> charged = charge(exchange);
  if (!charged) co_return charged;
  if (!exchange.has_role(route.roles)) {
    co_return fail("auth.forbidden", "This needs a key with the role " + role_words(route.roles));
  }
  co_return Result<void>();
}

Result<std::string_view> choose_media(std::string_view accept, std::string_view offered) {
  std::string_view chosen;
  double best = 0;
  each_part(offered, ',', [&](std::string_view media) {
    const double quality = accept.empty() ? 1 : acceptance(accept, media);
    if (quality <= best) return;
    best = quality;
    chosen = media;
  });
  if (chosen.empty()) {
    return fail("request.not_acceptable", fmt::format("There is: {}", offered));
  }
  return chosen;
}

Result<void> read_body(Exchange& exchange) {
  const Route& route = *exchange.route;
  if (route.body.empty() || route.raw_body > 0) return {};
  std::string& bytes = exchange.request.body;
  if (bytes.empty()) {
    if (!route.body_required) return {};
    return std::unexpected(body_error({{"", "request.invalid_field", "is required"}}));
  }
  Result<void> media = check_media_type(exchange);
  if (!media) return media;
  Result<JsonDocument> document = read_json(bytes);
  wipe(bytes);
  if (!document) return fail(document);
  std::vector<FieldError> errors = std::move(document->errors);
  std::ranges::move(exchange.core.schemas.check(document->value, route.body),
                    std::back_inserter(errors));
  if (!errors.empty()) return std::unexpected(body_error(std::move(errors)));
  exchange.body = std::move(document->value);
  return {};
}

}  // namespace evidenced::api
