#include "api/hooks/handlers.hpp"
#include "api/limits.hpp"
#include "api/list_reply.hpp"
#include "api/own_url.hpp"
#include "api/readable.hpp"
#include "storage/hook_store.hpp"
#include "storage/source_store.hpp"

#include <fmt/format.h>

namespace evidenced::api {
namespace {

using storage::InboundHook;

enum class HookSecret { never, once, replayed };

void write_hook(JsonOut& json, const InboundHook& hook, const Exchange& exchange, HookSecret shown,
                std::string_view secret = {}) {
  json.begin_object();
  json.member("id", hook.id);
  json.member("name", hook.name);
  json.member("source_id", hook.source_id);
  json.member("url", own_url(exchange, "/v1/hooks/bitbucket/" + hook.id));
  json.member("created_at", hook.created_at);
  const bool overlap = hook.previous_until && *hook.previous_until > exchange.now;
  json.member("previous_secret_until", overlap ? hook.previous_until : std::nullopt);
  json.key("deliveries").begin_object();
  json.member("accepted", hook.accepted);
  json.member("ignored", hook.ignored);
  json.member("duplicate", hook.duplicates);
  json.member("refused", hook.refused + exchange.core.hooks.refused(hook.id));
  json.end_object();
  json.member("last_delivery_at", hook.last_delivery_at);
  json.text_or_null("last_event", hook.last_event);
  if (shown == HookSecret::once) json.member("secret", secret);
  if (shown == HookSecret::replayed) json.key("secret").null();
  json.end_object();
}

/// The answer that shows a secret, and its copy for a replay, which does not.
Result<Response> show_once(storage::Connection& connection, Exchange& exchange,
                           const storage::NewInboundHook& made, int status) {
  JsonOut json(exchange.buffer);
  write_hook(json, made.hook, exchange, HookSecret::once, made.secret.reveal());
  Response response = exchange.reply(status);
  if (status == 201) response.set("Location", "/v1/inbound-hooks/" + made.hook.id);
  std::string stored;
  JsonOut without(stored);
  write_hook(without, made.hook, exchange, HookSecret::replayed);
  Result<void> remembered = exchange.remember(connection, response, stored);
  if (!remembered) return fail(remembered);
  return response;
}

storage::Minting minting(const Exchange& exchange) {
  const Services& services = exchange.core.services;
  return {services.vault, services.random, exchange.now};
}

std::unexpected<Error> refused_field(std::string pointer, std::string detail) {
  Error error;
  error.code = "request.invalid_field";
  error.detail = fmt::format("{} {}", pointer, detail);
  error.fields.push_back({std::move(pointer), "request.invalid_field", std::move(detail)});
  return std::unexpected(std::move(error));
}

/// What the key may not see is not there; a deleted source has no hooks.
Result<void> check_source(storage::Connection& connection, const Exchange& exchange,
                          const std::string& source_id) {
  const auto source = storage::find_source(connection, exchange.tenant(), source_id);
  if (!source || !exchange.sees_source(source_id)) {
    return refused_field("/source_id", "names a source that does not exist");
  }
  if (source->state == storage::SourceState::deleted) return fail("source.deleted");
  return {};
}

Result<InboundHook> find_seen_hook(storage::Connection& connection, const Exchange& exchange) {
  Result<InboundHook> hook =
      storage::find_inbound_hook(connection, exchange.tenant(), exchange.ids[0]);
  if (hook && !exchange.sees_source(hook->source_id)) return not_found();
  return hook;
}

}  // namespace

Task<Result<Response>> create_inbound_hook(Call call) {
  Exchange& exchange = *call;
  InboundHook wanted;
  wanted.name = exchange.body.text_or("name");
  wanted.source_id = exchange.body.text_or("source_id");
  const std::string_view wrong = unreadable(wanted.name);
  if (!wrong.empty()) co_return refused_field("/name", std::string(wrong));
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    const Result<void> there = check_source(connection, exchange, wanted.source_id);
    if (!there) return fail(there);
    const auto made =
        storage::create_inbound_hook(connection, exchange.tenant(), wanted, minting(exchange));
    return show_once(connection, exchange, made, 201);
  };
  co_return co_await writing(call, std::move(work));
}

Task<Result<Response>> list_inbound_hooks(Call call) {
  const Exchange& exchange = *call;
  return reply_with_seen(
      call,
      [&](storage::Connection& connection, const std::string& after_id, int limit) {
        return storage::list_inbound_hooks(connection, exchange.tenant(), after_id, limit);
      },
      [&](const InboundHook& hook) { return exchange.sees_source(hook.source_id); },
      [&](JsonOut& json, const InboundHook& hook) {
        write_hook(json, hook, exchange, HookSecret::never);
      });
}

Task<Result<Response>> get_inbound_hook(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    const Result<InboundHook> hook = find_seen_hook(connection, exchange);
    if (!hook) return fail(hook);
    JsonOut json(exchange.buffer);
    write_hook(json, *hook, exchange, HookSecret::never);
    return exchange.reply(200);
  };
  co_return co_await reading(call, std::move(work));
}

Task<Result<Response>> delete_inbound_hook(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    const Result<InboundHook> hook = find_seen_hook(connection, exchange);
    if (!hook) return fail(hook);
    const Result<void> deleted =
        storage::delete_inbound_hook(connection, exchange.tenant(), hook->id);
    if (!deleted) return fail(deleted);
    return exchange.reply(204);
  };
  Result<Response> response = co_await writing(call, std::move(work));
  exchange.core.hooks.forget();
  co_return response;
}

Task<Result<Response>> renew_hook_secret(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    const Result<InboundHook> hook = find_seen_hook(connection, exchange);
    if (!hook) return fail(hook);
    const auto made =
        storage::renew_hook_secret(connection, exchange.tenant(), hook->id, minting(exchange));
    if (!made) return fail(made);
    return show_once(connection, exchange, *made, 200);
  };
  Result<Response> response = co_await writing(call, std::move(work));
  exchange.core.hooks.forget();
  co_return response;
}

}  // namespace evidenced::api
