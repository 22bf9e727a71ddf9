// What Bitbucket sends: a hint where to look, never evidence.
#include "api/hooks/handlers.hpp"
#include "config/log.hpp"
#include "connector/bitbucket/hook_events.hpp"
#include "connector/sync/workspace_walk.hpp"
#include "storage/hint_store.hpp"
#include "storage/hook_store.hpp"
#include "storage/source_store.hpp"

#include <algorithm>

namespace evidenced::api {
namespace {

using connector::bitbucket::HookEvent;
using storage::DeliveryOutcome;
using storage::OpenedHook;

constexpr std::size_t event_length = 64;

/// All that is taken from a delivery.
struct Delivery {
  std::string event;       ///< "" when it is not the word that it should be
  std::string repository;  ///< uuid, ""
  std::optional<storage::Digest> request;
};

Delivery read_delivery(const Request& request) {
  Delivery delivery;
  const std::string_view event = request.header("x-event-key");
  const auto of_words = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || c == ':' || c == '_' || c == '-';
  };
  if (event.size() <= event_length && std::ranges::all_of(event, of_words)) {
    delivery.event = event;
  }
  const std::string_view id = request.header("x-request-uuid");
  if (!id.empty()) delivery.request = storage::sha256(id);
  delivery.repository = connector::bitbucket::hooked_repository(request.body);
  return delivery;
}

/// Where the source is to look; nothing where it collects nothing there.
std::vector<storage::Hint> hints_of(storage::Connection& connection, const OpenedHook& hook,
                                    const Delivery& delivery) {
  std::vector<storage::Hint> hints;
  const HookEvent* event = connector::bitbucket::find_hook_event(delivery.event);
  const auto source = storage::find_source(connection, hook.tenant, hook.source_id);
  // Those of a source that is paused, or needs a credential, wait until it goes on.
  if (event == nullptr || !source || source->state == storage::SourceState::deleted) return hints;
  std::string repository;
  if (!event->may_be_new) {
    const auto place = storage::find_repository(connection, hook.source_id, delivery.repository);
    if (!place) return hints;
    connector::bitbucket::Partition workspace;
    workspace.workspace = place->workspace;
    workspace.workspace_uuid = place->workspace_uuid;
    if (!connector::covers(source->workspaces, workspace)) return hints;
    repository = delivery.repository;
  }
  for (const std::string_view stream : event->streams) {
    hints.push_back({hook.source_id, std::string(stream), repository});
  }
  return hints;
}

struct Received {
  DeliveryOutcome outcome = DeliveryOutcome::ignored;
  bool news = false;  ///< a hint that did not wait yet
};

/// The hint is kept in the transaction that the answer stands for.
Result<Received> receive(storage::Connection& connection, const OpenedHook& hook,
                         const Delivery& delivery, Timestamp now) {
  // It may have been revoked since it was found.
  const auto there = storage::find_inbound_hook(connection, hook.tenant, hook.id);
  if (!there) return fail(there);
  Received received;
  const bool again =
      delivery.request && !storage::is_first_delivery(connection, hook.id, *delivery.request, now);
  if (again) {
    received.outcome = DeliveryOutcome::duplicate;
  } else {
    for (const storage::Hint& hint : hints_of(connection, hook, delivery)) {
      received.outcome = DeliveryOutcome::accepted;
      received.news |= storage::add_hint(connection, hook.tenant, hint, now);
    }
  }
  storage::count_delivery(connection, hook.id, received.outcome, delivery.event, now);
  return received;
}

std::string_view outcome_name(DeliveryOutcome outcome) {
  constexpr std::string_view names[] = {"accepted", "ignored", "duplicate"};
  return names[static_cast<std::size_t>(outcome)];
}

/// A bad signature costs the address one of its guesses, once it is known to be bad: a good one is
/// held back by nobody's bad ones.
Task<Result<Response>> refuse(Call call, std::string hook_id, Error error) {
  Core& core = call->core;
  core.metrics.count_delivery("refused");
  const std::int64_t count = core.hooks.count_refused(hook_id);
  if (count > 0) {
    log::warning("webhooks refused",
                 {{"hook", hook_id}, {"code", error.code.text()}, {"deliveries", count}});
    auto note = [&](storage::Connection& connection) -> Result<void> {
      storage::count_refused(connection, hook_id, count);
      return {};
    };
    const Result<void> noted = co_await writing(call, std::move(note));
    if (!noted) log::warning("refusals not noted", {{"code", noted.error().code.text()}});
  }
  const auto verdict =
      core.anonymous_quota.take(call->request.peer_address, core.services.clock.steady());
  if (!verdict.granted) {
    error = Error{};
    error.code = "quota.exceeded";
    error.retry_after_seconds = verdict.retry_after_seconds;
  }
  co_return std::unexpected(std::move(error));
}

}  // namespace

Task<Result<Response>> receive_delivery(Call call) {
  Exchange& exchange = *call;
  Core& core = exchange.core;
  const HookDoor::Found hook = co_await core.hooks.find(
      exchange.ids[0], exchange.request.peer_address, core.anonymous_quota);
  if (!hook) {
    core.metrics.count_delivery("unknown");
    co_return fail(hook);
  }
  Result<void> good = check_signature(exchange.request, **hook);
  if (!good) co_return co_await refuse(call, (*hook)->id, std::move(good.error()));
  const Delivery delivery = read_delivery(exchange.request);
  auto work = [&](storage::Connection& connection) {
    return receive(connection, **hook, delivery, exchange.now);
  };
  const Result<Received> received = co_await writing(call, std::move(work));
  if (!received) co_return fail(received);
  core.metrics.count_delivery(outcome_name(received->outcome));
  if (received->news) core.services.sync_control.hinted();
  co_return exchange.reply(202);
}

}  // namespace evidenced::api
