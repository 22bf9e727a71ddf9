#pragma once

#include "config/error.hpp"
#include "config/random.hpp"
#include "config/time.hpp"
#include "connector/http_transport.hpp"

#include <chrono>
#include <optional>

namespace evidenced::connector {

/// Who can mend it: the person who configures, time, or nobody but us (reference: quality, section
/// 6).
enum class FailureClass { configuration, transient, system };

/// What an answer that is not a page means; nullopt for 200 with a JSON body (or without a media
/// type: the parser decides). The status decides, the body only adds words and scopes; no body is
/// needed. Codes: upstream.unauthorized (401), credential.scope_missing (403 that speaks of scopes:
/// with scopes_required and scopes_granted where the body or the headers tell them),
/// stream.forbidden (403, 402), stream.not_found (404), upstream.removed (410; the detail names the
/// announcement), upstream.rate_limited (429; retry_after_seconds when told in seconds),
/// upstream.timeout (408), upstream.unavailable (5xx, 202, 409, 425), upstream.redirect (3xx),
/// upstream.refused (other 4xx), upstream.oversized (555: the answer would be too large for
/// Bitbucket itself),
/// upstream.invalid_json (200 with another media type, other 2xx).
std::optional<Error> failure_of(const HttpResponse& response);

FailureClass class_of(Code code);

/// Seconds to wait that an answer asks for: Retry-After in seconds or as a date (RFC 9110, 10.2.3),
/// at most an hour; 0 for a date that has passed.
std::optional<std::chrono::seconds> retry_after(const HttpResponse& response, Timestamp now);

/// Decides after each failed attempt of one request, without I/O: transient failures wait with full
/// jitter (rand(0, min(cap, base·2ⁿ)), or what Retry-After says) up to the limit of attempts; all
/// others give up at once.
class Retry {
 public:
  struct Policy {
    int attempts = 6;
    std::chrono::milliseconds base{1000};
    std::chrono::milliseconds cap{60000};
  };
  Retry(Policy policy, Random& random) : policy_(policy), random_(random) {}

  /// The wait before the next attempt; nullopt: give up. `asked` is the answer's own Retry-After.
  /// A 429 (upstream.rate_limited) waits 0 and is not counted: it closes the budget of the group
  /// instead (budget.hpp), and the request is repeated when that opens.
  std::optional<std::chrono::milliseconds> next_wait(const Error& error,
                                                     std::optional<std::chrono::seconds> asked);

  /// Failed attempts that were counted.
  int attempts() const { return attempts_; }

 private:
  Policy policy_;
  Random& random_;
  int attempts_ = 0;
};

}  // namespace evidenced::connector
