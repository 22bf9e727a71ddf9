#include "api/etag.hpp"
#include "api/sources/examine.hpp"
#include "api/sources/handlers.hpp"
#include "api/sources/source_input.hpp"
#include "api/sources/stored_workspaces.hpp"
#include "config/ascii.hpp"
#include "connector/bitbucket/probe.hpp"
#include "connector/sync/schedule.hpp"
#include "connector/sync/workspace_walk.hpp"
#include "storage/collection_store.hpp"
#include "storage/sync_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::api {
namespace {

/// What a new credential is measured against.
struct OldCredential {
  storage::Source source;
  Secret email;              ///< empty when it does not open
  std::string email_masked;  ///< for when it does not
  std::vector<std::string> scopes;
  /// Those that were collected, and that the account had not lost sight of.
  std::vector<connector::bitbucket::Partition> workspaces;
};

/// If-Match names the credential, whose version is another than its source's.
Result<void> allow_rotation(storage::Connection& connection, const Exchange& exchange,
                            const std::string& source_id) {
  const auto info = storage::Vault::info(connection, exchange.tenant(), source_id);
  return allow_change(exchange.request.header("if-match"), info ? info->version : 0);
}

/// What is out of sight already is not lost by a rotation.
std::vector<connector::bitbucket::Partition> workspaces_in_sight(storage::Connection& connection,
                                                                 const storage::TenantScope& tenant,
                                                                 const std::string& source_id) {
  auto workspaces = stored_workspaces(connection, tenant, source_id);
  for (const auto& [key, walk] : storage::list_checkpoints(connection, source_id, "workspace")) {
    if (!walk.error) continue;
    for (const std::string& lost : connector::lost_from_sight(*walk.error)) {
      std::erase_if(workspaces,
                    [&lost](const auto& workspace) { return workspace.workspace == lost; });
    }
  }
  return workspaces;
}

Result<OldCredential> read_old_credential(storage::Connection& connection,
                                          const Exchange& exchange) {
  Result<storage::Source> source = find_living_source(connection, exchange);
  if (!source) return fail(source);
  Result<void> allowed = allow_rotation(connection, exchange, source->id);
  if (!allowed) return fail(allowed);
  OldCredential before;
  const auto info = storage::Vault::info(connection, exchange.tenant(), source->id);
  if (info) before.scopes = info->scopes;
  if (info) before.email_masked = info->email_masked;
  before.email = stored_email(connection, exchange, source->id);
  if (source->workspaces.all) {
    before.workspaces = workspaces_in_sight(connection, exchange.tenant(), source->id);
  }
  before.source = std::move(*source);
  return before;
}

bool collects_with(std::string_view scope) {
  const auto has = [&](auto scopes) { return std::ranges::find(scopes, scope) != scopes.end(); };
  return has(connector::bitbucket::read_scopes()) || has(connector::bitbucket::control_scopes());
}

/// What the old credential reached and the new one does not, in words; scopes that collect nothing
/// are not missed.
std::vector<std::string> losses(const OldCredential& before, const connector::ProbeReport& report) {
  std::vector<std::string> lost;
  for (const std::string& scope : before.scopes) {
    if (!report.scopes_known || !collects_with(scope)) continue;
    if (std::ranges::find(report.scopes_granted, scope) == report.scopes_granted.end()) {
      lost.push_back("scope " + scope);
    }
  }
  // Workspaces that the source names were checked by the probe. Of a list that was cut nobody
  // knows what it lacks: the next sync tells.
  if (report.workspaces_cut) return lost;
  for (const auto& workspace : before.workspaces) {
    const bool seen = std::ranges::any_of(report.workspaces, [&](const auto& visible) {
      return visible.uuid == workspace.workspace_uuid || visible.slug == workspace.workspace;
    });
    if (!seen) lost.push_back("workspace " + workspace.workspace);
  }
  return lost;
}

bool of_account(const OldCredential& before, const connector::ProbeReport& report,
                std::string_view email) {
  const std::string& known = before.source.account_uuid;
  const bool by_uuid = !known.empty() && !report.account_uuid.empty();
  // A credential that does not open is just what a rotation mends: its masked e-mail must do.
  if (!by_uuid && before.email.empty()) {
    return equal_without_case(storage::mask_email(email), before.email_masked);
  }
  return same_account(report.account_uuid, email, known, before.email.reveal());
}

Result<void> same_reach(const OldCredential& before, const connector::ProbeReport& report,
                        std::string_view email) {
  if (!of_account(before, report, email)) return fail("credential.account_mismatch");
  const auto lost = losses(before, report);
  if (lost.empty()) return {};
  return fail("credential.reach_reduced", fmt::format("Missing: {}", fmt::join(lost, ", ")));
}

void activate(storage::Source& source, Timestamp now) {
  if (source.state == storage::SourceState::needs_credential) {
    source.state = storage::SourceState::active;
  }
  if (source.state_reason.starts_with("credential.")) source.state_reason.clear();
  if (source.state == storage::SourceState::active && !source.next_run_at) {
    source.next_run_at = connector::next_slot(source.id, source.interval, now);
  }
  source.updated_at = now;
}

/// Notes an account that was not known so far.
void note_account(storage::Source& source, const connector::ProbeReport& report) {
  if (!source.account_uuid.empty() || report.account_uuid.empty()) return;
  source.account_uuid = report.account_uuid;
  source.account_name = report.account_name;
}

struct Rotation {
  storage::Credential credential;
  connector::ProbeReport report;
  storage::CredentialInfo info;
};

/// The id of the sync that will try what changed.
std::string queue_sync(storage::Connection& connection, const Exchange& exchange,
                       const std::string& source_id, storage::SyncTrigger trigger) {
  storage::SyncRequest request;
  request.source_id = source_id;
  request.trigger = trigger;
  return storage::enqueue_sync(connection, exchange.tenant(), request, exchange.now,
                               exchange.core.services.random)
      .sync.id;
}

/// Swaps the credential in one transaction. A running sync goes on with the one it has opened.
Result<Response> store(storage::Connection& connection, Exchange& exchange,
                       const Rotation& rotation) {
  Result<storage::Source> source = find_living_source(connection, exchange);
  if (!source) return fail(source);
  Result<void> allowed = allow_rotation(connection, exchange, source->id);
  if (!allowed) return fail(allowed);
  Random& random = exchange.core.services.random;
  auto sealed = exchange.core.services.vault.put(connection, exchange.tenant(), source->id,
                                                 rotation.credential, rotation.info, random);
  if (!sealed) return fail(sealed);
  activate(*source, exchange.now);
  note_account(*source, rotation.report);
  const bool paused = source->state == storage::SourceState::paused;
  source = storage::update_source(connection, exchange.tenant(), std::move(*source));
  if (!source) return fail(source);
  tell_of_source(connection, exchange, "credential.rotated", *source);
  std::string link;
  if (!paused) {
    const std::string queued =
        queue_sync(connection, exchange, source->id, storage::SyncTrigger::credential);
    link = fmt::format("</v1/syncs/{}>; rel=\"latest-sync\"", queued);
  }
  JsonOut json(exchange.buffer);
  write_credential(json, *sealed, rotation.credential.email.reveal(), exchange.now);
  Response response = exchange.reply(200);
  response.set("ETag", version_etag(sealed->version, response.body));
  if (!link.empty()) response.set("Link", link);
  std::string stored;
  JsonOut masked(stored);
  write_credential(masked, *sealed, "", exchange.now);
  Result<void> remembered = exchange.remember(connection, response, stored);
  if (!remembered) return fail(remembered);
  return response;
}

/// A source and the credential that it has.
struct Stored {
  storage::Source source;
  storage::Credential credential;
  storage::CredentialInfo info;
};

Result<Stored> read_stored(storage::Connection& connection, const Exchange& exchange) {
  Result<storage::Source> source = find_living_source(connection, exchange);
  if (!source) return fail(source);
  auto credential = exchange.core.services.vault.get(connection, exchange.tenant(), source->id);
  if (!credential) return fail(credential);
  auto info = storage::Vault::info(connection, exchange.tenant(), source->id);
  if (!info) return fail(info);
  return Stored{std::move(*source), std::move(*credential), std::move(*info)};
}

/// A sync asks again before a source waits for a credential: one refusal may be an accident.
Result<void> confirm_refusal(storage::Connection& connection, const Exchange& exchange,
                             const Stored& stored) {
  Result<storage::Source> source = find_living_source(connection, exchange);
  if (!source) return fail(source);
  const auto info = storage::Vault::info(connection, exchange.tenant(), source->id);
  const bool same_credential = info && info->version == stored.info.version;
  if (!same_credential || source->state != storage::SourceState::active) return {};
  queue_sync(connection, exchange, source->id, storage::SyncTrigger::credential);
  return {};
}

/// Notes what a probe of the stored credential told.
Result<Response> note_validation(storage::Connection& connection, Exchange& exchange,
                                 const Stored& stored, const connector::ProbeReport& report) {
  if (report.valid) {
    Result<storage::Source> source = find_living_source(connection, exchange);
    if (!source) return fail(source);
    const auto info = storage::Vault::info(connection, exchange.tenant(), source->id);
    // A rotation that came between has probed a newer credential: nothing to note then.
    if (info && info->version == stored.info.version) {
      storage::Vault::verified(connection, exchange.tenant(), source->id,
                               report.scopes_known ? report.scopes_granted : info->scopes,
                               exchange.now);
      const bool needed_one = source->state == storage::SourceState::needs_credential;
      activate(*source, exchange.now);
      note_account(*source, report);
      auto updated = storage::update_source(connection, exchange.tenant(), std::move(*source));
      if (!updated) return fail(updated);
      if (needed_one) {
        tell_of_source(connection, exchange, "source.resumed", *updated);
        queue_sync(connection, exchange, updated->id, storage::SyncTrigger::recovery);
      }
    }
  } else if (report.error->code == Code("credential.expired_or_revoked")) {
    Result<void> confirming = confirm_refusal(connection, exchange, stored);
    if (!confirming) return fail(confirming);
  }
  JsonOut json(exchange.buffer);
  write_validation(json, report);
  Response response = exchange.reply(200);
  Result<void> remembered = exchange.remember(connection, response, response.body);
  if (!remembered) return fail(remembered);
  return response;
}

}  // namespace

Task<Result<Response>> rotate_credential(Call call) {
  Exchange& exchange = *call;
  auto look = [&](storage::Connection& connection) {
    return read_old_credential(connection, exchange);
  };
  Result<OldCredential> before = co_await reading(call, std::move(look));
  if (!before) co_return fail(before);
  CredentialInput given = take_credential(exchange.body);
  Rotation rotation;
  rotation.credential = std::move(given.credential);
  storage::Credential copy{rotation.credential.email.clone(), rotation.credential.token.clone()};
  auto workspaces = before->source.workspaces;
  auto report = co_await examine(call, std::move(copy), std::move(workspaces), given.expires_at);
  if (!report.valid) co_return std::unexpected(*report.error);
  Result<void> reaches = same_reach(*before, report, rotation.credential.email.reveal());
  if (!reaches) co_return fail(reaches);
  rotation.info = info_of(report, given.expires_at, exchange.now);
  rotation.report = std::move(report);
  auto work = [&](storage::Connection& connection) {
    return store(connection, exchange, rotation);
  };
  Result<Response> response = co_await writing(call, std::move(work));
  if (response) exchange.core.services.sync_control.wake();
  co_return response;
}

Task<Result<Response>> validate_source(Call call) {
  Exchange& exchange = *call;
  auto look = [&](storage::Connection& connection) { return read_stored(connection, exchange); };
  Result<Stored> stored = co_await reading(call, std::move(look));
  if (!stored) co_return fail(stored);
  storage::Credential copy{stored->credential.email.clone(), stored->credential.token.clone()};
  std::optional<Timestamp> declared;
  if (stored->info.expiry_declared) declared = stored->info.expires_at;
  auto workspaces = stored->source.workspaces;
  auto report = co_await examine(call, std::move(copy), std::move(workspaces), declared);
  const bool asked = !report.error || !report.error->code.text().starts_with("upstream.");
  if (!asked) co_return std::unexpected(*report.error);
  tell_worked_before(report);
  auto work = [&](storage::Connection& connection) {
    return note_validation(connection, exchange, *stored, report);
  };
  Result<Response> response = co_await writing(call, std::move(work));
  if (response) exchange.core.services.sync_control.wake();
  co_return response;
}

}  // namespace evidenced::api
