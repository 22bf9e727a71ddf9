#include "connector/sync/session.hpp"

#include "config/log.hpp"
#include "connector/own_address.hpp"
#include "storage/crypto.hpp"
#include "storage/event_store.hpp"
#include "storage/source_store.hpp"

#include <utility>

namespace evidenced::connector {

namespace {

using namespace std::chrono_literals;
using storage::Connection;
using storage::Source;
using storage::SourceState;

constexpr std::string_view account_stream = "account";
constexpr auto second_look = 60s;
constexpr auto proof_lasts = 10min;  ///< then a 401 is given a minute again

Error expired() {
  Error error;
  error.code = "credential.expired_or_revoked";
  error.detail = "Bitbucket rejects a token that it accepted before";
  return error;
}

/// What says no more than 403 does, where it was only tried.
bool is_refusal(const Error& error) {
  return error.code == Code("upstream.unauthorized") || error.code == Code("upstream.removed");
}

Error refused_alone() {
  Error error;
  error.code = "stream.forbidden";
  error.detail = "401, though /2.0/user accepts the credential";
  return error;
}

struct Opened {
  storage::Credential credential;
  std::int64_t version = 0;
};

}  // namespace

Secret basic_authorization(const storage::Credential& credential) {
  std::string pair(credential.email.reveal());
  pair += ':';
  pair += credential.token.reveal();
  std::string encoded = storage::to_base64(pair);
  std::string value;
  value.reserve(encoded.size() + 6);
  value += "Basic ";
  value += encoded;
  wipe(pair);
  wipe(encoded);
  return Secret(std::move(value));
}

std::string account_hash(const storage::Vault& vault, const storage::Credential& credential) {
  return storage::to_hex(vault.peppered("account of an e-mail", credential.email.reveal()));
}

Result<bool> revive_source(Connection& connection, const storage::TenantScope& tenant,
                           const std::string& source_id, std::int64_t version, Timestamp now) {
  const auto info = storage::Vault::info(connection, tenant, source_id);
  if (!info) return fail(info);
  Result<Source> source = storage::find_source(connection, tenant, source_id);
  if (!source) return fail(source);
  if (info->version != version || source->state != SourceState::needs_credential) return false;
  source->state = SourceState::active;
  source->state_reason.clear();
  source->updated_at = now;
  const Result<Source> updated = storage::update_source(connection, tenant, *source);
  if (!updated) return fail(updated);
  storage::record_event(
      connection, tenant,
      {.type = "source.resumed", .source_id = source_id, .subject_id = source_id, .at = now});
  return true;
}

Session::Session(SyncContext& context)
    : context_(context),
      visitor_{context.account(),
               Budget::Use::sync,
               [this] { return basic_authorization(credential_); },
               context.bell,
               [this] { return context_.leaving(); },
               [this](Timestamp until) { return announce_wait(until); }} {}

Task<void> Session::announce_wait(Timestamp until) {
  context_.waiting_until = until;
  // What is said now stands for as long as it waits.
  context_.forget_foreseen();
  co_await context_.foresee();
  const Result<void> ignored = co_await context_.save();
}

Task<Result<void>> Session::open() {
  const Result<bool> changed = co_await reload();
  if (!changed) co_return fail(changed);
  SyncHouse& house = context_.house;
  const std::string hash = account_hash(house.services.vault, credential_);
  auto settle = [&](Connection& connection, storage::Sync&) -> Result<std::string> {
    return storage::settle_account(connection, context_.source.id, hash);
  };
  Result<std::string> account = co_await context_.commit(std::move(settle));
  if (!account) co_return fail(account);
  house.accounts[hash] = *account;
  co_await house.gate.join(hash, *account);
  visitor_.account = *account;
  context_.count_under(std::move(*account));
  co_return Result<void>{};
}

/// Whether the stored credential is another than the one in use.
Task<Result<bool>> Session::reload() {
  auto fetch = [&](Connection& connection) -> Result<Opened> {
    const auto& tenant = context_.tenant;
    Result<storage::CredentialInfo> info =
        storage::Vault::info(connection, tenant, context_.source.id);
    if (!info) return fail(info);
    auto credential = context_.house.services.vault.get(connection, tenant, context_.source.id);
    if (!credential) return fail(credential);
    return Opened{std::move(*credential), info->version};
  };
  Result<Opened> opened =
      co_await storage::read(context_.house.services.database, std::move(fetch));
  if (!opened) co_return fail(opened);
  if (opened->version == version_) co_return false;
  credential_ = std::move(opened->credential);
  version_ = opened->version;
  proven_at_.reset();
  refusing_.clear();
  co_return true;
}

Task<Result<HttpResponse>> Session::get(const bitbucket::Stream& stream, std::string target) {
  const std::string stream_name(stream.name);
  Gate::Call call;
  call.group = stream.group;
  call.target = std::move(target);
  const std::int64_t proofs = proofs_;
  Timeline::Request request(context_.timeline, stream.name);
  call.waits = &request.waits();
  for (bool first = true;; first = false) {
    co_await context_.foresee();
    const std::int64_t version = version_;
    call.sent = 0;
    context_.turn_to(call.group);
    Result<HttpResponse> response = co_await context_.house.gate.get(visitor_, call);
    context_.progress.sent(stream_name, call.sent);
    request.sent(call.sent);
    context_.waiting_until.reset();
    context_.drift.hear(stream, call.target, response);
    if (!response && stream.probe && is_refusal(response.error())) {
      response.error().code = "stream.forbidden";
    }
    if (response) hide_address(response->body, credential_.email.reveal());
    if (response || response.error().code != Code("upstream.unauthorized")) co_return response;
    const bool lives = first ? refusing_.contains(stream.name) && proven_within(second_look)
                             : proofs_ > proofs && proven_at_.has_value();
    if (lives) {
      refusing_.insert(stream.name);
      co_return std::unexpected(refused_alone());
    }
    if (!first) co_return response;
    const Result<Verdict> verdict = co_await examine(version, proofs, request.waits());
    if (!verdict) co_return fail(verdict);
    if (*verdict == Verdict::dead) co_return std::unexpected(expired());
  }
}

Task<Result<HttpResponse>> Session::ask_user() {
  Gate::Call call;
  call.target = "/2.0/user";
  Timeline::Request request(context_.timeline, account_stream);
  call.waits = &request.waits();
  context_.turn_to(call.group);
  Result<HttpResponse> response = co_await context_.house.gate.get(visitor_, call);
  context_.progress.sent(account_stream, call.sent);
  request.sent(call.sent);
  context_.waiting_until.reset();
  // A 403 means that the token lives and lacks the scope for this question.
  if (response || response.error().code == Code("credential.scope_missing")) {
    ++proofs_;
    proven_at_ = context_.clock().steady();
  }
  co_return response;
}

bool Session::proven_within(std::chrono::seconds time) const {
  return proven_at_ && context_.clock().steady() - *proven_at_ < time;
}

/// One question at a time: several walks may meet the same 401.
Task<Result<Session::Verdict>> Session::examine(std::int64_t version, std::int64_t proofs,
                                                WaitMeter& waits) {
  const Slots::Place alone = co_await examining_.enter();
  if (context_.leaving()) co_return fail("upstream.cancelled");
  if (version != version_) co_return Verdict::ask_again;
  const Result<bool> exchanged = co_await reload();
  if (!exchanged) co_return fail(exchanged);
  if (*exchanged || proofs_ > proofs) co_return Verdict::ask_again;
  if (proven_within(proof_lasts)) {
    const Result<HttpResponse> still = co_await ask_user();
    if (context_.leaving()) co_return fail("upstream.cancelled");
    if (proofs_ > proofs) co_return Verdict::ask_again;
  }
  context_.waiting_until = context_.now() + second_look;
  const Result<void> ignored = co_await context_.save();
  {
    const WaitMeter::Wait measured(&waits, context_.clock());
    co_await context_.bell.wait_for(context_.clock(), second_look);
  }
  if (context_.leaving()) co_return fail("upstream.cancelled");
  const Result<HttpResponse> answer = co_await ask_user();
  if (answer || answer.error().code != Code("upstream.unauthorized")) {
    co_return Verdict::ask_again;
  }
  const Result<Verdict> verdict = co_await give_up(version);
  co_return verdict;
}

/// The source needs a credential, unless it got one meanwhile.
Task<Result<Session::Verdict>> Session::give_up(std::int64_t version) {
  bool exchanged = false;
  auto mark = [&](Connection& connection, storage::Sync&) -> Result<void> {
    const auto& tenant = context_.tenant;
    const auto info = storage::Vault::info(connection, tenant, context_.source.id);
    exchanged = info && info->version != version;
    Result<Source> source = storage::find_source(connection, tenant, context_.source.id);
    if (!source) return fail(source);
    if (exchanged || source->state != SourceState::active) return {};
    storage::record_rejection(connection, source->id, context_.now());
    source->state = SourceState::needs_credential;
    source->state_reason = expired().code.text();
    source->updated_at = context_.now();
    if (source->next_run_at) source->next_run_at = context_.now() + knocking_round;
    const Result<Source> updated = storage::update_source(connection, tenant, *source);
    if (!updated) return fail(updated);
    storage::record_event(connection, tenant,
                          {.type = "source.needs_credential",
                           .source_id = source->id,
                           .subject_id = source->id,
                           .at = source->updated_at,
                           .facts = {{"code", source->state_reason}}});
    return {};
  };
  const Result<void> marked = co_await context_.commit(std::move(mark));
  if (!marked) co_return fail(marked);
  if (exchanged) {
    const Result<bool> reloaded = co_await reload();
    if (!reloaded) co_return fail(reloaded);
    co_return Verdict::ask_again;
  }
  log::warning("source needs a credential", {{"source", context_.source.id},
                                             {"code", expired().code.text()},
                                             {"remedy", expired().code.problem().remedy}});
  context_.halt(Halt::failed, expired());
  co_return Verdict::dead;
}

/// The source needs no other credential than the one that was just accepted.
Task<Result<void>> Session::revive() {
  auto mark = [&](Connection& connection, storage::Sync&) -> Result<bool> {
    return revive_source(connection, context_.tenant, context_.source.id, version_, context_.now());
  };
  const Result<bool> marked = co_await context_.commit(std::move(mark));
  if (!marked) co_return fail(marked);
  co_return Result<void>{};
}

Task<Result<void>> Session::knock() {
  auto look = [&](Connection& connection) -> Result<bool> {
    return storage::was_rejected_within(connection, context_.source.id, context_.now(),
                                        between_knocks);
  };
  const auto lately = co_await storage::read(context_.house.services.database, std::move(look));
  if (!lately) co_return fail(lately);
  if (*lately) co_return fail("credential.expired_or_revoked", "rejected less than an hour ago");
  const Result<HttpResponse> answer = co_await ask_user();
  if (answer || answer.error().code == Code("credential.scope_missing")) {
    const Result<void> revived = co_await revive();
    co_return revived;
  }
  if (answer.error().code != Code("upstream.unauthorized")) co_return fail(answer);
  auto record = [&](Connection& connection, storage::Sync&) -> Result<void> {
    storage::record_rejection(connection, context_.source.id, context_.now());
    return {};
  };
  const Result<void> recorded = co_await context_.commit(std::move(record));
  if (!recorded) co_return recorded;
  co_return std::unexpected(expired());
}

}  // namespace evidenced::connector
