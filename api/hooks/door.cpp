#include "api/hooks/door.hpp"

#include "api/limits.hpp"
#include "config/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace evidenced::api {
namespace {

constexpr std::string_view signature_name = "x-hub-signature";
constexpr std::string_view algorithm = "sha256=";

}  // namespace

Task<HookDoor::Found> HookDoor::find(std::string id, std::string peer_address, Buckets& guesses) {
  const auto at = known_.find(id);
  const bool guessing = at == known_.end();
  if (!guessing && at->second.until >= clock_.steady()) co_return at->second.hook;
  if (guessing) {
    const Buckets::Verdict verdict = guesses.take(peer_address, clock_.steady());
    if (!verdict.granted) {
      Error error;
      error.code = "quota.exceeded";
      error.retry_after_seconds = verdict.retry_after_seconds;
      co_return std::unexpected(std::move(error));
    }
  }
  const std::uint64_t generation = generation_;
  const Timestamp now = clock_.now();
  auto look = [&](storage::Connection& connection) {
    return storage::open_inbound_hook(connection, id, vault_, now);
  };
  Result<storage::OpenedHook> opened = co_await storage::query(database_, std::move(look));
  const bool there = opened || opened.error().code != Code("resource.not_found");
  if (!there) {
    known_.erase(id);
    refusals_.erase(id);
  } else if (guessing) {
    guesses.give_back(peer_address);
  }
  if (!opened) co_return fail(opened);
  auto hook = std::make_shared<const storage::OpenedHook>(std::move(*opened));
  if (generation == generation_) {
    if (known_.size() >= limits::tracked_clients) known_.clear();
    known_.insert_or_assign(id, Known{hook, clock_.steady() + limits::authentication_cache});
  }
  co_return hook;
}

void HookDoor::forget() {
  ++generation_;
  for (auto& [id, known] : known_) known.until = SteadyTime::min();
}

std::int64_t HookDoor::count_refused(const std::string& hook_id) {
  Refusals& refusals = refusals_[hook_id];
  ++refusals.count;
  const SteadyTime now = clock_.steady();
  const bool lately =
      refusals.noted != SteadyTime{} && now - refusals.noted < limits::refusals_noted;
  if (lately) return 0;
  refusals.noted = now;
  return std::exchange(refusals.count, 0);
}

std::int64_t HookDoor::refused(const std::string& hook_id) const {
  const auto found = refusals_.find(hook_id);
  return found == refusals_.end() ? 0 : found->second.count;
}

Result<void> check_signature(const Request& request, const storage::OpenedHook& hook) {
  if (!request.has(signature_name)) return fail("hook.signature_missing");
  std::string sent = request.list_header(signature_name);
  if (!sent.starts_with(algorithm)) return fail("hook.signature_invalid");
  sent = to_lower(sent.substr(algorithm.size()));
  bool good = false;
  for (const Secret& secret : hook.secrets) {
    const std::string right = storage::to_hex(storage::hmac_sha256(secret.reveal(), request.body));
    good = storage::equal_constant_time(right, sent) || good;
  }
  if (!good) return fail("hook.signature_invalid");
  return {};
}

}  // namespace evidenced::api
