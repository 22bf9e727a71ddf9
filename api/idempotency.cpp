#include "api/intake.hpp"
#include "api/limits.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace evidenced::api {
namespace {

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

Response replay_of(const storage::IdempotencyRecord& record) {
  Response response;
  response.status = record.status;
  response.body = record.body;
  if (!response.body.empty()) response.set("Content-Type", std::string(json_media));
  const auto headers = boost::json::parse(record.headers);
  for (const auto& [name, value] : headers.as_object()) {
    response.set(std::string(name), std::string(value.as_string()));
  }
  response.set("Idempotency-Replayed", "true");
  return response;
}

}  // namespace

Task<Result<std::optional<Response>>> find_replay(Call call) {
  using Found = Result<std::optional<Response>>;
  Exchange& exchange = *call;
  const std::string_view key = exchange.request.header("idempotency-key");
  const bool sent = exchange.request.has("idempotency-key");
  if (!sent || !keeps_answers(*exchange.route)) co_return Found(std::nullopt);
  if (key.empty() || key.size() > limits::idempotency_key_length || !is_visible(key)) {
    co_return fail("idempotency.key_invalid");
  }
  exchange.idempotency_key = key;
  const std::string method_path =
      fmt::format("{} {}", method_name(exchange.request.method), exchange.path());
  const std::string marker = fmt::format("{}|{}|{}", exchange.key->key.id, method_path, key);
  auto& in_flight = exchange.core.requests_in_flight;
  if (!in_flight.insert(marker).second) co_return fail("idempotency.in_progress");
  exchange.in_flight = marker;

  const Timestamp not_before = exchange.now - storage::idempotency_lifetime;
  auto find =
      [&](storage::Connection& connection) -> Result<std::optional<storage::IdempotencyRecord>> {
    return storage::find_idempotency(connection, exchange.key->key.id, exchange.idempotency_key,
                                     method_path, not_before);
  };
  auto record = co_await reading(call, std::move(find));
  if (!record) co_return fail(record);
  if (!*record) co_return Found(std::nullopt);
  if ((*record)->fingerprint != exchange.fingerprint) co_return fail("idempotency.key_reused");
  co_return Found(replay_of(**record));
}

}  // namespace evidenced::api
