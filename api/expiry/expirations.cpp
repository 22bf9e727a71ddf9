#include "api/expiry/handlers.hpp"
#include "api/list_reply.hpp"
#include "connector/expiry.hpp"
#include "storage/artifact_store.hpp"
#include "storage/expiry_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace evidenced::api {
namespace {

using namespace std::chrono_literals;
using storage::Expiry;

/// A credential with the reminders that were given for it.
struct Expiration {
  Expiry expiry;
  std::vector<storage::ExpiryNotice> notices;
};

/// What the states mean as bounds of expires_at. Whatever lies between two that are asked for is
/// one of them, or the exception.
void narrow_to_states(storage::ExpiryFilter& filter, const std::vector<std::string>& states,
                      Timestamp now) {
  if (states.empty()) return;
  const auto asked = [&states](std::string_view state) {
    return std::ranges::find(states, state) != states.end();
  };
  const Timestamp expired_until = now + 1ms;
  const Timestamp expiring_until =
      now + std::chrono::days(connector::expiry_thresholds.front()) + 1ms;
  const bool expired = asked("expired");
  const bool expiring = asked("expiring");
  const bool ok = asked("ok");
  if (!expired) filter.from = expiring ? expired_until : expiring_until;
  if (!ok) filter.before = expiring ? expiring_until : expired_until;
  if (expired && ok && !expiring) filter.except = {expired_until, expiring_until};
}

storage::ExpiryFilter expiry_filter_of(const Exchange& exchange, const Paging& paging) {
  storage::ExpiryFilter filter;
  narrow_to_states(filter, exchange.query.all("state"), exchange.now);
  const auto before = exchange.query.time("expires_before");
  if (before) filter.before = std::min(*before, filter.before.value_or(*before));
  filter.source_ids = exchange.key->key.source_ids;
  filter.limit = paging.limit + 1;
  const std::string& last = paging.position.last;
  const std::size_t blank = last.find(' ');
  if (blank != std::string::npos) {
    const auto time = parse_count(std::string_view(last).substr(0, blank)).value_or(0);
    filter.after = {Timestamp(std::chrono::milliseconds(time)), last.substr(blank + 1)};
  }
  return filter;
}

void write_notices(JsonOut& json, const std::vector<storage::ExpiryNotice>& notices) {
  json.key("notices").begin_array();
  for (const storage::ExpiryNotice& notice : notices) {
    json.begin_object();
    json.member("threshold_days", notice.threshold_days);
    json.member("given_at", notice.given_at);
    json.end_object();
  }
  json.end_array();
}

void write_next(JsonOut& json, const std::optional<connector::NextNotice>& next) {
  json.key("next_notice");
  if (!next) {
    json.null();
    return;
  }
  json.begin_object();
  json.member("threshold_days", next->threshold_days);
  json.member("at", next->at);
  json.end_object();
}

void write_expiration(JsonOut& json, const Expiration& expiration, Timestamp now) {
  const Expiry& expiry = expiration.expiry;
  json.begin_object();
  json.member("source_id", expiry.source_id);
  json.member("source_name", expiry.source_name);
  json.member("credential_version", expiry.version);
  json.member("expires_at", expiry.expires_at);
  json.member("expiry_source", expiry.declared ? "declared" : "assumed");
  json.member("days_left", connector::days_left(expiry.expires_at, now));
  json.member("state", connector::expiry_state(expiry.expires_at, now));
  write_notices(json, expiration.notices);
  write_next(json, connector::next_notice(expiry.expires_at, now, expiration.notices));
  json.end_object();
}

}  // namespace

Task<Result<Response>> list_expirations(Call call) {
  Exchange& exchange = *call;
  Result<Paging> paging = read_paging(exchange);
  if (!paging) co_return fail(paging);
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    if (paging->first) {
      paging->position.as_of_seq = storage::current_seq(connection, exchange.tenant());
    }
    std::vector<Expiration> expirations;
    for (Expiry& expiry : storage::list_expiries(connection, exchange.tenant(),
                                                 expiry_filter_of(exchange, *paging))) {
      auto notices =
          storage::notices_of(connection, exchange.tenant(), expiry.source_id, expiry.version);
      expirations.push_back({std::move(expiry), std::move(notices)});
    }
    const auto write = [&](JsonOut& json, const Expiration& one) {
      write_expiration(json, one, exchange.now);
    };
    return list_reply(exchange, *paging, std::move(expirations), write, [](const Expiration& one) {
      return fmt::format("{} {}", one.expiry.expires_at.time_since_epoch().count(),
                         one.expiry.source_id);
    });
  };
  co_return co_await reading(call, std::move(work));
}

}  // namespace evidenced::api
