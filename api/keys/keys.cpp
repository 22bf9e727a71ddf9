#include "api/exchange.hpp"
#include "api/keys/rights.hpp"
#include "api/limits.hpp"
#include "api/list_reply.hpp"
#include "api/readable.hpp"
#include "api/strict_time.hpp"
#include "storage/key_store.hpp"
#include "storage/names.hpp"
#include "storage/session_store.hpp"
#include "storage/source_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::api {
namespace {

using storage::ApiKey;

enum class KeyText { never, once, replayed };

void write_key(JsonOut& json, const ApiKey& key, KeyText shown, std::string_view text = {}) {
  json.begin_object();
  write_rights(json, key);
  json.member("revoked_at", key.revoked_at);
  json.member("last_used_at", key.last_used_at);
  if (shown == KeyText::once) json.member("key", text);
  if (shown == KeyText::replayed) json.key("key").null();
  json.end_object();
}

bool sources_beyond(const ApiKey& key, const Exchange& exchange) {
  if (key.source_ids.empty()) return !exchange.key->key.source_ids.empty();
  return std::ranges::any_of(key.source_ids,
                             [&](const std::string& id) { return !exchange.sees_source(id); });
}

bool window_beyond(const ApiKey& key, const Exchange& exchange) {
  const ApiKey& asking = exchange.key->key;
  const bool earlier =
      asking.window.from && (!key.window.from || *key.window.from < *asking.window.from);
  const bool later = asking.window.to && (!key.window.to || *key.window.to > *asking.window.to);
  return earlier || later;
}

/// A key that reaches further than the one that asks is not there for it.
bool is_beyond(const ApiKey& key, const Exchange& exchange) {
  return sources_beyond(key, exchange) || window_beyond(key, exchange);
}

class KeyReader {
 public:
  KeyReader(const Exchange& exchange) : exchange_(exchange) {}

  Result<ApiKey> read() {
    const Json& body = exchange_.body;
    ApiKey key;
    key.name = body.text_or("name");
    for (const std::string& text : body.texts("roles")) {
      const storage::Role role = *storage::value_of<storage::Role>(text);
      if (std::ranges::find(key.roles, role) == key.roles.end()) key.roles.push_back(role);
    }
    key.source_ids = body.texts("source_ids");
    key.expires_at = parse_strict_time(body.text_or("expires_at"));
    if (const Json* window = body.find("window")) {
      key.window.from = parse_strict_time(window->text_or("from"));
      key.window.to = parse_strict_time(window->text_or("to"));
    }
    check(key);
    if (fields_.empty()) return key;
    Error error;
    error.code = "request.invalid_field";
    error.detail = fmt::format("{} {}", fields_[0].pointer, fields_[0].detail);
    error.fields = std::move(fields_);
    return std::unexpected(std::move(error));
  }

 private:
  void refuse(std::string pointer, std::string detail) {
    fields_.push_back({std::move(pointer), "request.invalid_field", std::move(detail)});
  }

  /// A key makes none that reaches further than itself.
  void check(const ApiKey& key) {
    const Timestamp now = exchange_.now;
    const std::string_view wrong = unreadable(key.name);
    if (!wrong.empty()) refuse("/name", std::string(wrong));
    if (key.expires_at && *key.expires_at <= now) refuse("/expires_at", "has passed");
    if (key.expires_at && *key.expires_at - now > limits::key_life) {
      refuse("/expires_at", "is more than a year ahead");
    }
    if (key.window.from && key.window.to && *key.window.from > *key.window.to) {
      refuse("/window", "ends before it begins");
    }
    if (sources_beyond(key, exchange_)) {
      refuse("/source_ids", "reaches further than the key that asks");
    }
    if (window_beyond(key, exchange_)) refuse("/window", "reaches further than the key that asks");
  }

  const Exchange& exchange_;
  std::vector<FieldError> fields_;
};

/// The sources of a key must be there: a key that sees nothing by mistake is found out late.
Result<void> check_sources(storage::Connection& connection, const Exchange& exchange,
                           const ApiKey& key) {
  for (std::size_t at = 0; at < key.source_ids.size(); ++at) {
    if (storage::find_source(connection, exchange.tenant(), key.source_ids[at])) continue;
    Error error;
    error.code = "request.invalid_field";
    error.detail = "/source_ids names a source that does not exist";
    error.fields.push_back(
        {fmt::format("/source_ids/{}", at), "request.invalid_field", "there is no such source"});
    return std::unexpected(std::move(error));
  }
  return {};
}

Task<Result<Response>> create_key(Call call) {
  Exchange& exchange = *call;
  Result<ApiKey> wanted = KeyReader(exchange).read();
  if (!wanted) co_return fail(wanted);
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Result<void> there = check_sources(connection, exchange, *wanted);
    if (!there) return fail(there);
    const storage::NewKey made =
        storage::create_key(connection, exchange.tenant(), *wanted, exchange.core.services.vault,
                            exchange.now, exchange.core.services.random);
    JsonOut json(exchange.buffer);
    write_key(json, made.key, KeyText::once, made.text.reveal());
    Response response = exchange.reply(201);
    response.set("Location", "/v1/api-keys/" + made.key.id);
    std::string stored;
    JsonOut without(stored);
    write_key(without, made.key, KeyText::replayed);
    Result<void> remembered = exchange.remember(connection, response, stored);
    if (!remembered) return fail(remembered);
    return response;
  };
  co_return co_await writing(call, std::move(work));
}

Result<ApiKey> find_seen_key(storage::Connection& connection, const Exchange& exchange) {
  Result<ApiKey> key = storage::find_key(connection, exchange.tenant(), exchange.ids[0]);
  if (key && is_beyond(*key, exchange)) return not_found();
  return key;
}

bool is_usable_admin(const ApiKey& key, Timestamp now) {
  return std::ranges::find(key.roles, storage::Role::admin) != key.roles.end() && !key.revoked_at &&
         (!key.expires_at || *key.expires_at > now);
}

/// Without an admin key that reaches everything nobody could make another one through the API.
Result<void> leaves_an_admin(storage::Connection& connection, const Exchange& exchange,
                             const ApiKey& key) {
  if (!is_usable_admin(key, exchange.now)) return {};
  constexpr int page_size = 500;
  std::string after_id;
  while (true) {
    const auto page = storage::list_keys(connection, exchange.tenant(), after_id, page_size);
    const bool another = std::ranges::any_of(page, [&](const ApiKey& other) {
      return other.id != key.id && is_usable_admin(other, exchange.now) &&
             other.source_ids.empty() && other.window.open();
    });
    if (another) return {};
    if (page.size() < static_cast<std::size_t>(page_size)) break;
    after_id = page.back().id;
  }
  return fail("resource.conflict",
              "No other admin key reaches everything: create one before revoking this");
}

Task<Result<Response>> list_keys(Call call) {
  const Exchange& exchange = *call;
  return reply_with_seen(
      call,
      [&](storage::Connection& connection, const std::string& after_id, int limit) {
        return storage::list_keys(connection, exchange.tenant(), after_id, limit);
      },
      [&](const ApiKey& key) { return !is_beyond(key, exchange); },
      [](JsonOut& json, const ApiKey& key) { write_key(json, key, KeyText::never); });
}

Task<Result<Response>> get_key(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Result<ApiKey> key = find_seen_key(connection, exchange);
    if (!key) return fail(key);
    JsonOut json(exchange.buffer);
    write_key(json, *key, KeyText::never);
    return exchange.reply(200);
  };
  co_return co_await reading(call, std::move(work));
}

Task<Result<Response>> revoke_key(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Result<ApiKey> key = find_seen_key(connection, exchange);
    if (!key) return fail(key);
    Result<void> left = leaves_an_admin(connection, exchange, *key);
    if (!left) return fail(left);
    key = storage::revoke_key(connection, exchange.tenant(), key->id, exchange.now);
    if (!key) return fail(key);
    storage::end_sessions_of_key(connection, exchange.tenant(), key->id, exchange.now);
    return exchange.reply(204);
  };
  Result<Response> response = co_await writing(call, std::move(work));
  // Whatever was written: whoever is remembered is looked up again.
  exchange.core.authenticator.forget();
  exchange.core.sessions.forget();
  co_return response;
}

Task<Result<Response>> get_principal(Call call) {
  Exchange& exchange = *call;
  JsonOut json(exchange.buffer);
  write_principal(json, *exchange.key);
  co_return exchange.reply(200);
}

constexpr Parameter key_list_parameters[] = {limit_parameter, cursor_parameter};
constexpr std::string_view key_tag = "keys";
constexpr int key_conflict[] = {409};

const Route key_route_table[] = {
    {.method = Method::get,
     .pattern = "/v1/api-keys",
     .operation = "list_api_keys",
     .tag = key_tag,
     .summary = "List API keys",
     .roles = admin,
     .handler = list_keys,
     .answer = "ApiKeyList",
     .shape = Shape::list,
     .parameters = key_list_parameters},
    {.method = Method::post,
     .pattern = "/v1/api-keys",
     .operation = "create_api_key",
     .tag = key_tag,
     .summary = "Create an API key",
     .description = "The key itself is in this answer and in no other.",
     .roles = admin,
     .handler = create_key,
     .status = 201,
     .answer = "ApiKey",
     .body = "ApiKeyInput",
     .body_required = true},
    {.method = Method::get,
     .pattern = "/v1/api-keys/{id}",
     .operation = "get_api_key",
     .tag = key_tag,
     .summary = "Read an API key's rights",
     .roles = admin,
     .handler = get_key,
     .answer = "ApiKey",
     .shape = Shape::resource},
    {.method = Method::delete_,
     .pattern = "/v1/api-keys/{id}",
     .operation = "revoke_api_key",
     .tag = key_tag,
     .summary = "Revoke an API key at once",
     .roles = admin,
     .handler = revoke_key,
     .status = 204,
     .problems = key_conflict},
    {.method = Method::get,
     .pattern = "/v1/principal",
     .operation = "get_principal",
     .tag = key_tag,
     .summary = "Read who the key is",
     .handler = get_principal,
     .answer = "Principal",
     .shape = Shape::resource},
};

}  // namespace

std::span<const Route> key_routes() {
  return key_route_table;
}

}  // namespace evidenced::api
