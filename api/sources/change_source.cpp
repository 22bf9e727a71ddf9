#include "api/etag.hpp"
#include "api/sources/examine.hpp"
#include "api/sources/handlers.hpp"
#include "api/sources/source_input.hpp"
#include "api/sources/stored_workspaces.hpp"
#include "connector/sync/schedule.hpp"
#include "storage/hook_store.hpp"
#include "storage/purge.hpp"
#include "storage/sync_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::api {
namespace {

using storage::SourceState;

constexpr int artifacts_a_step = 500;
constexpr int purge_steps_at_once = 20;

/// The answer to a change, and its copy for a replay.
Result<Response> write_changed(storage::Connection& connection, Exchange& exchange,
                               storage::Source source,
                               const std::vector<Warning>* warnings = nullptr) {
  const SourceView view = load_view(connection, exchange, std::move(source), true);
  // The tag is that of the source as it is read: without the warnings of this change.
  std::string read;
  JsonOut plain(read);
  write_source(plain, view, Email::shown, exchange.now);
  JsonOut json(exchange.buffer);
  write_source(json, view, Email::shown, exchange.now, warnings);
  Response response = exchange.reply(200);
  response.set("ETag", version_etag(view.source.version, read));
  std::string stored;
  JsonOut masked(stored);
  write_source(masked, view, Email::masked, exchange.now, warnings);
  Result<void> remembered = exchange.remember(connection, response, stored);
  if (!remembered) return fail(remembered);
  return response;
}

Result<void> check_alone(storage::Connection& connection, const Exchange& exchange,
                         const storage::Source& source, std::vector<Warning>& warnings) {
  const Secret email = stored_email(connection, exchange, source.id);
  return check_overlap(connection, exchange, source, email.reveal(), warnings);
}

/// Asks every sync of the source that is not done to end; the ids of those that run.
std::vector<std::string> cancel_syncs(storage::Connection& connection, const Exchange& exchange,
                                      const std::string& source_id) {
  std::vector<std::string> running;
  for (const auto state : {storage::SyncState::queued, storage::SyncState::running}) {
    storage::SyncFilter filter;
    filter.source_ids = {source_id};
    filter.states = {state};
    for (const auto& sync : storage::list_syncs(connection, exchange.tenant(), filter)) {
      auto cancelled =
          storage::request_cancel(connection, exchange.tenant(), sync.id, exchange.now);
      if (cancelled && cancelled->state != storage::SyncState::done) running.push_back(sync.id);
    }
  }
  return running;
}

void stop(const Exchange& exchange, const std::vector<std::string>& syncs) {
  for (const std::string& id : syncs) exchange.core.services.sync_control.cancel(id);
  exchange.core.services.sync_control.wake();
}

/// Of a source of all workspaces those that are stored are none that it would have to be asked for.
bool names_new_workspace(storage::Connection& connection, const Exchange& exchange,
                         const storage::Source& before, const storage::Source& after) {
  if (after.workspaces.all) return false;
  std::vector<connector::bitbucket::Partition> stored;
  if (before.workspaces.all) stored = stored_workspaces(connection, exchange.tenant(), before.id);
  const auto is_known = [&](const std::string& slug) {
    if (std::ranges::find(before.workspaces.slugs, slug) != before.workspaces.slugs.end()) {
      return true;
    }
    return std::ranges::any_of(stored, [&](const auto& workspace) {
      return workspace.workspace == slug || workspace.workspace_uuid == slug;
    });
  };
  return !std::ranges::all_of(after.workspaces.slugs, is_known);
}

/// A source as it is, and the credential to ask Bitbucket with when it will name new workspaces.
struct Unchanged {
  storage::Source source;
  std::optional<storage::Credential> credential;
};

Result<Unchanged> read_unchanged(storage::Connection& connection, const Exchange& exchange) {
  Result<storage::Source> source = find_living_source(connection, exchange);
  if (!source) return fail(source);
  Unchanged before;
  storage::Source after = *source;
  Result<void> patched =
      apply_patch(after, exchange.body, exchange.core.services.settings.connector.default_interval);
  if (!patched) return fail(patched);
  if (names_new_workspace(connection, exchange, *source, after)) {
    auto credential = exchange.core.services.vault.get(connection, exchange.tenant(), source->id);
    if (!credential) return fail(credential);
    before.credential = std::move(*credential);
  }
  before.source = std::move(*source);
  return before;
}

/// A token, the stored one or what looks like one, in a name or tags that the change brings.
Result<void> refuse_token_in(storage::Connection& connection, const Exchange& exchange,
                             const storage::Source& before, const storage::Source& after) {
  const std::string name = after.name == before.name ? std::string() : after.name;
  const auto tags = after.tags == before.tags ? std::vector<std::string>() : after.tags;
  if (name.empty() && tags.empty()) return {};
  const auto stored = exchange.core.services.vault.get(connection, exchange.tenant(), after.id);
  return refuse_shown_token(name, tags, stored ? stored->token.reveal() : std::string_view());
}

bool same(const storage::Source& a, const storage::Source& b) {
  return a.name == b.name && a.interval == b.interval && a.tags == b.tags &&
         a.workspaces.all == b.workspaces.all && a.workspaces.slugs == b.workspaces.slugs;
}

/// `report` is of the probe, when the change names new workspaces.
Result<Response> store_change(storage::Connection& connection, Exchange& exchange,
                              const connector::ProbeReport& report) {
  Result<storage::Source> source = find_living_source(connection, exchange);
  if (!source) return fail(source);
  Result<void> allowed = allow_change(exchange.request.header("if-match"), source->version);
  if (!allowed) return fail(allowed);
  const storage::Source before = *source;
  Result<void> patched = apply_patch(*source, exchange.body,
                                     exchange.core.services.settings.connector.default_interval);
  if (!patched) return fail(patched);
  Result<void> hidden = refuse_token_in(connection, exchange, before, *source);
  if (!hidden) return fail(hidden);
  use_slugs_seen(source->workspaces, report);
  std::vector<Warning> warnings;
  if (exchange.body.find("workspaces") != nullptr) {
    Result<void> alone = check_alone(connection, exchange, *source, warnings);
    if (!alone) return fail(alone);
  }
  if (same(before, *source)) {
    return write_changed(connection, exchange, std::move(*source), &warnings);
  }
  if (source->interval != before.interval) {
    source->next_run_at = connector::next_slot(source->id, source->interval, exchange.now);
  }
  source->updated_at = exchange.now;
  Result<storage::Source> updated =
      storage::update_source(connection, exchange.tenant(), std::move(*source));
  if (!updated) return fail(updated);
  tell_of_source(connection, exchange, "source.updated", *updated);
  return write_changed(connection, exchange, std::move(*updated), &warnings);
}

}  // namespace

Task<Result<Response>> change_source(Call call) {
  Exchange& exchange = *call;
  auto look = [&](storage::Connection& connection) { return read_unchanged(connection, exchange); };
  Result<Unchanged> before = co_await reading(call, std::move(look));
  if (!before) co_return fail(before);
  connector::ProbeReport report;
  if (before->credential) {
    storage::Source after = before->source;
    Result<void> patched = apply_patch(after, exchange.body,
                                       exchange.core.services.settings.connector.default_interval);
    if (!patched) co_return fail(patched);
    report = co_await examine(call, std::move(*before->credential), std::move(after.workspaces),
                              std::nullopt);
    tell_worked_before(report);
    if (!report.valid) co_return std::unexpected(*report.error);
  }
  auto work = [&](storage::Connection& connection) {
    return store_change(connection, exchange, report);
  };
  Result<Response> response = co_await writing(call, std::move(work));
  if (response) exchange.core.services.sync_control.wake();
  co_return response;
}

Task<Result<Response>> pause_source(Call call) {
  Exchange& exchange = *call;
  std::vector<std::string> running;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Result<storage::Source> source = find_living_source(connection, exchange);
    if (!source) return fail(source);
    if (source->state != SourceState::paused) {
      running = cancel_syncs(connection, exchange, source->id);
      source->state = SourceState::paused;
      source->next_run_at.reset();
      source->updated_at = exchange.now;
      source = storage::update_source(connection, exchange.tenant(), std::move(*source));
      if (!source) return fail(source);
      tell_of_source(connection, exchange, "source.paused", *source);
    }
    return write_changed(connection, exchange, std::move(*source));
  };
  Result<Response> response = co_await writing(call, std::move(work));
  if (response) stop(exchange, running);
  co_return response;
}

Task<Result<Response>> resume_source(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Result<storage::Source> source = find_living_source(connection, exchange);
    if (!source) return fail(source);
    std::vector<Warning> warnings;
    if (source->state == SourceState::paused) {
      // Another may have taken its place meanwhile.
      Result<void> alone = check_alone(connection, exchange, *source, warnings);
      if (!alone) return fail(alone);
      // What the credential was before the pause it still is.
      const bool refused = source->state_reason.starts_with("credential.");
      source->state = refused ? SourceState::needs_credential : SourceState::active;
      source->next_run_at = exchange.now;
      source->updated_at = exchange.now;
      source = storage::update_source(connection, exchange.tenant(), std::move(*source));
      if (!source) return fail(source);
      tell_of_source(connection, exchange, "source.resumed", *source);
    }
    return write_changed(connection, exchange, std::move(*source), &warnings);
  };
  Result<Response> response = co_await writing(call, std::move(work));
  if (response) exchange.core.services.sync_control.wake();
  co_return response;
}

/// A small source is empty when the answer goes out; of a large one the scheduler removes the rest.
Task<void> purge_evidence(Call call, std::string source_id) {
  Exchange& exchange = *call;
  bool more = true;
  for (int step = 0; more && step < purge_steps_at_once; ++step) {
    auto next = [&](storage::Connection& connection) -> Result<bool> {
      return storage::purge_some(connection, exchange.tenant(), source_id, artifacts_a_step);
    };
    const Result<bool> left = co_await writing(call, std::move(next));
    if (!left) break;
    more = *left;
  }
  if (more) exchange.core.services.sync_control.wake();
}

Task<Result<Response>> delete_source(Call call) {
  Exchange& exchange = *call;
  const bool purge = exchange.query.flag("purge_evidence");
  if (purge && !exchange.has_role(admin)) {
    co_return fail("auth.forbidden", "purge_evidence needs a key with the role admin");
  }
  if (purge && !exchange.window().open()) {
    co_return fail("auth.forbidden",
                   "A key with a window purges nothing: evidence outside goes, too");
  }
  std::vector<std::string> running;
  std::string doomed;
  auto work = [&](storage::Connection& connection) -> Result<Response> {
    Result<storage::Source> source = find_named_source(connection, exchange);
    if (!source) return fail(source);
    if (source->state != SourceState::deleted) {
      Result<void> allowed = allow_change(exchange.request.header("if-match"), source->version);
      if (!allowed) return fail(allowed);
      running = cancel_syncs(connection, exchange, source->id);
      storage::Vault::wipe(connection, exchange.tenant(), source->id, exchange.now);
      storage::delete_hooks_of(connection, exchange.tenant(), source->id);
      source->state = SourceState::deleted;
      source->next_run_at.reset();
      source->updated_at = exchange.now;
      source->deleted_at = exchange.now;
      source = storage::update_source(connection, exchange.tenant(), std::move(*source));
      if (!source) return fail(source);
      tell_of_source(connection, exchange, "source.deleted", *source);
    }
    if (purge) {
      storage::request_purge(connection, exchange.tenant(), source->id, exchange.now);
      doomed = source->id;
    }
    return exchange.reply(204);
  };
  Result<Response> response = co_await writing(call, std::move(work));
  if (response) stop(exchange, running);
  exchange.core.hooks.forget();
  if (response && !doomed.empty()) co_await purge_evidence(call, std::move(doomed));
  co_return response;
}

}  // namespace evidenced::api
